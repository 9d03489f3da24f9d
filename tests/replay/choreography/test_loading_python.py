"""Choreographies from Python files: what is wrong is one line that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from laban.replay.choreography import ChoreographyError, rules
from laban.replay.choreography.loading import load_choreography
from laban.store.errors import LabanError

TILL = "capabilities: [{name: till}]\n"
PYTHON = """
from laban.replay.choreography import Choreography
shop = Choreography("shop")
shop.capability("till")
"""


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_a_python_file_is_executed_and_its_choreography_found(tmp_path: Path) -> None:
    target = write(tmp_path / "shop.py", PYTHON + "also = shop\n")

    assert load_choreography(target).name == "shop"
    assert load_choreography(f"{target}:also").rules == [rules.Capability(name="till")]


def test_a_python_file_may_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "desk_names.py").write_text("NAME = 'desk'\n")
    alone = "import desk_names\n" + PYTHON + "shop.capability(desk_names.NAME)\n"
    package = tmp_path / "shops_package"
    package.mkdir()
    (package / "__init__.py").write_text("from . import inside\nCLERKS = inside.shop\n")
    (package / "desk_name.py").write_text("NAME = 'desk'\n")
    inside = "from .desk_name import NAME\n" + PYTHON + "shop.capability(NAME)\n"

    assert len(load_choreography(write(tmp_path / "alone.py", alone)).rules) == 2
    assert len(load_choreography(write(package / "inside.py", inside)).rules) == 2


def test_what_a_python_file_prints_is_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_choreography(write(tmp_path / "shop.py", PYTHON + "print('hello')\n"))

    assert capsys.readouterr() == ("", "hello\n")


BAD_PYTHON = {
    "syntax": ("x = (\n", "x.py, line 1: "),
    "raises": ("\n1 / 0\n", "x.py, line 2: ZeroDivisionError: division by zero"),
    "raises what is no Exception": (
        "class Odd(BaseException): pass\nraise Odd('hm')\n",
        "x.py, line 2: Odd: hm",
    ),
    "agent without a name": (
        PYTHON + "@shop.agent\nasync def sell(ctx): ...\n",
        "x.py, line 5: @agent needs the name of its capability: write @….agent('NAME').",
    ),
    "reducer without a name": (
        PYTHON + "shop.reducer(lambda state, event: state)\n",
        "x.py, line 5: @reducer needs the name of its event type",
    ),
    "agent that is not async": (
        PYTHON + "@shop.agent('till')\ndef sell(ctx): ...\n",
        "x.py, line 5: The agent of 'till' is no async function: write `async def`",
    ),
    "agent that takes nothing": (
        PYTHON + "@shop.agent('till')\nasync def sell(): ...\n",
        "x.py, line 5: The agent of 'till' is called as f(ctx): too many positional arguments.",
    ),
    "agent of no capability": (
        PYTHON + "@shop.agent('tilt')\nasync def sell(ctx): ...\n",
        "x.py: An agent is registered for 'tilt', no capability. Did you mean 'till'?",
    ),
    "reducer that is async": (
        PYTHON + "@shop.reducer('paid')\nasync def paid(state, event): ...\n",
        "x.py, line 5: The reducer of 'paid' is async: write `def`",
    ),
    "reducer that is no function": (
        PYTHON + "shop.reducer('paid')(3)\n",
        "x.py, line 5: The reducer of 'paid' is called as f(state, event), and 3 is no function.",
    ),
    "exits": ("raise SystemExit\n", "x.py, line 1: SystemExit"),
    "no choreography": ("x = 1\n", "x.py has no Choreography in it: make one at its top level."),
    "several": (
        PYTHON + "other = Choreography('other')\n",
        "x.py has several choreographies, shop, other: name one, as in x.py:shop.",
    ),
    "two reducers": (
        PYTHON + "for _ in '12':\n    shop.reducer('paid')(lambda state, event: state)\n",
        "x.py, line 6: Two reducers are declared for 'paid': let one function do it.",
    ),
    "unknown option": (
        PYTHON + "shop.sequence(event=())\n",
        "x.py, line 5: A Sequence has no option 'event'. Did you mean 'events'?",
    ),
    "a rule within": (
        PYTHON
        + "from laban.replay.choreography import Retry\n"
        + "shop.capability('desk', retry=Retry(attempts='many'))\n",
        "x.py, line 6: A Capability cannot be declared so: retry.attempts must be a whole number, ",
    ),
    "keys that are no list": (
        PYTHON + "shop.deduplicate('a', keys='no list', window_seconds=1)\n",
        "x.py, line 5: A Deduplication cannot be declared so: keys must be a list, found a text.",
    ),
    "unknown capability": (
        PYTHON + "shop.pattern(event_type='a', action='b', target_capability='tilt')\n",
        "x.py: Rule 'a→b': no capability is named 'tilt'. Did you mean 'till'?",
    ),
    "condition": (
        PYTHON
        + "shop.pattern(event_type='a', action='b', target_capability='till', condition='1 +')\n",
        "x.py: Rule 'a→b': ",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_PYTHON.values(), ids=BAD_PYTHON)
def test_a_bad_python_file_is_one_line_that_names_the_place(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.py").write_text(text)

    with pytest.raises(ChoreographyError) as caught:
        load_choreography("x.py")

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("missing.py", "There is no file missing.py"),
        ("shop.py:shp", "shop.py has no choreography 'shp'. Did you mean 'shop'?"),
        ("shop.txt", "shop.txt is neither a .py nor a .yaml file."),
        ("shop.yaml:shop", "leave :shop out"),
        ("latin.yaml", "latin.yaml is no UTF-8 text: byte 6 is wrong."),
    ],
)
def test_a_target_that_leads_nowhere_is_told_in_one_line(
    target: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.py").write_text(PYTHON)
    Path("shop.txt").write_text("")
    Path("shop.yaml").write_text(TILL)
    Path("latin.yaml").write_bytes(b"name: \xe9\n")

    with pytest.raises(LabanError) as caught:
        load_choreography(target)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
