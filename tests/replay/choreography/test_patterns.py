"""Which rules an event meets, in what order, and for which correlation."""

from __future__ import annotations

import pytest

from laban.replay.choreography import Choreography
from laban.store.event import Event

from .desk import Desk, asked, types


def shop() -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk", agents=("ann", "bob"))
    return choreography


def test_the_pattern_of_the_highest_priority_goes_first_and_equals_as_declared() -> None:
    choreography = shop()
    for action, priority in [("low", 1), ("first", 5), ("second", 5), ("high", 9)]:
        choreography.pattern(
            event_type="asked", action=action, target_capability="clerk", priority=priority
        )

    decisions = Desk(choreography).happens("asked")

    assert asked(decisions) == ["high", "first", "second", "low"]


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("data.get('n') > 1", True),
        ("data.get('n') > 2", False),
        ("data['missing'] == 1", False),  # undefined is not true
        ("state['order-1']['n'] == 2", True),
        ("before['order-1']['n'] == 1", True),
        ("event_count == 3", True),
        ("source_event_count == 2", True),
        ("[e['data'].get('n') for e in recent_events] == [1, 7, 2]", True),
        ("[e['data'].get('n') for e in correlated_events] == [1, 2]", True),
        ("position == 3", True),
        ("type == 'asked' and source == 'outside' and stream == 'order-1'", True),
    ],
)
def test_a_condition_sees_the_event_and_the_past_up_to_it(condition: str, matches: bool) -> None:
    choreography = shop()
    choreography.pattern(
        event_type="asked", condition=condition, action="answer", target_capability="clerk"
    )
    desk = Desk(choreography)
    desk.happens("noted", {"n": 1})
    desk.happens("noted", {"n": 7}, stream="order-2", source="elsewhere")

    decisions = desk.happens("asked", {"n": 2})

    assert asked(decisions) == ["answer"] * matches


@pytest.mark.parametrize(
    ("correlation", "data", "expected"),
    [
        ("deal", {"customer": "c7"}, "deal"),
        (None, {"customer": "c7", "basket": 3}, "c7|3"),
        (None, {"customer": "c7"}, "c7|null"),
    ],
)
def test_correlation_keys_correlate_events_that_have_no_correlation(
    correlation: str | None, data: dict[str, object], expected: str
) -> None:
    choreography = shop()
    choreography.pattern(
        event_type="asked",
        action="answer",
        target_capability="clerk",
        correlation_keys=("customer", "basket"),
    )

    decisions = Desk(choreography).happens("asked", data, correlation=correlation)

    assert [decision.correlation_id for decision in decisions] == [expected] * 2


def test_without_keys_the_stream_is_the_correlation() -> None:
    choreography = shop()
    choreography.pattern(event_type="asked", action="answer", target_capability="clerk")

    decisions = Desk(choreography).happens("asked", stream="order-9")

    assert {decision.correlation_id for decision in decisions} == {"order-9"}


@pytest.mark.parametrize("more", ["", " and event_count > 0 and recent_events"])
def test_a_transition_matches_when_its_condition_turns_true_and_not_while_it_stays_so(
    more: str,
) -> None:
    choreography = shop()
    choreography.state_transition(
        event_type="counted",
        condition=f"state['order-1']['n'] > 2{more}",
        action="restock",
        target_capability="clerk",
    )
    desk = Desk(choreography)

    actions = [asked(desk.happens("counted", {"n": n})) for n in (1, 3, 4, 2, 5)]

    assert actions == [[], ["restock"], [], [], ["restock"]]


def test_a_reducer_makes_the_state_that_conditions_see() -> None:
    choreography = shop()
    choreography.pattern(
        event_type="paid",
        condition="state['order-1']['total'] >= 30",
        action="ship",
        target_capability="clerk",
    )

    @choreography.reducer("paid")
    def paid(order: dict[str, int], event: Event) -> dict[str, int]:
        return {**order, "total": order.get("total", 0) + event.data["amount"]}

    desk = Desk(choreography)

    actions = [asked(desk.happens("paid", {"amount": 15})) for _ in range(3)]

    assert actions == [[], ["ship"], ["ship"]]


def test_decisions_in_the_log_change_nothing_a_second_time() -> None:
    choreography = shop()
    choreography.pattern(event_type="asked", action="answer", target_capability="clerk")
    desk = Desk(choreography)
    decisions = desk.happens("asked")

    again = [desk.engine.step(desk.log.get(position)) for position in range(2, 4)]

    assert types(decisions) == ["pattern.matched", "action.requested"]
    assert again == [[], []]
    assert len(desk.awaited) == 1
