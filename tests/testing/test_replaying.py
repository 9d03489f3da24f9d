"""A log made anew: the same rules make the same log, others leave out what they do not ask for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.fixtures import credit
from laban.replay.choreography import Choreography
from laban.replay.choreography.decisions import is_decision
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.testing import replayed
from tests.replay.choreography.generated import simulated
from tests.replay.choreography.orders import orders, sell


def ids(log: MemoryLog) -> list[tuple[str, str]]:
    return [(event.source, event.id) for event in log.read()]


def sold(*values: float) -> MemoryLog:
    log = MemoryLog()
    sell(orders(), log, values)
    return log


def without(action: str) -> Choreography:
    """The shop without the rule that asks for *action*."""
    shop = orders()
    shop.rules = [rule for rule in shop.rules if getattr(rule, "action", "") != action]
    return shop


def test_the_rules_that_recorded_a_log_make_the_same_log_again() -> None:
    log = MemoryLog()
    credit.record(log)

    assert ids(replayed(log, credit.bank)) == ids(log)


@given(st.integers(0, 10**6))
def test_faulty_runs_are_made_again_whatever_struck(seed: int) -> None:
    simulation = simulated(seed)

    made = replayed(simulation.log, simulation.choreography)

    assert set(ids(made)) == {(event.source, event.id) for event in simulation.log.read()}


def test_what_followed_from_a_request_that_is_not_made_any_more_is_left_out() -> None:
    log = sold(100)

    made = replayed(log, without("process_payment"))

    types = [event.type for event in made.read() if event.stream[0] != "$"]
    answers = [e for e in made.read() if e.type == "action.completed"]
    assert "payment_successful" in types  # nothing says that it was caused by the payment
    assert len(answers) == sum(e.type == "action.completed" for e in log.read()) - 1


def test_published_events_go_with_the_request_that_they_answer_and_so_does_what_they_caused() -> (
    None
):
    log = MemoryLog()
    credit.record(log, applications=8)
    rules = credit.Bank({}).choreography()
    rules.rules = [r for r in rules.rules if getattr(r, "action", "") != "rate_risk"]

    types = {event.type for event in replayed(log, rules).read()}

    assert {"income_verified", "score_corrected"} <= types
    assert types & {"risk_rated", "decision_made", "offer_priced", "offer_accepted"} == set()


def test_an_action_that_is_another_one_now_is_not_answered_by_what_was_recorded() -> None:
    def renamed(rule: dict[str, Any]) -> None:
        if rule["action"] == "process_payment":
            rule["target_capability"] = "order_management"

    made = replayed(sold(100), orders(renamed))

    asked = [e for e in made.read() if e.type == "action.requested"]
    [payment] = [e for e in asked if "process_payment" in e.data.text]
    assert made.caused_by(payment.id) == []


def test_what_is_asked_anew_gets_no_answer() -> None:
    log = sold(100)
    rules = orders()
    rules.pattern(
        event_type="delivery_confirmed", action="wave", target_capability="fraud_detection"
    )

    made = replayed(log, rules)

    new = [event for event in made.read() if event.source == "laban" and "wave" in event.data.text]
    assert [event.type for event in new] == ["action.requested"]
    assert made.head() == log.head() + 2  # pattern.matched, and the request


def test_the_recorded_log_is_never_changed() -> None:
    log = sold(100)
    before = ids(log)

    replayed(log, without("check_inventory"))

    assert ids(log) == before


@pytest.mark.parametrize("keep", [True, False])
def test_decisions_that_are_not_in_the_log_are_made(keep: bool) -> None:
    log = sold(100)
    events: list[NewEvent] = [e for e in log.read() if keep or not is_decision(e)]

    assert set(ids(replayed(events, orders()))) == set(ids(log))
