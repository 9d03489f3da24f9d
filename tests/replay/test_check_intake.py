"""What an import or a run could not take in is found by a check."""

from __future__ import annotations

from laban.replay.check import check
from laban.store.finding import Finding
from laban.store.memory import MemoryLog

CUT = Finding(kind="malformed", detail="not JSON", origin="a.jsonl", line=3, raw="{cut")
GIVEN = Finding(kind="inferred", detail="Events without an id got one.", origin="a.jsonl")


def test_what_is_lost_is_a_finding_with_its_place_and_text() -> None:
    log = MemoryLog()
    log.note(CUT)

    (flaw,) = check(log)

    assert flaw.kind == "not taken in"
    assert not flaw.is_note
    assert flaw.detail == "a.jsonl, line 3: malformed: not JSON"
    assert flaw.kept == CUT


def test_what_came_in_otherwise_is_a_note_and_comes_last() -> None:
    log = MemoryLog()
    log.note(GIVEN, CUT)

    assert [(flaw.kind, flaw.is_note) for flaw in check(log)] == [
        ("not taken in", False),
        ("taken in otherwise", True),
    ]
