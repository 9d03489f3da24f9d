"""Edges of expressions, against a scan that looks at every position."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.replay.bisect import Bisection, assume_monotone, edges, first_edge, last_good
from laban.replay.builder import CancelledError
from laban.replay.expression import Expression, compile_expression
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, UnknownPositionError
from laban.store.event import NewEvent
from tests.effort import tries

from .expressions import answers, expressions
from .logs import busy_logs, recorded


class Case(NamedTuple):
    """A log, a test, a range of positions, and what a scan says of each of these."""

    timeline: Timeline
    expression: Expression
    first: int
    last: int
    answers: list[bool | None]  # from *first*

    @property
    def scan(self) -> list[bool]:
        return [answer is True for answer in self.answers]

    @property
    def range(self) -> dict[str, Any]:
        return {"first": self.first, "last": self.last}

    def turns(self) -> list[tuple[int, bool]]:
        pairs = zip(self.scan, self.scan[1:], strict=False)
        return [(self.first + n, now) for n, (was, now) in enumerate(pairs, 1) if was != now]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    events = draw(busy_logs)
    expression = draw(expressions)
    first, last = sorted(draw(st.tuples(*[st.integers(0, len(events))] * 2)))
    if draw(st.booleans()):
        first, last = 0, len(events)
    found = answers(events, expression)[first : last + 1]
    return Case(Timeline.open(recorded(events)), expression, first, last, found)


def assert_names_edge(case: Case, found: Bisection, position: int | None) -> None:
    starts = position is None or position == case.first
    assert (found.found, found.position, found.bad) == (position is not None, position, position)
    assert found.good == (None if starts or position is None else position - 1)
    assert (found.event.position if found.event else 0) == (position or 0)
    assert (found.first, found.last) == (case.first, case.last)


@given(case=cases())
@settings(max_examples=tries(100), deadline=None)
def test_the_first_edge_is_the_one_that_a_scan_finds_first(case: Case) -> None:
    found = first_edge(case.timeline, case.expression, **case.range)

    expected = case.first + case.scan.index(True) if True in case.scan else None
    assert_names_edge(case, found, expected)
    assert found.guarantee == "first"
    case.timeline.close()


@given(case=cases())
@settings(max_examples=tries(100), deadline=None)
def test_the_last_good_position_is_the_last_one_that_a_scan_finds(case: Case) -> None:
    found = last_good(case.timeline, case.expression, **case.range)

    falses = [n for n, holds in enumerate(case.scan) if not holds]
    since = case.first + (max(falses) + 1 if falses else 0)
    assert_names_edge(case, found, since if case.scan[-1] else None)
    assert found.guarantee == "last"
    case.timeline.close()


@given(case=cases(), limit=st.none() | st.integers(0, 5))
@settings(max_examples=tries(100), deadline=None)
def test_all_edges_are_those_of_a_scan_in_both_directions(case: Case, limit: int | None) -> None:
    found = edges(case.timeline, case.expression, **case.range, limit=limit)

    turns = case.turns()
    assert [(edge.position, edge.turns) for edge in found.edges] == turns[:limit]
    assert all({edge.good, edge.bad} == {edge.position - 1, edge.position} for edge in found.edges)
    assert all(not case.scan[edge.good - case.first] for edge in found.edges)
    assert found.edge_count == len(turns)
    assert found.position == (case.first + case.scan.index(True) if True in case.scan else None)
    spread = [holds for i in found.intervals for holds in [i.holds] * (i.last - i.first + 1)]
    assert spread == case.scan[: len(spread)]
    assert len(found.intervals) == len(found.edges) + 1
    case.timeline.close()


@given(case=cases())
@settings(max_examples=tries(100), deadline=None)
def test_halving_finds_an_edge_and_the_first_one_of_what_stays_true(case: Case) -> None:
    found = assume_monotone(case.timeline, case.expression, **case.range)

    assert_names_edge(case, found, found.position)
    assert found.found == (case.scan[0] or case.scan[-1])
    assert bool(found.contradiction) == (case.scan[0] and not case.scan[-1])
    assert found.guarantee == ("edge" if found.contradiction else "monotone-assumed")
    assert found.probes <= log2(len(case.scan)) + 2
    if found.position is not None and found.position > case.first:
        assert (found.position, True) in case.turns()
    if case.scan == sorted(case.scan):
        expected = case.first + case.scan.index(True) if True in case.scan else None
        assert found.position == expected
    case.timeline.close()


@given(events=st.lists(st.integers(0, 5), min_size=1, max_size=300), limit=st.integers(1, 6))
@settings(deadline=None)
def test_halving_a_count_takes_log_n_probes(events: list[int], limit: int) -> None:
    timeline = Timeline.open(
        recorded([NewEvent(stream="s", type="t", data={"n": n}) for n in sorted(events)])
    )
    test = compile_expression(f"state['s']['n'] >= {limit}")

    halved = assume_monotone(timeline, test)

    assert halved.position == first_edge(timeline, test).position
    assert halved.probes <= log2(len(events) + 1) + 2
    timeline.close()


@given(case=cases())
@settings(max_examples=tries(75), deadline=None)
def test_what_has_no_value_is_counted(case: Case) -> None:
    found = edges(case.timeline, case.expression, **case.range)

    undefined = case.answers.count(None)
    assert min(undefined, 1) <= found.undefined <= undefined
    case.timeline.close()


def numbers(*values: int) -> Timeline:
    events = [NewEvent(stream="s", type="t", data={"n": value}) for value in values]
    return Timeline.open(recorded(events))


def test_true_at_the_start_and_not_at_the_end_is_no_monotone_test() -> None:
    found = assume_monotone(numbers(1, 2, 3), compile_expression("'s' not in state"))

    assert (found.position, found.guarantee) == (0, "edge")
    assert found.contradiction == "true at @0 and not at @3: it does not stay true"


def test_the_last_edge_costs_nothing_for_what_came_before() -> None:
    timeline = numbers(*[n % 2 for n in range(2_001)], 5, 5)

    found = last_good(timeline, compile_expression("state['s']['n'] == 5"))

    assert (found.good, found.bad, found.probes) == (2_001, 2_002, 3)


def test_a_range_outside_of_the_log_is_refused() -> None:
    with pytest.raises(UnknownPositionError):
        first_edge(numbers(1), compile_expression("True"), last=2)


@pytest.mark.parametrize("find", [first_edge, last_good, edges, assume_monotone])
def test_a_range_that_holds_no_position_is_refused(find: Callable[..., Bisection]) -> None:
    with pytest.raises(LabanError, match="@1 is before @2: there is nothing to test"):
        find(numbers(1, 2), compile_expression("True"), first=2, last=1)


def test_a_bisection_can_be_cancelled_and_shows_how_far_it_is() -> None:
    timeline = numbers(*range(2_000))
    seen: list[tuple[int, int]] = []

    with pytest.raises(CancelledError, match="after looking at 600 positions"):
        first_edge(
            timeline,
            compile_expression("data['n'] < 0"),
            lambda: len(seen) > 3,
            lambda done, total: seen.append((done, total)),
        )

    assert seen == [(0, 2000), (200, 2000), (400, 2000), (600, 2000)]


def test_the_last_hundred_events_are_those_of_the_whole_log_wherever_a_pass_begins() -> None:
    timeline = numbers(*range(300))
    test = compile_expression("recent_events[0]['data']['n'] == 170 and len(recent_events) == 100")

    assert [first_edge(timeline, test, first=first).bad for first in (0, 99, 200, 269)] == [270] * 4
    assert first_edge(timeline, test, first=271).bad is None
