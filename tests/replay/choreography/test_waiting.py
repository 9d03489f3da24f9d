"""Rules that wait for more than one event: sequences, temporal sequences, thresholds."""

from __future__ import annotations

import pytest

from laban.replay.choreography import Choreography, ChoreographyError
from laban.replay.choreography.engine import timer_event
from laban.store.clock import SECOND

from .desk import Desk, asked, only, types


def sequence(*events: str, max_interval: float | None = None) -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    choreography.sequence(
        sequence_id="buying",
        events=events,
        max_interval=max_interval,
        action="thank",
        target_capability="clerk",
    )
    return choreography


def temporal(*required: str, window: float = 10.0) -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    choreography.temporal_sequence(
        sequence_id="ready",
        trigger_event="ordered",
        required_events=required,
        time_window=window,
        action="ship",
        target_capability="clerk",
    )
    return choreography


def test_a_sequence_advances_in_order_whatever_comes_in_between_and_requests_its_action() -> None:
    desk = Desk(sequence("ordered", "paid", "shipped"))

    steps = [desk.happens(t) for t in ("paid", "ordered", "ordered", "paid", "noted", "shipped")]

    assert [types(step) for step in steps] == [
        [],
        ["sequence.advanced"],
        [],
        ["sequence.advanced"],
        [],
        ["sequence.completed", "action.requested"],
    ]
    assert only(steps[1], "sequence.advanced") == {"done": 1, "of": 3}


def test_each_correlation_goes_through_a_sequence_on_its_own() -> None:
    desk = Desk(sequence("ordered", "paid"))
    desk.happens("ordered", stream="order-1")

    elsewhere = desk.happens("paid", stream="order-2")
    here = desk.happens("paid", stream="till", correlation="order-1")

    assert types(elsewhere) == []
    assert asked(here) == ["thank"]
    assert {decision.correlation_id for decision in here} == {"order-1"}


def test_a_sequence_of_one_event_is_complete_with_it() -> None:
    assert asked(Desk(sequence("ordered")).happens("ordered")) == ["thank"]


def test_a_sequence_may_name_a_type_more_than_once() -> None:
    desk = Desk(sequence("asked", "asked", "told"))

    decisions = [desk.happens(type) for type in ("asked", "told", "asked", "told")]

    assert [asked(step) for step in decisions] == [[], [], [], ["thank"]]


def test_the_interval_of_a_sequence_counts_from_its_last_event_and_its_end_is_inside() -> None:
    desk = Desk(sequence("ordered", "paid", "shipped", max_interval=10))
    desk.happens("ordered")
    waited = desk.wait(10)
    desk.happens("paid")
    waited += desk.wait(10)

    decisions = desk.happens("shipped")

    assert waited == []
    assert asked(decisions) == ["thank"]
    assert desk.wait(100) == []


def test_a_sequence_times_out_by_a_timer_and_may_begin_again() -> None:
    desk = Desk(sequence("ordered", "paid", max_interval=10))
    desk.happens("ordered")

    timed_out = desk.wait(11)

    assert types(timed_out) == ["sequence.timed_out"]
    assert timed_out[0].metadata["removes"] == ["buying/order-1"]
    assert types(desk.happens("paid")) == []
    assert types(desk.happens("ordered")) == ["sequence.advanced"]
    assert asked(desk.happens("paid")) == ["thank"]


def test_an_event_that_comes_late_and_before_the_timer_ends_the_sequence_itself() -> None:
    desk = Desk(sequence("ordered", "paid", max_interval=10))
    desk.happens("ordered")
    desk.now_ns += 11 * SECOND  # no timer was recorded meanwhile

    decisions = desk.happens("paid")

    assert types(decisions) == ["sequence.timed_out"]
    assert desk.engine.timers.next() is None


def test_a_timer_that_was_moved_before_it_was_recorded_does_nothing() -> None:
    desk = Desk(sequence("ordered", "paid", "shipped", max_interval=10))
    desk.happens("ordered")
    timer = desk.engine.timers.next()
    assert timer is not None
    desk.wait(9)
    desk.happens("paid")

    decisions = desk.take(timer_event(timer, timer.due_ns))

    assert decisions == []
    assert asked(desk.happens("shipped")) == ["thank"]


def test_an_event_that_says_an_earlier_time_does_not_turn_the_clock_back() -> None:
    desk = Desk(sequence("ordered", "paid", max_interval=10))
    desk.happens("ordered")
    began, later = desk.now_ns, desk.now_ns + 8 * SECOND
    desk.now_ns = later
    desk.happens("noted")
    desk.now_ns = began

    (advanced,) = desk.happens("ordered", stream="order-2")

    assert advanced.time_ns == later
    assert [timer.due_ns for timer in desk.engine.timers.due(later + 11 * SECOND)] == [
        began + 10 * SECOND + 1,
        later + 10 * SECOND + 1,
    ]


def test_a_temporal_sequence_takes_its_events_in_any_order_within_its_window() -> None:
    desk = Desk(temporal("paid", "packed"))

    early = desk.happens("packed")
    steps = [desk.happens("ordered"), desk.happens("packed"), desk.happens("packed")]
    waited = desk.wait(10)
    last = desk.happens("paid")

    assert early == []
    assert [types(step) for step in steps] == [["sequence.advanced"], ["sequence.advanced"], []]
    assert only(steps[1], "sequence.advanced") == {"paid": False, "packed": True}
    assert waited == []
    assert asked(last) == ["ship"]
    assert desk.wait(100) == []


@pytest.mark.parametrize("timer", [True, False], ids=["by a timer", "by the next event"])
def test_a_temporal_sequence_is_over_when_its_window_is(timer: bool) -> None:
    desk = Desk(temporal("paid"))
    desk.happens("ordered")
    decisions = desk.wait(11) if timer else []
    desk.now_ns += 11 * SECOND

    decisions += desk.happens("paid")

    assert types(decisions) == ["sequence.timed_out"]
    assert desk.engine.timers.next() is None


def test_a_threshold_counts_within_its_window_across_correlations_and_begins_anew() -> None:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    choreography.threshold_pattern(
        event_type="failed",
        threshold=3,
        time_window=10,
        action="alarm",
        target_capability="clerk",
    )
    desk = Desk(choreography)

    reached = []
    for second in range(0, 40, 4):  # of 0, 4, 8 the third; of 12, 16, 20 the third; …
        reached += [second] * bool(asked(desk.happens("failed", stream=f"order-{second}")))
        desk.wait(4)

    assert reached == [8, 20, 32]


def test_events_further_apart_than_the_window_never_reach_a_threshold() -> None:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    for threshold, window in ((2, 5.0), (2, 50.0)):
        choreography.threshold_pattern(
            event_type="failed",
            threshold=threshold,
            time_window=window,
            action="alarm",
            target_capability="clerk",
        )
    desk = Desk(choreography)
    desk.happens("failed")
    desk.wait(5)

    decisions = desk.happens("failed")

    assert types(decisions) == ["threshold.reached", "action.requested"]  # of the wider one


def test_two_sequences_of_one_name_are_refused() -> None:
    choreography = sequence("ordered", "paid")
    choreography.temporal_sequence(
        sequence_id="buying",
        trigger_event="ordered",
        required_events=("paid",),
        time_window=1.0,
        action="ship",
        target_capability="clerk",
    )

    with pytest.raises(ChoreographyError, match="Two rules declare the sequence 'buying'"):
        _ = choreography.plan
