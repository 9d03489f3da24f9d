"""The metrics of a log, from its events and decisions alone."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.fixtures import credit
from laban.replay.builder import CancelledError
from laban.replay.choreography import Breaker, Choreography, SagaStep
from laban.replay.stats import measure, percentile
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

from .acted import Stage


def busy() -> Choreography:
    busy = Choreography("busy")
    busy.capability("desk", breaker=Breaker(failure_threshold=1, reset_seconds=30))
    busy.pattern(event_type="asked", action="reply", target_capability="desk")
    busy.sequence(
        sequence_id="visit", events=("came", "left"), max_interval=60,
        action="count", target_capability="desk",
    )  # fmt: skip
    return busy


def test_an_empty_log_has_metrics_too() -> None:
    stats = measure(MemoryLog())

    assert (stats.events, stats.types, stats.events_per_second) == (0, {}, None)


def test_events_are_counted_by_type_and_source_and_rated_by_their_own_time() -> None:
    log = MemoryLog()
    for second in range(5):
        log.append(
            NewEvent(stream="s", type="tick", source="clock", data={}, time_ns=second * SECOND)
        )
    log.append(NewEvent(stream="s", type="note", source="ann", data={}))

    stats = measure(log)

    assert (stats.events, stats.seconds, stats.events_per_second) == (6, 4.0, 1.5)
    assert list(stats.types.items()) == [("tick", 5), ("note", 1)]
    assert stats.sources == {"clock": 5, "ann": 1}
    assert stats.rates == {"tick": 1.25, "note": 0.25}


def test_a_rule_has_its_triggers_outcomes_and_response_times() -> None:
    stage = Stage(busy())
    for seconds in (1, 3):
        stage.say("asked")
        stage.wait(seconds)
        stage.answer("reply")
    stage.say("asked")
    stage.answer("reply", status="failed")

    rule = measure(stage.log).rules["asked→reply"]

    assert (rule.triggers, rule.successes, rule.failures) == (3, 2, 1)
    assert (rule.mean_seconds, rule.p95_seconds) == (2.0, 3.0)


def test_sequences_are_active_completed_or_timed_out() -> None:
    stage = Stage(busy())
    stage.say("came", correlation_id="ann")
    stage.say("came", correlation_id="bob")
    stage.say("left", correlation_id="ann")
    stage.answer("count")
    stage.wait(61)
    stage.say("came", correlation_id="cyd")

    visit = measure(stage.log).sequences["visit"]

    assert (visit.active, visit.completed, visit.timed_out) == (1, 1, 1)
    assert visit.completion_rate == 0.5


def test_a_circuit_has_the_time_that_it_spent_in_each_state() -> None:
    stage = Stage(busy())
    stage.say("asked")
    stage.wait(10)
    stage.answer("reply", status="failed")  # opens the circuit
    stage.wait(40)
    stage.say("asked")  # half opens it
    stage.wait(5)
    stage.answer("reply")  # closes it
    stage.wait(20)
    stage.say("asked")

    assert measure(stage.log).circuits["desk"] == {"closed": 30.0, "open": 40.0, "half_open": 5.0}


def test_sagas_have_their_outcomes() -> None:
    trip = Choreography("trip")
    trip.capability("agency")
    steps = (
        SagaStep(execute="book", target_capability="agency", compensate="cancel"),
        SagaStep(execute="pay", target_capability="agency"),
    )
    trip.saga(saga_id="trip", start_event="wanted", steps=steps)
    stage = Stage(trip)
    for pay, cancel in (("completed", ""), ("failed", "completed"), ("failed", "failed")):
        stage.say("wanted")
        stage.answer("book")
        stage.answer("pay", status=pay)
        if cancel:
            stage.answer("cancel", status=cancel)
    stage.say("wanted")

    stats = measure(stage.log)

    saga, rule = stats.sagas["trip"], stats.rules["trip"]
    assert (saga.completed, saga.compensated, saga.failed, saga.active) == (1, 1, 1, 1)
    assert (rule.triggers, rule.failures) == (4, 3)


def test_tokens_and_cost_are_summed_by_source() -> None:
    stage = Stage(busy())
    for tokens in (100, 20):
        stage.say("asked")
        stage.answer("reply", tokens=tokens, cost=0.25)

    spent = measure(stage.log).spending["desk"]

    assert (spent.tokens, spent.cost) == (120, 0.5)


def test_who_spent_nothing_is_not_listed() -> None:
    log = MemoryLog()
    log.append(NewEvent(stream="s", type="t", data={}, metadata={"note": {"tokens": 3}}))

    assert measure(log).spending == {}


def test_correlations_last_from_their_first_event_to_their_last() -> None:
    stage = Stage(busy())
    stage.say("asked", correlation_id="short")
    stage.wait(2)
    stage.answer("reply")
    stage.say("asked", correlation_id="long")
    stage.wait(8)
    stage.say("noted", correlation_id="long")

    of = measure(stage.log).correlations

    assert (of.count, of.active) == (2, 1)
    assert (of.mean_seconds, of.longest_seconds, of.longest) == (5.0, 8.0, "long")


def test_what_is_open_is_what_an_engine_has_to_remember() -> None:
    stage = Stage(busy())
    for name in ("ann", "bob"):
        stage.say("came", correlation_id=name)
    stage.say("left", correlation_id="ann")
    stage.answer("count")

    memory = measure(stage.log).memory

    assert (memory.open, memory.most_open) == (1, 2)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    values: list[float], percent: int
) -> None:
    answer = percentile(array("d", values), percent)

    assert answer in values
    assert sum(value <= answer for value in values) * 100 >= percent * len(values)
    assert sum(value < answer for value in values) * 100 < percent * len(values)


def test_measuring_can_be_followed_and_cancelled() -> None:
    log = MemoryLog()
    credit.record(log, applications=300)
    seen: list[tuple[int, int]] = []

    measure(log, progress=lambda done, total: seen.append((done, total)))

    assert seen[0] == (1000, log.head())
    with pytest.raises(CancelledError, match="after 1,000 of"):
        measure(log, cancelled=lambda: True)
