"""Choreographies, agents and worlds made up from a seed; all of them come to an end."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from laban.replay.choreography import (
    ActionFailed,
    Breaker,
    Choreography,
    Context,
    RateLimit,
    Retry,
    SagaStep,
)
from laban.replay.simulation import Faults, Simulation
from laban.store.memory import MemoryLog

LEVELS = 3  # an agent publishes only types of a higher level than the one it reacts to
TYPES = [[f"{letter}{level}" for letter in "ab"] for level in range(LEVELS)]
ALL = [type for level in TYPES for type in level]
STREAMS = ["s1", "s2", "s3"]
CONDITIONS = [
    "True",
    "data.get('n', 0) > 1",
    "data['n'] == 2",
    "data['missing'] > 0",
    "event_count % 2 == 1",
    "source_event_count > 2",
    "len(recent_events) > 3",
    "any(e['data'].get('n') == 1 for e in correlated_events)",
    "state['s1']['n'] > 0",
    "state['s1'].get('total', 0) > 2",
    "before['s2'].get('n') == 1",
    "position % 3 == 0",
]


def choreography_of(seed: int) -> Choreography:
    """Return a choreography with a few rules of every kind, or of most."""
    random = Random(f"rules {seed}")
    made = Choreography(f"generated {seed}")
    names = [f"c{number}" for number in range(random.randint(1, 3))]
    for number, name in enumerate(names):
        made.capability(name, **_protection(random, names[number + 1 :]))
        made.agent(name)(_agent)
    for number in range(random.randint(1, 3)):
        made.pattern(
            event_type=random.choice(ALL),
            condition=random.choice(CONDITIONS),
            action=f"do{number}",
            target_capability=random.choice(names),
            priority=random.randint(0, 9),
            correlation_keys=random.choice([(), ("n",)]),
            timeout_seconds=random.choice([None, 3.0]),
        )
    for declare in random.sample([_waiting, _counting, _saga, _saga, _filter, _reducer], 3):
        declare(made, random, names)
    return made


def _protection(random: Random, others: Sequence[str]) -> dict[str, Any]:
    retry = Retry(attempts=random.randint(1, 3), base_seconds=random.choice([0.0, 0.5]), jitter=0.5)
    return {
        "agents": random.choice([(), ("x", "y"), ("x", "y", "z")]),
        "balance": random.choice(["round_robin", "least_busy", "sticky"]),
        "breaker": random.choice(
            [None, Breaker(failure_threshold=2, reset_seconds=4.0, success_threshold=2)]
        ),
        "retry": random.choice([None, retry]),
        "timeout_seconds": random.choice([None, 2.0]),
        "rate_limit": random.choice([None, RateLimit(requests=2, per_seconds=3.0)]),
        "fallback": random.choice([None, *others]),
    }


async def _agent(ctx: Context) -> dict[str, Any] | None:
    """Do what the key of the attempt says: the same when it is run again."""
    random = Random(ctx.key)
    seen = ctx.read(random.choice(["/s1/n", "/s2", "/nowhere"]))
    for _ in range(random.randint(0, 2)):
        await ctx.sleep(random.choice([0.0, 0.5, 2.5]))
    if random.random() < 0.15:
        raise random.choice([ActionFailed("out of stock"), ValueError("odd"), KeyError()])
    ctx.spent(tokens=random.randint(0, 9), cost=random.choice([0.0, 0.01]))
    above = TYPES[int(ctx.event.type[1:]) + 1 :]
    for _ in range(random.randint(0, 1) if above else 0):
        stream = random.choice([None, *STREAMS])
        ctx.publish(random.choice(random.choice(above)), {"n": random.randint(0, 3)}, stream=stream)
    return {"seen": seen} if random.random() < 0.5 else None


def _waiting(made: Choreography, random: Random, names: Sequence[str]) -> None:
    made.sequence(
        sequence_id="sequence",
        events=tuple(random.choices(ALL[:4], k=random.randint(1, 3))),
        max_interval=random.choice([None, 1.0, 5.0]),
        action="go_on",
        target_capability=random.choice(names),
    )
    made.temporal_sequence(
        sequence_id="temporal",
        trigger_event=random.choice(ALL[:2]),
        required_events=tuple(random.sample(ALL[:4], random.randint(1, 2))),
        time_window=random.choice([1.0, 5.0]),
        action="conclude",
        target_capability=random.choice(names),
    )


def _counting(made: Choreography, random: Random, names: Sequence[str]) -> None:
    made.threshold_pattern(
        event_type=random.choice(ALL),
        threshold=random.randint(1, 3),
        time_window=5.0,
        action="warn",
        target_capability=random.choice(names),
    )
    made.state_transition(
        event_type=random.choice(ALL),
        condition=random.choice(CONDITIONS),
        action="note",
        target_capability=random.choice(names),
    )


def _saga(made: Choreography, random: Random, names: Sequence[str]) -> None:
    made.saga(
        saga_id=f"saga{len(made.rules)}",
        start_event=random.choice(ALL),
        condition=random.choice(CONDITIONS[:4]),
        steps=tuple(
            SagaStep(
                execute=f"book{number}",
                compensate=random.choice([None, f"cancel{number}"]),
                target_capability=random.choice(names),
            )
            for number in range(random.randint(1, 3))
        ),
    )


def _filter(made: Choreography, random: Random, names: Sequence[str]) -> None:
    made.contract(random.choice(ALL), {"properties": {"n": {"maximum": 2}}})
    made.deduplicate(random.choice(ALL), keys=("n",), window_seconds=random.choice([1.0, 10.0]))
    if random.random() < 0.15:
        for source in ("outside", "x", *names):
            made.allow(source, *random.sample(ALL, 4))


def _reducer(made: Choreography, random: Random, _names: Sequence[str]) -> None:
    @made.reducer(random.choice(ALL))
    def counted(state: dict[str, Any], event: Any) -> dict[str, Any]:
        return {**state, "n": event.data.get("n"), "total": state.get("total", 0) + 1}


def faults_of(seed: int) -> Faults:
    """Return faults of which about half are none."""
    random = Random(f"faults {seed}")
    return Faults(
        duplicates=random.choice([0.0, 0.3]),
        delays=random.choice([0.0, 0.2]),
        reorder=random.choice([0.0, 0.5]),
        agent_crashes=random.choice([0.0, 0.3]),
        runtime_crashes=random.choice([0.0, 0.05, 0.15]),
    )


def simulated(seed: int, *, partitions: int = 1, faults: Faults | None = None) -> Simulation:
    """Return what came of the choreography and the world of a seed."""
    random = Random(f"world {seed}")
    simulation = Simulation(
        choreography_of(seed),
        MemoryLog(),
        seed=seed,
        faults=faults_of(seed) if faults is None else faults,
        partitions=partitions,
    )
    for _ in range(random.randint(2, 8)):
        simulation.publish(
            random.choice([0.0, 1.0, random.uniform(0, 10)]),
            random.choice([*TYPES[0], *TYPES[0], random.choice(ALL)]),
            random.choice([{"n": random.randint(0, 3)}, {}]),
            stream=random.choice(STREAMS),
            correlation_id=random.choice([None, "k1", "k2"]),
        )
    for _ in range(random.choice([0, 0, 2])):
        simulation.publish(
            random.uniform(0, 10),
            random.choice(["action.completed", "timer.fired", "a0"]),
            {"request": {"attempt": 1}},
            stream=random.choice(["$actions", "$timers", "$circuits"]),
            source=random.choice(["outside", "x", "c0"]),
        )
    simulation.run()
    return simulation
