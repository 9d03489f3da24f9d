"""A database of LangGraph that grows, is open, or is imported again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from laban.store.importers import import_source
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .langgraph_desk import Desk
from .langgraph_states import (
    assert_same_states,
    of_type,
)


def test_importing_again_adds_nothing(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    first = import_source([database], log)
    findings = log.findings()
    again = import_source([database], log)

    assert (again.events, again.duplicates) == (0, first.events)
    assert (again.streams, again.sources) == (first.streams, first.sources)
    assert log.findings() == findings


def test_a_database_that_grew_adds_only_what_is_new(
    desk: Desk, database: Path, tmp_path: Path
) -> None:
    log = SqliteLog.create(tmp_path / "grown.laban")
    steps: list[Callable[[str], None]] = [desk.start, desk.answer, desk.fork, desk.answer]
    for step in steps:
        before = [event.id for event in log.read()]
        step("one")

        report = import_source([database], log)

        assert [event.id for event in log.read()][: len(before)] == before
        assert report.events == log.head() - len(before) > 0
        assert "conflict" not in {finding.kind for finding in report.findings}
        assert_same_states(log, database)
    log.close()


def test_an_import_in_steps_gives_the_events_of_one_at_the_end(desk: Desk, database: Path) -> None:
    steps, at_once = MemoryLog(), MemoryLog()

    for step in (desk.start, desk.answer, desk.fork):
        step("one")
        import_source([database], steps)
    import_source([database], at_once)

    assert {event.id: event.data.text for event in at_once.read()} == {
        event.id: event.data.text for event in steps.read() if event.type != "langgraph.pending"
    }


def test_what_a_crash_left_unfinished_is_not_lost(desk: Desk, database: Path) -> None:
    class Half(TypedDict, total=False):
        a: int
        b: int

    def fails(state: Half) -> Half:
        raise RuntimeError(f"no: {state}")

    graph = StateGraph(Half)
    graph.add_node("a", lambda _: {"a": 1})
    graph.add_node("b", fails)
    graph.add_edge(START, "a")
    graph.add_edge(START, "b")
    app = graph.compile(checkpointer=SqliteSaver(desk.connection))
    with pytest.raises(RuntimeError):
        app.invoke({"a": 0}, desk.config("half"))
    log = MemoryLog()

    report = import_source([database], log)

    (left,) = of_type(log, "pending")
    assert left.source == "a"
    assert left.metadata["writes"] == [{"channel": "a", "value": 1}]
    assert "pending" in {finding.kind for finding in report.findings}
    assert_same_states(log, database)


def test_a_database_is_read_while_its_program_has_it_open(desk: Desk, database: Path) -> None:
    desk.start("one")
    assert database.with_name("desk.sqlite-wal").stat().st_size > 0
    log = MemoryLog()

    import_source([database], log)

    assert_same_states(log, database)


def test_a_database_copied_with_its_write_ahead_log_is_read_whole(
    desk: Desk, database: Path, tmp_path: Path
) -> None:
    desk.start("one")
    (tmp_path / "copy").mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", tmp_path / "copy" / f"db{suffix}")
    log = MemoryLog()

    import_source([tmp_path / "copy"], log)

    assert_same_states(log, database)


def test_reading_leaves_no_trace(recorded: Path) -> None:
    with closing(sqlite3.connect(recorded)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    content = recorded.read_bytes()

    import_source([recorded], MemoryLog())

    assert list(recorded.parent.iterdir()) == [recorded]
    assert recorded.read_bytes() == content
