"""Searching, bisecting and explaining, against scans that look at every position."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.replay.bisect import first_edge
from laban.replay.builder import CancelledError
from laban.replay.explain import causes, why
from laban.replay.expression import Expression, Undefined, compile_expression
from laban.replay.pointer import MISSING, UnknownPointerError
from laban.replay.scope import Scope, plain
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from tests.effort import tries

from .expressions import answers
from .logs import busy_logs, fold, logs, recorded

OF_THE_STATE = [
    "state['a']['x'] == 1",
    "state['a'].get('x', 0) == 1 or state['b/c'].get('y') is None",
    "'a' in state and 'b/c' not in state",
    "'x' in state['a']",
    "len(state) == 2",
    "len(state['a']) == 2",
    "state['a'] == {'x': 1}",
    "any('x' in s for s in state.values())",
    "state['a']['x'] != before['a']['x']",
    "before['a'].get('y') == 1 and state['a'].get('y') != 1",
    "len(state) > len(before)",
    "before['a']['x'] == 1",
    "before['a'].get('x') == state['a'].get('x') and 'y' not in before['a']",
    "len(before) == 2",
    "state['a']['x'] in state['b/c'].values()",
    "'d~e' not in state",
    "state['nowhere']['x'] == 1",
    "True",
]
OF_THE_EVENT = [
    "type == 'payment_failed'",
    "data.get('x') == 1",
    "state[stream].get('x') == 1 and position > 2",
    "event_count == 3 and source == 'two'",
    "source_event_count == 2",
    "len(recent_events) == 2",
    "data['x'] > data['y']",
]
expressions = st.sampled_from(OF_THE_STATE + OF_THE_EVENT).map(compile_expression)


def oracle(events: list[NewEvent], expression: Expression) -> list[bool]:
    """Whether the expression holds at 0, 1, 2, …; undefined is not true."""
    return [answer is True for answer in answers(events, expression)]


def matches(expression: Expression, answers: list[bool]) -> list[int]:
    """Where a search should stop: at each true event, or where the state turns true."""
    if expression.names and expression.names <= {"state", "before"}:
        return [p for p in range(1, len(answers)) if answers[p] and not answers[p - 1]]
    return [p for p in range(1, len(answers)) if answers[p]]


@given(events=busy_logs, expression=expressions)
@settings(max_examples=tries(100))
def test_the_first_edge_is_the_one_that_a_scan_of_all_positions_finds(
    events: list[NewEvent], expression: Expression
) -> None:
    timeline = Timeline.open(recorded(events))
    answers = oracle(events, expression)

    found = first_edge(timeline, expression)

    assert found.position == (answers.index(True) if True in answers else None)
    assert found.found == (True in answers)
    if found.position:
        assert (found.good, found.bad) == (found.position - 1, found.position)
        assert found.event is not None
        assert found.event.position == found.position
    assert found.guarantee == "first"
    timeline.close()


@given(events=busy_logs, expression=expressions, start=st.integers(0, 14))
@settings(max_examples=tries(100))
def test_a_search_stops_at_the_nearest_match_in_either_direction(
    events: list[NewEvent], expression: Expression, start: int
) -> None:
    start = min(start, len(events))
    timeline = Timeline.open(recorded(events))
    expected = matches(expression, oracle(events, expression))

    after = Search(timeline, expression).next(start).position
    before = Search(timeline, expression).previous(start).position

    assert after == min((p for p in expected if p > start), default=None)
    assert before == max((p for p in expected if p < start), default=None)
    timeline.close()


ABOUT_BEFORE = [compile_expression(text) for text in OF_THE_STATE if "before" in text]


@pytest.mark.parametrize("writes", list(product("01b", repeat=5)), ids="".join)
def test_a_comparison_with_the_state_before_is_made_wherever_it_may_differ(
    writes: tuple[str, ...],
) -> None:
    events = [
        NewEvent(stream="b" if w == "b" else "a", type="t", data={} if w == "b" else {"x": int(w)})
        for w in writes
    ]
    timeline = Timeline.open(recorded(events))

    for expression in ABOUT_BEFORE:
        expected = matches(expression, oracle(events, expression))
        for p in range(6):
            after = Search(timeline, expression).next(p).position
            before = Search(timeline, expression).previous(p).position
            assert after == min((e for e in expected if e > p), default=None)
            assert before == max((e for e in expected if e < p), default=None)
    timeline.close()


@given(events=logs, expression=expressions)
def test_the_value_of_an_expression_is_the_one_over_the_folded_state(
    events: list[NewEvent], expression: Expression
) -> None:
    timeline = Timeline.open(recorded(events))
    position = len(events)
    if not expression.names <= {"state", "before"}:
        return
    states = {"state": fold(events), "before": fold(events[:-1])}

    assert _outcome(expression, Scope(timeline, position)) == _outcome(expression, states)
    timeline.close()


def _outcome(expression: Expression, scope: Any) -> Any:
    try:
        return plain(expression.evaluate(scope))
    except Undefined:
        return Undefined


def flapping(times: int) -> Timeline:
    return Timeline.open(
        recorded(
            [
                NewEvent(stream=f"order-{n % 7}", type="t", data={"n": n, "flag": n % 14 == 7})
                for n in range(times)
            ]
        )
    )


def test_only_the_writes_of_what_was_read_are_probed() -> None:
    timeline = flapping(7_000)

    found = first_edge(timeline, compile_expression("state['order-3']['n'] >= 6996"))

    assert found.position == 7_000 - 3
    assert found.probes <= 1_000 + 3


def test_undefined_is_not_true_and_is_counted() -> None:
    timeline = flapping(20)

    found = first_edge(timeline, compile_expression("data['nothing'] > 1"))

    assert not found.found
    assert found.undefined == 21


def test_a_search_can_be_cancelled() -> None:
    timeline = flapping(2_000)
    looks: list[int] = []

    def cancelled() -> bool:
        looks.append(1)
        return len(looks) > 3

    with pytest.raises(CancelledError, match="Cancelled after looking at"):
        Search(timeline, compile_expression("data['n'] < 0"), cancelled).next(0)


def chain(*kinds: str) -> Timeline:
    events = [
        NewEvent(
            stream="s",
            type="t",
            id=f"e{n}",
            causation_id=f"e{n - 1}" if n else None,
            data={"n": n},
            metadata={"causation_kind": kind} if kind else {},
        )
        for n, kind in enumerate(kinds)
    ]
    return Timeline.open(recorded(events))


def test_why_gives_the_last_write_and_the_causes_down_to_the_root() -> None:
    timeline = chain("", "", "")

    answer = why(timeline, "/s/n", 2)

    assert (answer.value, answer.position, answer.event.id) == (1, 2, "e1")
    assert [event.id for event in answer.chain] == ["e1", "e0"]
    assert answer.guarantee == "recorded"


@pytest.mark.parametrize(
    ("make", "guarantee"),
    [
        (lambda: chain("", "inferred", ""), "inferred"),
        (lambda: chain("", "native"), "recorded"),
        (lambda: Timeline.open(recorded([cut()])), "incomplete"),
    ],
)
def test_why_says_how_sure_its_causes_are(make: Callable[[], Timeline], guarantee: str) -> None:
    timeline = make()

    assert why(timeline, "/s/n", timeline.head).guarantee == guarantee


def cut() -> NewEvent:
    return NewEvent(stream="s", type="t", id="e", causation_id="lost", data={"n": 1})


def test_a_circle_of_causes_ends() -> None:
    timeline = Timeline.open(
        recorded(
            [
                NewEvent(stream="s", type="t", id="a", causation_id="b", data={"n": 1}),
                NewEvent(stream="s", type="t", id="b", causation_id="a", data={"n": 2}),
            ]
        )
    )

    events, guarantee = causes(timeline, 2)

    assert ([event.id for event in events], guarantee) == (["b", "a"], "incomplete")


def test_why_of_a_removed_value_names_what_removed_it() -> None:
    removal = NewEvent(stream="s", type="t", id="r", data={}, metadata={"removes": ["n"]})
    timeline = Timeline.open(recorded([cut(), removal]))

    answer = why(timeline, "/s/n", 2)

    assert (answer.value, answer.position) == (MISSING, 2)


def test_why_of_a_path_that_was_never_written_is_an_error() -> None:
    with pytest.raises(UnknownPointerError, match="/s has no 'm'"):
        why(chain(""), "/s/m", 1)
