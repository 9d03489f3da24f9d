"""The state at any position, and who wrote it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from math import inf
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.builder import CancelledError
from laban.replay.pointer import (
    MISSING,
    UnknownPointerError,
    format_pointer,
    look_up,
    parse_pointer,
)
from laban.replay.timeline import Change, Timeline, Write, same
from laban.store.errors import LabanError, UnknownPositionError
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .logs import FIELDS, STREAMS, fold, logs, recorded

pointers = st.sampled_from(
    [format_pointer((s, f)) for s in STREAMS for f in FIELDS]
    + [format_pointer((s, f, "p")) for s in STREAMS for f in FIELDS]
    + [format_pointer((s,)) for s in STREAMS]
)


def event(stream: str = "order-1", type: str = "changed", **data: Any) -> NewEvent:
    return NewEvent(stream=stream, type=type, data=data)


@given(events=logs)
def test_seeking_equals_folding_at_every_position(events: list[NewEvent]) -> None:
    timeline = Timeline.open(recorded(events))

    for position in range(len(events) + 1):
        expected = fold(events[:position])
        assert timeline.at(position) == expected
        for stream in STREAMS:
            assert timeline.stream_at(stream, position) == expected.get(stream)
    timeline.close()


@given(events=logs, pointer=pointers)
def test_a_value_is_what_the_fold_has_at_that_path(events: list[NewEvent], pointer: str) -> None:
    timeline = Timeline.open(recorded(events))

    for position in range(len(events) + 1):
        expected = look_up(fold(events[:position]), parse_pointer(pointer))
        assert same(timeline.peek(parse_pointer(pointer), position), expected)
        if expected is MISSING:
            with pytest.raises(UnknownPointerError):
                timeline.value(pointer, position)
    timeline.close()


@given(events=logs, cuts=st.lists(st.integers(0, 14), max_size=3))
def test_an_index_that_grew_with_its_log_equals_a_rebuilt_one(
    events: list[NewEvent], cuts: list[int]
) -> None:
    log = MemoryLog()
    grown = Timeline.open(log)
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(events)], strict=True):
        log.append(*events[start:stop])
        grown.refresh()

    rebuilt = Timeline.open(log)

    for table in ("streams", "fields", "writes", "ticks", "errors", "stamp"):
        query = f"SELECT * FROM {table} ORDER BY 1"
        assert grown.index.all(query) == rebuilt.index.all(query)
    grown.close()
    rebuilt.close()


@given(events=logs)
def test_the_changes_of_an_event_lead_from_the_state_before_it_to_the_one_after(
    events: list[NewEvent],
) -> None:
    timeline = Timeline.open(recorded(events))

    for position in range(1, len(events) + 1):
        before, after = fold(events[: position - 1]), fold(events[:position])
        for change in timeline.changes(position):
            tokens = parse_pointer(change.pointer)
            assert same(change.before, look_up(before, tokens))
            assert same(change.after, look_up(after, tokens))
    timeline.close()


@given(events=logs, a=st.integers(0, 14), b=st.integers(0, 14))
def test_a_difference_applied_to_one_state_gives_the_other(
    events: list[NewEvent], a: int, b: int
) -> None:
    a, b = min(a, len(events)), min(b, len(events))
    timeline = Timeline.open(recorded(events))
    state = {name: fields for name, fields in fold(events[:a]).items() if fields}

    for change in timeline.diff(a, b):
        stream, field = parse_pointer(change.pointer)
        fields = state.setdefault(stream, {})
        assert same(fields.get(field, MISSING), change.before)
        if change.after is MISSING:
            del fields[field]
        else:
            fields[field] = change.after

    expected = fold(events[:b])
    assert {n: f for n, f in state.items() if f} == {n: f for n, f in expected.items() if f}
    timeline.close()


@given(events=logs, pointer=pointers)
def test_the_last_write_is_the_newest_entry_of_the_history(
    events: list[NewEvent], pointer: str
) -> None:
    timeline = Timeline.open(recorded(events))
    try:
        history = list(timeline.history(pointer))
    except UnknownPointerError:
        history = []

    for position in range(len(events) + 1):
        past = [write for write in history if write.position <= position]
        last = timeline.last_write(pointer, position)
        assert (last and (last.position, last.value)) == (
            (past[-1].position, past[-1].value) if past else None
        )
    timeline.close()


@given(events=logs, pointer=pointers)
def test_between_two_writes_of_a_path_its_value_stays_the_same(
    events: list[NewEvent], pointer: str
) -> None:
    timeline = Timeline.open(recorded(events))
    tokens = parse_pointer(pointer)

    position = 0
    while (following := timeline.next_write(pointer, position)) is not None:
        for between in range(position, following):
            assert same(timeline.peek(tokens, between), timeline.peek(tokens, position))
        position = following
    assert same(timeline.peek(tokens, len(events)), timeline.peek(tokens, position))
    timeline.close()


def test_history_has_every_assignment_in_order_with_removals() -> None:
    log = recorded([event(status="new"), event(other=1), event(status="new"), event(status=None)])
    log.append(NewEvent(stream="order-1", type="t", data={}, metadata={"removes": ["status"]}))
    timeline = Timeline.open(log)

    assert list(timeline.history("/order-1/status")) == [
        Write(1, "/order-1/status", "new"),
        Write(3, "/order-1/status", "new"),
        Write(4, "/order-1/status", None),
        Write(5, "/order-1/status", MISSING),
    ]
    assert timeline.changes(4) == [Change("/order-1/status", "new", None, 4)]


def test_the_states_in_turn_are_one_view_that_goes_on_and_a_history_copies_of_it() -> None:
    timeline = Timeline.open(recorded([event(n=1), event(n=2), event("order-2"), event(n=3)]))

    (first, view), (second, _), (third, last) = timeline.states("order-1")

    assert (first, second, third) == (1, 2, 4)
    assert view is last
    assert view == {"n": 3}
    with pytest.raises(TypeError, match="does not support item assignment"):
        view["n"] = 4  # type: ignore[index]
    assert [write.value["n"] for write in timeline.history("/order-1")] == [1, 2, 3]
    assert list(timeline.states("order-9")) == []


def test_a_number_past_the_largest_one_is_infinite_in_every_state() -> None:
    far = NewEvent(stream="order-1", type="t", data=JsonObject('{"far":-1e999}'))
    timeline = Timeline.open(recorded([event(n=1), far, event(n=2)]))

    *_, (_, last) = timeline.states("order-1")

    expected = {"n": 2, "far": -inf}
    assert last == timeline.stream_at("order-1", 3) == timeline.at(3)["order-1"] == expected


@pytest.mark.parametrize(
    ("pointer", "says"),
    [
        ("/order-2/status", "No stream is named 'order-2' at @2. Did you mean 'order-1'?"),
        ("/order-1/statu", "/order-1 has no 'statu'. Did you mean 'status'?"),
        ("/order-1/items/7", "/order-1/items has no '7'."),
        ("/order-1/items/01", "/order-1/items has no '01'."),
        pytest.param(f"/order-1/items/{'1' * 5000}", "items has no '1111", id="1…1"),
        ("/order-1/paid", "/order-1/paid is first written at @3, after @2."),
        ("order-1", "is no JSON Pointer: begin with a slash, as in '/order-1'."),
    ],
)
def test_a_path_without_a_value_says_what_is_there_instead(pointer: str, says: str) -> None:
    timeline = Timeline.open(recorded([event(status="new"), event(items=[1, 2]), event(paid=True)]))

    with pytest.raises(LabanError, match=re.escape(says)):
        timeline.value(pointer, 2)


@pytest.mark.parametrize("position", [-1, 3])
def test_a_position_outside_the_log_is_refused(position: int) -> None:
    timeline = Timeline.open(recorded([event(), event()]))

    for ask in (timeline.at, timeline.changes, lambda p: timeline.stream_at("order-1", p)):
        with pytest.raises(UnknownPositionError, match="the log ends at @2"):
            ask(position)


def test_causes_and_effects_are_found_by_the_recorded_ids() -> None:
    log = recorded(
        [
            NewEvent(stream="s", type="t", id="a", data={}),
            NewEvent(stream="s", type="t", id="b", data={}, causation_id="a"),
            NewEvent(stream="s", type="t", id="c", data={}, causation_id="a"),
            NewEvent(stream="s", type="t", id="d", data={}, causation_id="elsewhere"),
        ]
    )
    timeline = Timeline.open(log)

    assert [e.id for e in timeline.effects(1)] == ["b", "c"]
    assert (cause := timeline.cause(3)) is not None
    assert cause.id == "a"
    assert timeline.cause(1) is None
    assert timeline.cause(4) is None


def test_an_id_that_two_sources_share_is_resolved_to_the_nearest_event_before() -> None:
    log = recorded(
        [
            NewEvent(stream="s", type="t", id="a", source="one", data={}),
            NewEvent(stream="s", type="t", id="b", causation_id="a", data={}),
            NewEvent(stream="s", type="t", id="a", source="two", data={}),
            NewEvent(stream="s", type="t", id="c", causation_id="a", data={}),
        ]
    )
    timeline = Timeline.open(log)

    assert [e.position for p in (2, 4) if (e := timeline.cause(p))] == [1, 3]
    assert [e.id for e in timeline.effects(1)] == ["b"]
    assert [e.id for e in timeline.effects(3)] == ["c"]


@given(events=logs, columns=st.integers(1, 9))
def test_a_strip_shows_every_event_once_and_every_failure(
    events: list[NewEvent], columns: int
) -> None:
    timeline = Timeline.open(recorded(events))

    buckets = timeline.density(columns)

    covered = [p for b in buckets for p in range(b.first, b.last + 1)]
    assert covered == list(range(1, len(events) + 1))
    assert len(buckets) <= columns
    for bucket in buckets:
        inside = events[bucket.first - 1 : bucket.last]
        assert bucket.errors == sum(e.type == "payment_failed" for e in inside)
    timeline.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog.create(tmp_path / "x.laban")
    made.append(*(event(f"order-{n % 3}", n=n) for n in range(30)))
    yield made
    made.close()


def test_an_index_is_kept_and_only_what_is_new_is_added(log: SqliteLog, tmp_path: Path) -> None:
    Timeline.open(log, tmp_path).close()
    log.append(event("order-1", n="new"))
    seen: list[tuple[int, int]] = []

    timeline = Timeline.open(log, tmp_path, progress=lambda *counts: seen.append(counts))

    assert seen == [(31, 31)]
    assert timeline.value("/order-1/n", 31) == "new"
    timeline.close()


@pytest.mark.parametrize("damage", ["other log", "scrambled", "truncated", "older schema", "hash"])
def test_an_index_that_does_not_match_is_rebuilt_never_trusted(
    log: SqliteLog, tmp_path: Path, damage: str
) -> None:
    Timeline.open(log, tmp_path).close()
    index = tmp_path / "index.sqlite"
    if damage == "scrambled":
        index.write_bytes(b"\x01" * 5000)
    elif damage == "truncated":
        index.write_bytes(index.read_bytes()[:5000])
    else:
        connection = sqlite3.connect(index)
        connection.execute("UPDATE writes SET value = '\"wrong\"'")
        if damage == "other log":
            connection.execute("UPDATE stamp SET value = 'x' WHERE key = 'identity'")
        elif damage == "hash":
            connection.execute("UPDATE stamp SET value = 'x' WHERE key = 'hash'")
        else:
            connection.execute("PRAGMA user_version = 0")
        connection.commit()
        connection.close()

    timeline = Timeline.open(log, tmp_path)

    assert timeline.at(30) == fold(list(log.read()))
    timeline.close()


def test_an_index_of_a_longer_copy_of_the_log_is_rebuilt(log: SqliteLog, tmp_path: Path) -> None:
    log.close()
    older = shutil.copy(tmp_path / "x.laban", tmp_path / "older.laban")
    longer = SqliteLog.open(tmp_path / "x.laban")
    longer.append(event("order-9", n=1))
    Timeline.open(longer, tmp_path / "cache").close()
    longer.close()

    restored = SqliteLog.open(older)
    timeline = Timeline.open(restored, tmp_path / "cache")

    assert timeline.head == 30
    assert timeline.stream_at("order-9", 30) is None
    timeline.close()
    restored.close()


def test_an_index_made_by_several_at_once_is_made_once(tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "x.laban")
    log.append(*(event(f"order-{n % 3}", n=n) for n in range(30)))
    log.close()
    start = Barrier(8)

    def value(_: int) -> object:
        with closing(SqliteLog.open(tmp_path / "x.laban")) as log:
            start.wait()
            with closing(Timeline.open(log, tmp_path / "cache")) as timeline:
                return timeline.value("/order-2/n", 30)

    with ThreadPoolExecutor(8) as threads:
        values = list(threads.map(value, range(8)))

    assert values == [29] * 8


def test_an_event_with_a_million_fields_leaves_its_neighbours_alone() -> None:
    fields = {f"f{n}": n for n in range(2**20 + 10)}
    many = NewEvent(stream="wide", type="changed", data=fields)

    timeline = Timeline.open(recorded([many, event("next", n=1)]))

    assert [change.pointer for change in timeline.changes(2)] == ["/next/n"]
    assert timeline.value(f"/wide/f{2**20 + 9}", 1) == 2**20 + 9


def test_a_cancelled_build_goes_on_where_it_was(log: SqliteLog, tmp_path: Path) -> None:
    with pytest.raises(CancelledError, match="Cancelled"):
        Timeline.open(log, tmp_path, cancelled=lambda: True)

    timeline = Timeline.open(log, tmp_path)

    assert timeline.at(30) == fold(list(log.read()))
    timeline.close()


def test_every_hot_query_of_the_index_uses_an_index(log: SqliteLog) -> None:
    timeline = Timeline.open(log)
    statements: list[str] = []
    timeline.index._connection.set_trace_callback(statements.append)

    timeline.stream_at("order-1", 20)
    timeline.peek(("order-1", "n"), 20)
    timeline.changes(20)
    timeline.last_write("/order-1/n", 20)
    timeline.next_write("/order-1/n", 3)
    timeline.next_write("/order-1", 3)
    next(timeline.history("/order-1/n"))
    next(timeline.states("order-1"))
    timeline.index._connection.set_trace_callback(None)

    assert len(statements) >= 7
    for statement in statements:
        plan = timeline.index.all(f"EXPLAIN QUERY PLAN {statement}")
        scans = [row[3] for row in plan if row[3].startswith("SCAN") and "fields_of" not in row[3]]
        assert not [scan for scan in scans if scan != "SCAN CONSTANT ROW"], (statement, plan)
    timeline.close()
