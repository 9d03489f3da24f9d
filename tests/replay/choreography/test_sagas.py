"""Sagas: forward, and back."""

from __future__ import annotations

from laban.replay.choreography import Choreography, Retry, SagaStep

from .desk import Decisions, Desk, asked, only, types


def trip(retry: Retry | None = None) -> Desk:
    """Flight, hotel (nothing to undo), car, then the payment."""
    choreography = Choreography("travel")
    choreography.capability("desk", retry=retry)
    choreography.saga(
        saga_id="trip",
        start_event="trip_asked",
        condition="data.get('days', 0) > 0",
        steps=(
            SagaStep(execute="fly", compensate="cancel_flight", target_capability="desk"),
            SagaStep(execute="sleep", target_capability="desk"),
            SagaStep(execute="drive", compensate="return_car", target_capability="desk"),
            SagaStep(execute="pay", compensate="refund", target_capability="desk"),
        ),
    )
    return Desk(choreography)


def complete(desk: Desk, steps: int) -> Decisions:
    decisions = desk.happens("trip_asked", {"days": 3})
    for _ in range(steps):
        decisions = desk.completed(desk.awaited[0])
    return decisions


def test_a_saga_executes_one_step_after_the_other_and_is_completed() -> None:
    desk = trip()

    steps = [desk.happens("trip_asked", {"days": 3})]
    steps += [desk.completed(desk.awaited[0]) for _ in range(4)]

    assert [asked(step) for step in steps] == [["fly"], ["sleep"], ["drive"], ["pay"], []]
    assert types(steps[0]) == ["saga.started", "action.requested"]
    assert types(steps[1]) == ["saga.step_completed", "action.requested"]
    assert types(steps[4]) == ["saga.step_completed", "saga.completed"]
    assert desk.engine.sagas.runs == {}


def test_a_saga_begins_only_where_its_condition_holds() -> None:
    assert trip().happens("trip_asked", {"days": 0}) == []


def test_a_failed_step_undoes_the_finished_ones_in_reverse_order() -> None:
    desk = trip()
    complete(desk, 3)

    steps = [desk.failed(desk.awaited[0], reason="card refused")]
    steps += [desk.completed(desk.awaited[0]) for _ in range(2)]

    assert [asked(step) for step in steps] == [["return_car"], ["cancel_flight"], []]
    assert only(steps[0], "saga.step_failed")["reason"] == "card refused"
    assert types(steps[1]) == ["saga.step_compensated", "action.requested"]
    assert types(steps[2]) == ["saga.step_compensated", "saga.compensated"]


def test_a_first_step_that_fails_leaves_nothing_to_undo() -> None:
    desk = trip()
    complete(desk, 0)

    decisions = desk.failed(desk.awaited[0])

    assert types(decisions) == ["action.dead_lettered", "saga.step_failed", "saga.compensated"]


def test_a_compensation_that_fails_once_is_retried() -> None:
    desk = trip(Retry(attempts=2, base_seconds=5))
    complete(desk, 3)
    desk.failed(desk.awaited[0])
    desk.wait(5)
    desk.failed(desk.awaited[0])

    first = desk.failed(desk.awaited[0], reason="line busy")
    again = desk.wait(5)
    then = desk.completed(desk.awaited[0])

    assert types(first) == ["action.retried"]
    assert asked(again) == ["return_car"]
    assert types(then) == ["saga.step_compensated", "action.requested"]


def test_a_compensation_that_fails_for_good_is_recorded_and_the_others_go_on() -> None:
    desk = trip()
    complete(desk, 3)
    desk.failed(desk.awaited[0])

    lost = desk.failed(desk.awaited[0], reason="office closed")
    end = desk.completed(desk.awaited[0])

    assert types(lost) == ["action.dead_lettered", "saga.compensation_failed", "action.requested"]
    assert only(lost, "saga.compensation_failed")["reason"] == "office closed"
    assert asked(lost) == ["cancel_flight"]
    assert types(end) == ["saga.step_compensated", "saga.failed"]


def test_two_sagas_of_one_correlation_do_not_mix() -> None:
    desk = trip()
    complete(desk, 2)
    desk.happens("trip_asked", {"days": 1})

    older, newer = desk.awaited
    back = desk.failed(older)
    on = desk.completed(newer)

    assert asked(back) == ["cancel_flight"]
    assert asked(on) == ["sleep"]


def test_all_steps_of_a_saga_are_given_the_event_that_began_it() -> None:
    desk = trip(Retry(attempts=2, base_seconds=5))
    complete(desk, 1)
    desk.failed(desk.awaited[0])
    desk.wait(5)

    (request,) = desk.engine.actions.awaited()

    assert (request.action, request.attempt) == ("sleep", 2)
    assert request.event.type == "trip_asked"
