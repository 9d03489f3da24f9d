"""`laban fork`: a new log, the old one as it was, and nothing at all when it cannot be."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import Popen

import pytest
from click.testing import Result

from laban.store import open_log

Laban = Callable[..., Result]

EDIT = ("fork", "credit.laban", "--at", "@266", "--set", '/data/rating="medium"')


@pytest.fixture
def bank(folder: Path) -> str:
    (folder / "bank.py").write_text("from laban.fixtures.credit import bank\n")
    return "bank.py"


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".cache")}


def test_a_fork_is_a_log_and_its_original_keeps_every_byte(
    laban: Laban, folder: Path, bank: str
) -> None:
    before = sha256((folder / "credit.laban").read_bytes()).digest()

    made = laban(*EDIT, "--choreography", bank, "--stand-in", "nearest", "-o", "new.laban")

    state = laban("state", "new.laban", "/applicant-04/approved", "--json")
    compared = laban("compare", "credit.laban", "new.laban", "--json")
    roots = json.loads(compared.stdout)["roots"]
    assert made.exit_code == 0, made.stderr
    assert "514 as recorded, 3 stood in (nearest), 2 not needed any more" in made.stdout
    assert "laban compare credit.laban new.laban" in made.stderr
    assert json.loads(state.stdout)["value"] is True
    assert [root["a"]["position"] for root in roots] == [266]
    assert sha256((folder / "credit.laban").read_bytes()).digest() == before


def test_without_rules_it_says_that_nothing_reacts_and_what_stays(laban: Laban) -> None:
    made = laban("fork", "credit.laban", "--at", "@266", "--drop", "-o", "new.laban")

    assert made.exit_code == 0
    assert "Nothing reacts: give --choreography" in made.stderr
    assert "9 events came of it, directly or not, and stay: --with-effects" in made.stderr


def test_a_missing_stand_in_is_named_and_leaves_nothing(
    laban: Laban, folder: Path, bank: str
) -> None:
    before = files(folder)

    made = laban(*EDIT, "--choreography", bank, "-o", "new.laban")

    assert (made.exit_code, made.stdout) == (2, "")
    assert made.stderr.startswith(
        "laban: @269 'decide' (decision, in credit-0004) has other inputs"
    )
    assert made.stderr.count("\n") == 1
    assert files(folder) == before


def test_other_rules_are_a_fork_without_an_edit(laban: Laban, folder: Path) -> None:
    (folder / "strict.py").write_text(
        "from laban.fixtures.credit import Bank\n"
        "bank = Bank({}).choreography()\n"
        "bank.pattern(event_type='offer_accepted', action='audit', target_capability='intake')\n"
    )
    (folder / "say.json").write_text('{"audit": {"publish": [{"type": "audited"}]}}')

    made = laban(
        "fork", "credit.laban", "--choreography", "strict.py:bank",
        "--stand-in", "constant=say.json", "-o", "new.laban", "--json",
    )  # fmt: skip

    answer = json.loads(made.stdout)
    accepted = laban("log", "credit.laban", "--where", "type == 'offer_accepted'", "--json")
    assert (answer["same_rules"], answer["gone"]) == (False, 0)
    assert answer["stood_in"] == {"constant": len(accepted.stdout.splitlines())}


def test_events_are_inserted_from_a_file(laban: Laban, folder: Path) -> None:
    (folder / "more.jsonl").write_text('{"stream": "x", "type": "y", "id": "1"}\n')

    made = laban("fork", "credit.laban", "--at", "@3", "--insert", "more.jsonl", "-o", "new.laban")

    log = open_log(folder / "new.laban")
    assert made.exit_code == 0
    assert (log.get(4).type, log.head()) == ("y", 2584)
    log.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--at", "@266", "--set", "/data/ratin=1"], "Did you mean 'rating'?"),
        (["--at", "@266", "--set", "/data/rating"], "gives no value: write /data/rating=JSON"),
        (["--at", "@266", "--set", "/data/rating=medium"], "a text needs quotes, '\"medium\"'"),
        (["--at", "@268", "--drop"], "is a decision, pattern.matched"),
        (["--at", "@0", "--drop"], "@0 is before the first event"),
        (["--at", "@266", "--before", "@9999"], "There is no event @9999"),
        (["--at", "@266"], "Nothing is changed"),
        (["--drop"], "Name the event to edit by --at"),
        (["--at", "@5", "--insert", "damaged.jsonl"], "damaged.jsonl, line 2: "),
        (["--at", "@5", "--insert", "empty.jsonl"], "empty.jsonl holds no event"),
        (["--at", "@5", "--insert", "none.jsonl"], "none.jsonl: No such file"),
        (["--at", "@5", "--drop", "--stand-in", "fail"], "give --choreography, too"),
        (["--choreography", "bank.py", "--stand-in", "any"], "There is no stand-in 'any'"),
        (["--choreography", "bank.py", "--stand-in", "constant=x"], "x: No such file"),
        (["--choreography", "bank.py", "--stand-in", "constant={}x"], "cannot be read"),
        (["--choreography", "bank.py", "--with-effects"], "--with-effects goes with --drop"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line_and_leaves_nothing(
    laban: Laban, folder: Path, bank: str, options: list[str], message: str
) -> None:
    (folder / "damaged.jsonl").write_text('{"stream": "a", "type": "b"}\n{"stream":\n')
    (folder / "empty.jsonl").touch()
    before = files(folder)

    made = laban("fork", "credit.laban", *options, "-o", "new.laban")

    assert bank in before
    assert (made.exit_code, made.stdout) == (2, "")
    assert message in made.stderr
    assert made.stderr.count("\n") == 1
    assert files(folder) == before


def test_a_log_that_is_there_is_never_written_to(laban: Laban, folder: Path) -> None:
    (folder / "new.laban").write_text("mine")

    made = laban("fork", "credit.laban", "--at", "@5", "--drop", "-o", "new.laban")

    assert made.exit_code == 2
    assert "new.laban exists already" in made.stderr
    assert (folder / "new.laban").read_text() == "mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_half_log_is_left_by_an_interruption(
    process: Callable[..., Popen[str]], folder: Path, number: signal.Signals
) -> None:
    (folder / "slow.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "from laban.fixtures.credit import Bank\n"
        "bank = Bank({}).choreography()\n"
        "@bank.reducer('offer_accepted')\n"
        "def slow(state, event):\n"
        "    Path('reached').touch()\n"
        "    time.sleep(0.05)\n"
        "    return {**state, 'n': 1}\n"
        "bank.state_transition(event_type='never', condition='state', action='a',\n"
        "    target_capability='intake')\n"
    )
    running = process("fork", "credit.laban", "--choreography", "slow.py", "-o", "new.laban")
    until = time.monotonic() + 60
    while not (folder / "reached").exists() and time.monotonic() < until:
        time.sleep(0.02)

    running.send_signal(number)
    running.wait(30)

    assert (folder / "reached").exists()
    assert running.returncode != 0
    assert not (folder / "new.laban").exists()
    if number == signal.SIGINT:
        assert [name for name in files(folder) if "new.laban" in name] == []
