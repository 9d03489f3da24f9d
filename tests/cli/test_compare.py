"""`laban compare`: two logs, parts of one, foreign files, and the page it writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]


def record(path: str, *events: tuple[str, dict[str, Any]], **rest: Any) -> None:
    log = SqliteLog.create(path)
    log.append(*(NewEvent(stream=s, type="said", data=data, **rest) for s, data in events))
    log.close()


@pytest.fixture
def runs(folder: Path) -> Path:
    record("a.laban", ("x", {"n": 1}), ("y", {"n": 2}), ("x", {"n": 3}))
    record("same.laban", ("y", {"n": 2}), ("x", {"n": 1}), ("x", {"n": 3}))
    record("b.laban", ("y", {"n": 2}), ("x", {"n": 9, "m": None}), ("x", {"n": 3}))
    return folder


@pytest.mark.usefixtures("runs")
def test_equal_runs_exit_with_0_and_say_how_much_was_compared(laban: Laban) -> None:
    result = laban("compare", "a.laban", "same.laban")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "no difference: 3 events in A, 3 in B",
        "",
        "causal: nothing in the causal past of a root differs; all else comes after one",
    ]


@pytest.mark.usefixtures("runs")
def test_different_runs_exit_with_1_and_tell_root_values_and_guarantee(laban: Laban) -> None:
    result = laban("compare", "a.laban", "b.laban")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "1 root; 1 event downstream in 1 stream, 0 changed"
    assert lines[2] == "x@0 differs"
    assert [line.split() for line in lines[5:11]] == [
        ["/data/n"], ["A", "1"], ["B", "9"], ["/data/m"], ["A", "nothing"], ["B", "null"],
    ]  # fmt: skip
    assert lines[-1].startswith("causal: ")
    assert result.stderr == ""


@pytest.mark.usefixtures("runs")
def test_json_tells_null_from_nothing_and_gives_both_states(laban: Laban) -> None:
    (root,) = json.loads(laban("compare", "a.laban", "b.laban", "--json").stdout)["roots"]

    assert root["differences"] == [
        {"pointer": "/data/n", "kind": "changed", "a": 1, "b": 9},
        {"pointer": "/data/m", "kind": "added", "a": None, "b": None},
    ]
    assert root["states"] == {"a": {"n": 1}, "b": {"n": 9, "m": None}}
    assert (root["a"]["position"], root["b"]["position"], root["cause"]) == (1, 2, None)


@pytest.mark.usefixtures("runs")
def test_what_is_ignored_or_noise_in_a_baseline_does_not_count(laban: Laban) -> None:
    ignored = laban("compare", "a.laban", "b.laban", "--ignore", "/data/n", "--ignore", "/data/m")
    quiet = laban("compare", "a.laban", "b.laban", "--baseline", "b.laban")

    assert (ignored.exit_code, quiet.exit_code) == (0, 0)
    assert "noise in the baseline: /data/n, /data/m" in quiet.stdout


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("order", "status"), [("causal", 0), ("stream", 0), ("global", 1)])
def test_the_order_says_what_may_interleave(laban: Laban, order: str, status: int) -> None:
    result = laban("compare", "a.laban", "same.laban", "--order", order)

    assert result.exit_code == status
    assert result.stdout.splitlines()[-1].startswith(f"{order}: ")


def test_parts_of_one_log_are_compared(laban: Laban) -> None:
    transactions = ("--correlation", "credit-0004", "credit-0005", "--json")
    found = json.loads(laban("compare", "credit.laban", *transactions).stdout)
    itself = laban("compare", "credit.laban", "--stream", "applicant-04", "applicant-04")
    ranges = laban("compare", "credit.laban", "--range", "@1..50%", "@1..50%")

    assert [root["a"]["type"] for root in found["roots"]] == ["application_received"]
    assert (itself.exit_code, ranges.exit_code) == (0, 0)


def test_a_foreign_log_is_imported_first(
    laban: Laban, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    result = laban("compare", "credit.laban", "events.jsonl")

    assert result.exit_code == 0
    assert "importing it into" in result.stderr
    assert result.stdout.startswith("no difference")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["credit.laban"], "Name B, or two parts of A by --correlation, --stream or --range."),
        (["credit.laban", "none.laban"], "none.laban"),
        (["credit.laban", "credit.laban", "--mask", "strit"], "Did you mean 'strict'?"),
        (["credit.laban", "credit.laban", "--ignore", "/seed"], "as in '/data/seed'"),
        (["credit.laban", "credit.laban", "--ignore", "seed"], "begin with a slash"),
        (["credit.laban", "--correlation", "credit-0004", "x"], "No event of correlation 'x'"),
        (["credit.laban", "--stream", "applicant-04", "aplicant-04"], "'applicant-04'?"),
        (["credit.laban", "--range", "1", "2"], "'1' is no range: write @1..@99."),
        (["credit.laban", "--range", "@1..@9999", "@1..@2"], "the log ends at"),
        (["credit.laban", "credit.laban", "--order", "any"], "'any' is not one of"),
        (["credit.laban", "credit.laban", "--html", "none/x.html"], "none/x.html"),
    ],
)
def test_trouble_is_one_line_and_status_2(laban: Laban, args: list[str], said: str) -> None:
    result = laban("compare", *args)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


class Page(HTMLParser):
    """Collects the tags of a page, and its text outside of style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def test_the_page_is_sound_escaped_and_fetches_nothing(laban: Laban, folder: Path) -> None:
    evil = "</td><script>alert('x')</script>\x1b[31m&amp;"
    record("a.laban", (evil, {"n": evil, "list": [1, {"deep": evil}]}))
    record("b.laban", (evil, {"n": "b", evil: 2}), (evil, {}))

    result = laban("compare", "a.laban", "b.laban", "--html", "report.html")

    text = (folder / "report.html").read_text()
    page = Page(text)
    assert result.exit_code == 1
    assert page.open == []
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe"} == set()
    assert not re.search(r"https?:|url\(|@import|src=|href=", text)
    assert "\x1b" not in text
    assert evil.replace("\x1b", "\\x1b") in "".join(page.text)
    assert ("summary", {}) in page.tags  # opened and closed by the keyboard as they are
    assert "prefers-color-scheme: dark" in text
    assert result.stdout.splitlines()[0] in "".join(page.text)


@pytest.mark.usefixtures("runs")
def test_the_page_of_equal_runs_says_so(laban: Laban, folder: Path) -> None:
    laban("compare", "a.laban", "same.laban", "--html", "report.html")

    assert "no difference" in (folder / "report.html").read_text()


@pytest.mark.usefixtures("runs")
def test_a_log_without_events_is_compared_like_any_other(laban: Laban) -> None:
    record("none.laban")

    assert laban("compare", "none.laban", "none.laban").exit_code == 0
    missing = laban("compare", "none.laban", "a.laban", "--json")

    assert missing.exit_code == 1
    assert [root["stream"] for root in json.loads(missing.stdout)["roots"]] == ["x", "y"]
