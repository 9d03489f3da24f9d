"""What a log shows to have gone wrong by its rules and decisions."""

from __future__ import annotations

import sys

import pytest

from laban.fixtures import credit, orders
from laban.replay.builder import CancelledError
from laban.replay.check import Flaw, check
from laban.replay.check.flaw import SEVERITY
from laban.replay.check.races import source
from laban.replay.choreography import Choreography, Retry, SagaStep
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .acted import Stage

ORDER = {
    "type": "object",
    "required": ["sku"],
    "properties": {"quantity": {"type": "integer", "minimum": 1}},
}


def shop() -> Choreography:
    shop = Choreography("shop")
    shop.capability("stock", timeout_seconds=10)
    shop.capability("till")
    shop.pattern(event_type="ordered", action="reserve", target_capability="stock")
    shop.pattern(event_type="reserved", action="charge", target_capability="till")
    shop.contract("ordered", ORDER)
    return shop


def kinds(flaws: list[Flaw]) -> list[str]:
    return [flaw.kind for flaw in flaws]


def only(flaws: list[Flaw], kind: str) -> Flaw:
    (flaw,) = [flaw for flaw in flaws if flaw.kind == kind]
    return flaw


def test_a_log_in_which_all_went_well_is_clean() -> None:
    choreography = shop()
    stage = Stage(choreography)
    stage.say("ordered", data={"sku": "tea"})
    stage.answer("reserve", publish={"reserved": {"n": 1}})
    stage.answer("charge")

    assert check(stage.log, choreography) == []
    assert check(stage.log) == []


def test_an_empty_log_is_clean_but_for_rules_that_never_fired() -> None:
    assert check(MemoryLog()) == []
    assert set(kinds(check(MemoryLog(), shop()))) == {"rule never fired"}


def test_a_violated_contract_is_told_with_every_error_and_its_path() -> None:
    choreography = shop()
    stage = Stage(choreography)
    stage.say("ordered", data={"quantity": 0})

    with_rules = only(check(stage.log, choreography), "contract")
    from_log = only(check(stage.log), "contract")

    assert with_rules == from_log
    assert (with_rules.position, with_rules.rule) == (1, "ordered")
    assert "/quantity: 0 is less than the minimum of 1" in with_rules.detail
    assert "'sku' is a required property" in with_rules.detail.replace('"', "'")


def test_a_contract_is_held_against_a_log_that_knew_no_contract() -> None:
    log = MemoryLog()
    log.append(NewEvent(stream="a", type="ordered", data={"quantity": 1}))

    assert kinds(check(log)) == []
    assert only(check(log, shop()), "contract").position == 1


def test_a_request_without_an_answer_and_without_a_timeout_is_a_silent_failure() -> None:
    stage = Stage(shop())
    stage.say("ordered", data={"sku": "tea"})
    stage.answer("reserve", publish={"reserved": {"n": 1}})

    flaw = only(check(stage.log), "unanswered request")

    assert flaw.position == stage.asked("charge").position
    assert (flaw.rule, flaw.certainty) == ("reserved→charge", "certain")
    assert "no timeout that would tell" in flaw.detail


def test_a_request_whose_deadline_is_to_come_is_only_possibly_unanswered() -> None:
    stage = Stage(shop())
    stage.say("ordered", data={"sku": "tea"})

    flaw = only(check(stage.log), "unanswered request")

    assert flaw.certainty == "possible"
    assert "due at 1970-01-01T00:00:10Z" in flaw.detail


def test_an_answer_to_another_attempt_is_no_answer() -> None:
    stage = Stage(shop())
    stage.say("ordered", data={"sku": "tea"})
    ((id, _),) = stage.asked("reserve").data.items()
    stage.say("action.completed", "$actions", "stock", data={id: {"attempt": 2}})

    assert "unanswered request" in kinds(check(stage.log))


def test_a_timeout_and_what_became_of_it_are_both_told() -> None:
    stage = Stage(shop())
    stage.say("ordered", data={"sku": "tea"})
    stage.wait(11)

    flaws = check(stage.log)

    assert kinds(flaws) == ["dead letter", "timeout"]
    assert {flaw.rule for flaw in flaws} == {"ordered→reserve"}
    assert "no answer in time" in flaws[0].detail


def test_a_retry_that_never_came_is_told() -> None:
    choreography = shop()
    choreography.capability("bank", retry=Retry(attempts=2, base_seconds=60))
    choreography.pattern(event_type="paid", action="transfer", target_capability="bank")
    stage = Stage(choreography)
    stage.say("paid")
    stage.answer("transfer", status="failed")

    assert "was to be tried again" in only(check(stage.log), "unanswered request").detail


def waiting() -> Choreography:
    waiting = Choreography("waiting")
    waiting.capability("desk")
    waiting.sequence(
        sequence_id="visit", events=("came", "saw", "left"), max_interval=60,
        action="count", target_capability="desk",
    )  # fmt: skip
    return waiting


def test_a_sequence_that_never_completed_is_told_with_how_far_it_came() -> None:
    stage = Stage(waiting())
    stage.say("came", correlation_id="ann")
    stage.say("saw", correlation_id="ann")

    flaw = only(check(stage.log), "incomplete sequence")

    assert flaw.rule == "visit"
    assert "ann" in flaw.detail
    assert "event 2 of 3" in flaw.detail


def test_a_sequence_that_timed_out_is_told_once() -> None:
    stage = Stage(waiting())
    stage.say("came", correlation_id="ann")
    stage.wait(61)

    (flaw,) = check(stage.log)

    assert flaw.kind == "sequence timed out"
    assert flaw.detail == "gave up in correlation ann; it came to event 1 of 3"


def test_a_compensation_that_failed_is_told_and_the_saga_counts_as_over() -> None:
    trip = Choreography("trip")
    trip.capability("agency")
    trip.saga(
        saga_id="book",
        start_event="wanted",
        steps=(
            SagaStep(execute="book_hotel", target_capability="agency", compensate="cancel_hotel"),
            SagaStep(execute="book_flight", target_capability="agency"),
        ),
    )
    stage = Stage(trip)
    stage.say("wanted")
    halfway = kinds(check(stage.log))
    stage.answer("book_hotel")
    stage.answer("book_flight", status="failed")
    stage.answer("cancel_hotel", status="failed")

    flaws = check(stage.log)

    assert "unfinished saga" in halfway
    assert kinds(flaws) == ["compensation failed", "dead letter", "dead letter"]
    assert flaws[0].rule == "book"


def test_types_that_no_rule_reacts_to_are_told_once_each() -> None:
    choreography = shop()
    stage = Stage(choreography)
    for _ in range(2):
        stage.say("weather_changed")

    flaw = only(check(stage.log, choreography), "unhandled event")

    assert flaw.position == 1
    assert "weather_changed" in flaw.detail


def test_a_rule_that_never_fired_is_told_apart_from_one_that_nobody_called_for() -> None:
    choreography = shop()
    choreography.pattern(
        event_type="ordered", condition="data['quantity'] > 99", action="celebrate",
        target_capability="till",
    )  # fmt: skip
    stage = Stage(choreography)
    stage.say("ordered", data={"sku": "tea", "quantity": 1})

    never = {f.rule: f for f in check(stage.log, choreography) if f.kind == "rule never fired"}

    assert never.keys() == {"ordered→celebrate", "reserved→charge"}
    assert "never so that the rule applied" in never["ordered→celebrate"].detail
    assert "no reserved ever came" in never["reserved→charge"].detail
    assert {flaw.position for flaw in never.values()} == {None}


def test_a_source_that_may_not_publish_is_a_dead_letter_at_its_event() -> None:
    choreography = shop()
    choreography.allow("outside", "ordered")
    stage = Stage(choreography)
    stage.say("ordered", source="stranger", data={"sku": "tea"})

    flaw = only(check(stage.log), "dead letter")

    assert flaw.position == 1
    assert "stranger may not publish ordered" in flaw.detail


def test_the_worst_comes_first_and_then_the_earliest() -> None:
    log = MemoryLog()
    orders.record(log)

    flaws = check(log, orders.shop)

    keys = [(SEVERITY[f.kind], f.position is None, f.position or 0) for f in flaws]
    assert keys == sorted(keys)
    assert len(set(kinds(flaws))) > 1


def test_the_planted_stale_read_of_the_demo_comes_first() -> None:
    log = recorded_demo()

    first = check(log)[0]

    assert (first.kind, first.certainty) == ("stale read", "certain")
    assert log.get(first.position or 0).type == "risk_rated"
    assert "/applicant-04/score" in first.detail


def test_the_demo_without_the_bug_is_clean() -> None:
    log = MemoryLog()
    credit.record(log, invalidate=True)

    assert check(log) == []


def recorded_demo() -> EventLog:
    log = MemoryLog()
    credit.record(log)
    return log


def test_a_long_check_says_how_far_it_is_in_both_of_its_passes_and_stops_in_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "BATCH", 10)
    monkeypatch.setattr(sys.modules["laban.replay.check"], "POLL", 10)
    log, told = MemoryLog(), list[tuple[int, int]]()
    log.append(*(NewEvent(stream="s", type="t", data={}) for _ in range(40)))

    check(log, progress=lambda done, total: told.append((done, total)))

    assert told == [(done, 40) for done in range(5, 41, 5)]
    for looks in (2, 6):  # four a pass
        left = iter([False] * looks)
        with pytest.raises(CancelledError):
            check(log, cancelled=lambda left=left: next(left, True))  # type: ignore[misc]
