"""Possible races: what no happens-before puts in an order, without mere follow-ups."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.fixtures import breaker, hybrid, orders, travel
from laban.replay.check.races import races
from laban.replay.check.races.possible import Written, unordered
from laban.store.event import NewEvent
from laban.store.importers import import_source
from laban.store.memory import MemoryLog
from tests.effort import tries


def by(position: int, source: str, cause: int, **fields: int) -> Written:
    return Written(position, source, cause, cause > 0, fields)


def pairs(*writes: Written) -> list[tuple[int, int]]:
    return [(race.first.position, race.then.position) for race in unordered(writes)]


def test_a_source_knows_what_was_in_the_log_ahead_of_its_cause() -> None:
    assert pairs(by(2, "ann", 1, x=1), by(4, "bob", 3, x=2)) == []
    assert pairs(by(2, "ann", 1, x=1), by(3, "bob", 1, x=2)) == [(2, 3)]


def test_a_source_knows_what_it_knew_before() -> None:
    assert pairs(by(2, "ann", 1, x=1), by(4, "bob", 3, y=2), by(5, "bob", 1, x=2)) == []


def test_what_follows_from_another_race_is_not_told_again() -> None:
    first = [by(2, "ann", 1, x=1, y=1), by(3, "bob", 1, x=2)]

    assert pairs(*first, by(4, "bob", 1, y=2)) == [(2, 3)]
    assert pairs(*first, by(5, "cy", 3, y=2)) == [(2, 3)]
    assert pairs(*first, by(4, "cy", 1, y=2)) == [(2, 3), (2, 4)]


def test_to_say_the_same_is_no_race_and_covers_none() -> None:
    same = [by(2, "ann", 1, x=1), by(3, "bob", 1, x=1)]

    assert pairs(*same) == []
    assert pairs(*same, by(4, "cy", 1, x=2)) == [(3, 4), (2, 4)]


@st.composite
def streams(draw: st.DrawFn) -> list[Written]:
    writes: list[Written] = []
    position = 0
    for _ in range(draw(st.integers(0, 9))):
        position += draw(st.integers(1, 2))
        cause = draw(st.integers(0, position - 1))
        source = draw(st.sampled_from("abc"))
        judged = draw(st.sampled_from([True, True, True, False]))
        fields = draw(st.dictionaries(st.sampled_from("xy"), st.integers(1, 2), max_size=2))
        writes.append(Written(position, source, cause, judged, fields))
    return writes


@settings(max_examples=tries(200))
@given(streams())
def test_the_races_told_are_those_that_no_order_and_no_other_race_covers(
    writes: list[Written],
) -> None:
    before = {
        (a, b)
        for a, b in combinations(range(len(writes)), 2)
        if writes[a].source == writes[b].source or writes[a].position <= (writes[b].cause or 0)
    }
    ordered, racing = closed(before), set[tuple[int, int]]()
    for b, write in enumerate(writes):
        overwritten = closed(before | racing)
        racing |= {
            (a, b)
            for a in range(b)
            if write.judged and (a, b) not in ordered and conflicting(writes, a, b, overwritten)
        }
    expected = {
        (writes[a].position, writes[b].position)
        for a, b in racing
        if (a, b) not in closed(before | racing - {(a, b)})
    }

    told = pairs(*writes)

    assert len(told) == len(set(told))
    assert set(told) == expected


def closed(order: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the transitive closure of an order."""
    while more := {(a, d) for a, b in order for c, d in order if b == c} - order:
        order = order | more
    return order


def conflicting(writes: list[Written], a: int, b: int, overwritten: set[tuple[int, int]]) -> bool:
    """Tell whether *b* writes another value over one of *a* that nobody overwrote in order."""
    return any(
        writes[a].fields[field] != writes[b].fields[field]
        and not any((a, m) in overwritten and field in writes[m].fields for m in range(a + 1, b))
        for field in writes[a].fields.keys() & writes[b].fields.keys()
    )


def test_a_source_that_records_its_reads_is_not_suspected_for_what_it_does_not_read() -> None:
    log = MemoryLog()
    log.append(
        NewEvent(stream="s", type="t", source="ann", id="a", data={"x": 1}),
        NewEvent(stream="s", type="t", source="ann", data={"x": 2}, causation_id="a"),
        NewEvent(
            stream="s", type="t", source="bob", data={"x": 3}, causation_id="a",
            metadata={"reads": {}},
        ),
    )  # fmt: skip

    assert races(log) == []


GRAPH = Path(travel.__file__).with_name("langgraph_small.sqlite")


@pytest.mark.parametrize("story", [orders, breaker, hybrid, travel])
def test_the_demos_in_which_no_race_is_planted_have_none(story: object) -> None:
    log = MemoryLog()
    story.record(log)  # type: ignore[attr-defined]

    assert races(log) == []


def test_the_steps_of_a_graph_that_merges_what_its_nodes_write_are_no_race() -> None:
    log = MemoryLog()
    import_source([GRAPH], log)

    assert log.head() > 0
    assert races(log) == []
