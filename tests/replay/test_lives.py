"""What is open by the decisions of a log is what the engine holds open."""

from __future__ import annotations

from collections import Counter

import pytest

from laban.fixtures import DEMOS
from laban.replay.check import check
from laban.replay.choreography import Choreography
from laban.replay.choreography.engine import Engine
from laban.replay.lives import Lives
from laban.replay.stats import measure
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .choreography.generated import simulated

SEEDS = range(60)


def opened(log: EventLog) -> dict[str, set[str]]:
    lives = Lives()
    for event in log.read():
        list(lives.take_in(event))
    kinds = ("action", "sequence", "saga")
    return {kind: {id for k, id in lives.open if k == kind} for kind in kinds}


@pytest.mark.parametrize("partitions", [1, 8])
def test_what_is_open_is_what_the_engine_holds_open_whatever_went_wrong(partitions: int) -> None:
    for seed in SEEDS:
        simulation = simulated(seed, partitions=partitions)
        engine = Engine(simulation.choreography.plan)
        for event in simulation.log.read():
            engine.step(event)

        waiting = engine.waiting
        assert opened(simulation.log) == {
            "action": engine.actions.open.keys(),
            "sequence": waiting.sequences.keys() | waiting.temporal.keys(),
            "saga": engine.sagas.runs.keys(),
        }, seed


def test_checks_and_metrics_agree_with_the_decisions_whatever_went_wrong() -> None:
    for seed in SEEDS:
        simulation = simulated(seed, partitions=8)
        log = simulation.log
        types = Counter(event.type for event in log.read())

        found = Counter(flaw.kind for flaw in check(log, simulation.choreography))
        stats = measure(log)

        assert found["timeout"] == types["action.timed_out"], seed
        assert found["sequence timed out"] == types["sequence.timed_out"], seed
        assert found["unanswered request"] == 0, seed  # nothing was left to do
        failures = sum(rule.failures for rule in stats.rules.values())
        assert failures == types["action.dead_lettered"], seed
        assert stats.decisions == stats.sources.get("laban", 0), seed


def test_an_answer_after_the_deadline_does_not_count_even_before_that_was_decided() -> None:
    shop = Choreography("shop")
    shop.capability("till", timeout_seconds=10)
    shop.pattern(event_type="ordered", action="charge", target_capability="till")
    engine, log = Engine(shop.plan), MemoryLog()
    log.append(NewEvent(stream="a", type="ordered", data={}, time_ns=0))
    log.append(*engine.step(log.get(1)))
    ((id, about),) = log.get(log.head()).data.items()

    log.append(
        NewEvent(
            stream="$timers", type="timer.fired", data={}, source="clock",
            metadata={"timer": f"deadline:{id}"}, time_ns=about["deadline_ns"],
        ),
        NewEvent(
            stream="$actions", type="action.completed", data={id: {"attempt": 1}}, source="till"
        ),
    )  # fmt: skip

    assert opened(log)["action"] == {id}
    assert measure(log).rules["ordered→charge"].successes == 0


@pytest.mark.parametrize("name", list(DEMOS))
def test_the_demos_have_metrics_that_add_up(name: str) -> None:
    log = MemoryLog()
    DEMOS[name].record(log)

    stats = measure(log)

    assert stats.events == sum(stats.types.values()) == sum(stats.sources.values()) == log.head()
    for rule in stats.rules.values():
        assert rule.successes + rule.failures >= rule.triggers - stats.memory.open
