"""What is read a part at a time is the same, however small the parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay import builder, index, states
from laban.replay.pointer import MISSING, format_pointer, same
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent

from .logs import FIELDS, STREAMS, fold, logs, recorded


@pytest.fixture(autouse=True)
def tiny_parts() -> Iterator[None]:
    """Parts of an event or two, so that a short log has many."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(builder, "BATCH", 3)
        patched.setattr(states, "WIDTH", 2)
        patched.setattr(states, "SIZE", 8)
        patched.setattr(states, "SPARSE", 1)
        patched.setattr(index, "FEW", 4)
        patched.setattr(index, "PAGE", 2)
        yield


@given(logs)
def test_the_history_of_a_stream_is_its_state_after_each_event_that_wrote_to_it(
    events: list[NewEvent],
) -> None:
    with closing(Timeline.open(recorded(events))) as timeline:
        for stream in {event.stream for event in events}:
            first = next(n for n, event in enumerate(events, 1) if event.stream == stream)
            expected = [
                (n, fold(events[:n])[stream])
                for n, event in enumerate(events, 1)
                if event.stream == stream and (n == first or timeline.changes(n))
            ]
            history = list(timeline.history(format_pointer((stream,))))

            assert [(write.position, write.value) for write in history] == expected


@given(logs)
def test_the_states_in_turn_are_those_that_are_looked_up(events: list[NewEvent]) -> None:
    with closing(Timeline.open(recorded(events))) as timeline:
        for stream in STREAMS:
            for position, state in timeline.states(stream):
                looked_up = timeline.stream_at(stream, position)
                assert looked_up is not None
                assert same(dict(state), looked_up)
                assert list(state) == list(looked_up)  # in the same order


def test_the_states_in_turn_may_be_too_long_for_one_text_of_sqlite() -> None:
    data = [{"x": "x" * 100, "n": n} for n in range(20)]
    log = recorded([NewEvent(stream="a", type="set", data=each) for each in data])
    with closing(Timeline.open(log)) as timeline, pytest.MonkeyPatch.context() as patched:
        patched.setattr(states, "WIDTH", 20)
        timeline.index._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 800)

        found = [state.copy() for _, state in timeline.states("a")]

    assert found == data


@given(logs, st.data())
def test_what_differs_between_two_positions_is_told_whole(
    events: list[NewEvent], data: st.DataObject
) -> None:
    a, b = data.draw(st.tuples(*[st.integers(0, len(events))] * 2))
    with closing(Timeline.open(recorded(events))) as timeline:
        changes = list(timeline.diff(a, b))

        before, after = fold(events[:a]), fold(events[:b])
        expected = {}
        for stream in STREAMS:
            for field in FIELDS:
                was, now = (s.get(stream, {}).get(field, MISSING) for s in (before, after))
                if not same(was, now):
                    expected[format_pointer((stream, field))] = (was, now)
        assert {change.pointer: (change.before, change.after) for change in changes} == expected
        assert len(changes) == len(expected)


@given(logs)
def test_the_events_of_a_source_are_counted_at_any_position(events: list[NewEvent]) -> None:
    log = recorded(events)
    with closing(Timeline.open(log)) as timeline:
        for event in reversed(list(log.read())):  # the last one first, then back
            until = [e for e in events[: event.position] if e.source == event.source]
            assert timeline.source_count(event) == len(until)


@given(logs)
def test_streams_are_counted_and_named_a_page_at_a_time(events: list[NewEvent]) -> None:
    with closing(Timeline.open(recorded(events))) as timeline:
        for position in range(len(events) + 1):
            known = list(dict.fromkeys(event.stream for event in events[:position]))
            assert timeline.stream_count(position) == len(known)
            pages = [timeline.streams(position, offset, 1) for offset in range(len(known) + 1)]
            assert pages == [*([name] for name in known), []]


@given(logs)
def test_the_whole_state_in_parts_is_the_fold(events: list[NewEvent]) -> None:
    with closing(Timeline.open(recorded(events))) as timeline:
        for position in range(len(events) + 1):
            expected = fold(events[:position])
            assert list(timeline.each_stream(position)) == list(expected.items())
