from __future__ import annotations

import json
import re
import sys
from io import StringIO
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.cli import output
from laban.cli.output import Progress, print_json
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.memory import MemoryLog
from laban.store.terminal import cells, fit, safe


@given(text=st.text(), width=st.integers(1, 40))
def test_what_is_fitted_never_takes_more_cells_than_given(text: str, width: int) -> None:
    fitted = fit(text, width)

    assert sum(map(cells, fitted)) <= width
    assert fitted == text or fitted.endswith("…")


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("waltz", 5, "waltz"),
        ("waltzes", 5, "walt…"),
        ("踊り子です", 6, "踊り…"),
        ("waltz", None, "waltz"),
        ("waltz", 0, ""),
    ],
)
def test_a_cut_is_marked(text: str, width: int | None, fitted: str) -> None:
    assert fit(text, width) == fitted


@given(text=st.text())
def test_nothing_printed_can_steer_a_terminal(text: str) -> None:
    assert not set(safe(text)) & {chr(code) for code in (*range(32), *range(127, 160))}


def test_letters_of_every_script_are_kept() -> None:
    assert safe("Grüße, 踊り 💃\x1b[2J\u202e") == "Grüße, 踊り 💃\\x1b[2J\\u202e"


@pytest.mark.parametrize(
    "value",
    [10**30, 0.1, "é", "\ud800", {"a": [None, True, 1e-7]}, "", [inf, -inf, '"Infinity'], "x\ny"],
)
def test_json_is_one_line_and_exact(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"value": value})

    shown = capsys.readouterr().out
    assert shown.encode().count(b"\n") == 1
    assert "Infinity," not in shown
    assert json.loads(shown) == {"value": value}


def test_events_in_json_are_exactly_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    log = MemoryLog()
    log.append(NewEvent(stream="waltz", type="Asked", data=JsonObject('{"b": 1.10, "a": 1e400}')))

    print_json({"event": log.get(1), "chain": [log.get(1)]})

    assert capsys.readouterr().out.count('"data":{"b": 1.10, "a": 1e400}') == 2


def test_no_progress_is_drawn_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("indexing") as advance:
        advance(1, 2)

    assert capsys.readouterr() == ("", "")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "GRACE_S", 0)
    monkeypatch.setattr(output, "REDRAW_S", 0)
    monkeypatch.setattr("sys.stderr", shown := Terminal())

    with Progress("indexing") as advance:
        advance(250, 1000)

    assert re.fullmatch(
        r"\r\x1b\[Kindexing: 250 of 1,000 events, 25 %, about \d+ s left\r\x1b\[K",
        shown.getvalue(),
    )


def test_progress_of_short_work_is_never_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "GRACE_S", 1000)
    monkeypatch.setattr("sys.stderr", shown := Terminal())

    with Progress("indexing") as advance:
        advance(250, 1000)

    assert shown.getvalue() == ""


def test_json_on_a_terminal_cannot_steer_it_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile = to_json({"é": "\x1b[2J \x7f \x9b2J \u202e"})

    assert output.harmless(hostile) == hostile

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = output.harmless(hostile)

    assert json.loads(shown) == json.loads(hostile)
    assert shown.replace("é", "e").isascii()
    assert "\x7f" not in shown
