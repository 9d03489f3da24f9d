"""
Whatever goes wrong, a recorded log says everything: replaying it makes the same decisions.

`make soak` runs many more simulations than the default run.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from msgspec.structs import replace

from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine
from laban.replay.recompute import recompute
from laban.replay.simulation import Faults, Simulation
from laban.store.event import Event, NewEvent, event_line
from laban.store.memory import MemoryLog
from tests.effort import SIMULATIONS

from .generated import simulated

SHARES = 20  # that the simulations are run in
shares = pytest.mark.parametrize("share", range(SHARES))
WILD = Faults(duplicates=0.4, delays=0.4, reorder=0.4, agent_crashes=0.4, runtime_crashes=0.3)


def seeds(share: int) -> range:
    return range(share, SIMULATIONS, SHARES)


def made_again(simulation: Simulation) -> tuple[Engine, list[NewEvent]]:
    """Return a new engine that has seen the whole log, and all that it decided."""
    engine = Engine(simulation.choreography.plan)
    return engine, [d for event in simulation.log.read() for d in engine.step(event)]


def told(events: list[NewEvent] | list[Event]) -> dict[str, tuple[object, ...]]:
    """Return all that each event says, by id; but not where it was recorded."""
    return {
        e.id: (e.stream, e.type, e.source, e.time_ns, e.correlation_id, e.causation_id,
               e.data.text, e.metadata.text)
        for e in events
    }  # fmt: skip


@shares
@pytest.mark.parametrize("partitions", [1, 8])
def test_every_decision_of_a_faulty_run_is_made_again_by_a_fresh_engine(
    share: int, partitions: int
) -> None:
    for seed in seeds(share):
        simulation = simulated(seed, partitions=partitions)
        recorded = [event for event in simulation.log.read() if is_decision(event)]

        engine, decisions = made_again(simulation)
        compared = recompute(simulation.log, simulation.choreography)

        assert told(decisions) == told(recorded), f"seed {seed}"
        assert len(decisions) == len(recorded), f"seed {seed}"  # each exactly once
        assert (compared.mismatches, compared.unfinished) == ([], 0), f"seed {seed}"
        assert not engine.actions.open, f"seed {seed}"  # nothing was forgotten
        assert not engine.sagas.runs, f"seed {seed}"
        assert engine.timers.next() is None, f"seed {seed}"


@shares
def test_the_same_seed_gives_the_same_log_byte_for_byte(share: int) -> None:
    for seed in seeds(share)[::4]:
        partitions = Random(seed).choice([1, 8])

        first, second = (simulated(seed, partitions=partitions, faults=WILD) for _ in range(2))

        lines = [list(map(event_line, run.log.read())) for run in (first, second)]
        assert lines[0] == lines[1], f"seed {seed}"


@shares
def test_what_is_decided_depends_on_the_other_events_alone(share: int) -> None:
    """However many engines took turns on a log, and however late they recorded what."""
    for seed in seeds(share)[::4]:
        simulation = simulated(seed, partitions=8, faults=WILD)
        inputs = [event for event in simulation.log.read() if not is_decision(event)]
        recorded = [event for event in simulation.log.read() if is_decision(event)]

        engine = Engine(simulation.choreography.plan)
        decisions = [decision for event in inputs for decision in engine.step(event)]

        assert told(decisions) == told(recorded), f"seed {seed}"


def _changed(event: Event) -> NewEvent:
    return replace(event, data={**event.data, "changed": True})


def _renamed(event: Event) -> NewEvent:
    return replace(event, type=f"{event.type}.not")


@pytest.mark.parametrize("tamper", [_changed, _renamed, None], ids=["argument", "name", "missing"])
def test_one_decision_that_was_tampered_with_is_found(
    tamper: Callable[[Event], NewEvent] | None,
) -> None:
    for seed in range(40):
        simulation = simulated(seed)
        events = list(simulation.log.read())
        decisions = [event.position for event in events if is_decision(event)]
        position = Random(seed).choice(decisions or [0])
        forged = MemoryLog()
        for event in events:
            if event.position != position:
                forged.append(_new(event))
            elif tamper is not None:
                forged.append(_new(tamper(event)))

        compared = recompute(forged, simulation.choreography)

        assert bool(compared.mismatched or compared.unfinished) == bool(decisions), f"seed {seed}"


def _new(event: NewEvent) -> NewEvent:
    return NewEvent(**{name: getattr(event, name) for name in NewEvent.__struct_fields__})
