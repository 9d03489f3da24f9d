"""Decisions keep their ids when other rules change, so that old answers find old requests."""

from __future__ import annotations

from laban.replay.choreography import Choreography
from laban.replay.choreography.engine import Engine
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog


def shop(*actions: str) -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    for action in actions:
        choreography.pattern(event_type="asked", action=action, target_capability="clerk")
    return choreography


def decided(choreography: Choreography) -> list[NewEvent]:
    log = MemoryLog()
    log.append(NewEvent(stream="a", type="asked", id="1", data={}))
    engine = Engine(choreography.plan)
    return [decision for event in log.read() for decision in engine.step(event)]


def test_a_rule_that_is_added_leaves_the_decisions_of_the_others_as_they_were() -> None:
    alone = decided(shop("answer"))

    beside = decided(shop("greet", "answer"))

    assert beside[2:] == alone


def test_a_rule_that_is_declared_twice_makes_decisions_with_ids_of_their_own() -> None:
    decisions = decided(shop("answer", "answer"))

    assert len({decision.id for decision in decisions}) == 4
    assert len({request for d in decisions for request in d.data}) == 2
