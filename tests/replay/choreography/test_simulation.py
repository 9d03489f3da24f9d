"""The simulated runtime and the faults it injects."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from laban.replay.choreography import ActionFailed, Choreography, Context, Retry
from laban.replay.choreography.decisions import is_decision
from laban.replay.simulation import START_NS, Faults, Simulation, SimulationError
from laban.store.clock import SECOND
from laban.store.event import Event, event_line
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .desk import types


def bakery(**options: Any) -> Choreography:
    """Bread that is asked for is baked for 90 s, unless the flour is out, and sold."""
    choreography = Choreography("bakery")
    choreography.capability("oven", agents=("baker",), **options)
    choreography.pattern(event_type="bread_asked", action="bake", target_capability="oven")

    @choreography.agent("oven")
    async def bake(ctx: Context) -> dict[str, object]:
        loaves = ctx.event.data["loaves"]
        flour = ctx.read("/store/flour")
        await ctx.sleep(90)
        if flour is None:
            raise ActionFailed("no flour")
        ctx.spent(tokens=7, cost=0.25)
        ctx.publish("bread_baked", {"loaves": loaves})
        ctx.publish("flour_used", {"flour": flour - loaves}, stream="store")
        return {"baked": loaves, "attempt": ctx.attempt}

    return choreography


def run(simulation: Simulation, orders: int = 1) -> list[Event]:
    simulation.publish(0, "flour_bought", {"flour": 9}, stream="store")
    for number in range(orders):
        simulation.publish(1 + number, "bread_asked", {"loaves": 2}, stream=f"order-{number}")
    simulation.run()
    return list(simulation.log.read())


def of(events: list[Event], type: str) -> list[Event]:
    return [event for event in events if event.type == type]


def test_an_action_is_requested_begun_and_answered_with_what_its_agent_published() -> None:
    events = run(Simulation(bakery(), MemoryLog()))

    assert types(events) == [
        "flour_bought",
        "bread_asked",
        "pattern.matched",
        "action.requested",
        "action.started",
        "bread_baked",
        "flour_used",
        "action.completed",
    ]
    requested, baked, answer = events[3], events[5], events[7]
    (about,) = answer.data.values()
    output = {"baked": 2, "attempt": 1}
    assert about == {"attempt": 1, "status": "completed", "output": output}
    assert (baked.source, baked.causation_id, baked.stream) == ("baker", requested.id, "order-0")
    assert {event.correlation_id for event in events[2:]} == {"order-0"}
    assert answer.time_ns == START_NS + 91 * SECOND
    assert answer.metadata.parsed == {
        "duration_ms": 90_000.0, "reads": {"/store/flour": 1}, "tokens": 7, "cost": 0.25
    }  # fmt: skip


def test_a_failed_attempt_publishes_nothing_and_is_tried_again_after_its_wait() -> None:
    choreography = bakery(retry=Retry(attempts=2, base_seconds=30))
    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "bread_asked", {"loaves": 1}, stream="order")
    simulation.publish(100, "flour_bought", {"flour": 5}, stream="store")

    simulation.run()

    events = list(simulation.log.read())
    (failed,) = of(events, "action.failed")
    (baked,) = of(events, "bread_baked")
    assert next(iter(failed.data.values()))["reason"] == "no flour"
    assert baked.time_ns == START_NS + (90 + 30 + 90) * SECOND
    assert simulation.now_ns == baked.time_ns


def test_an_exception_of_an_agent_fails_its_action_and_nothing_else() -> None:
    choreography = bakery()
    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "bread_asked", {}, stream="order")

    simulation.run()

    (failed,) = of(list(simulation.log.read()), "action.failed")
    assert next(iter(failed.data.values()))["reason"] == "KeyError: 'loaves'"


def test_an_output_that_is_no_json_fails_the_action() -> None:
    choreography = Choreography("odd")
    choreography.capability("c")
    choreography.pattern(event_type="asked", action="act", target_capability="c")

    @choreography.agent("c")
    async def odd(ctx: Context) -> dict[str, object]:
        return {"set": {ctx.action}}

    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "asked", {}, stream="s")

    simulation.run()

    assert len(of(list(simulation.log.read()), "action.failed")) == 1


def test_an_event_that_is_delivered_twice_is_reacted_to_once() -> None:
    recorded: Counter[int] = Counter()
    for seed in range(30):
        choreography = bakery()
        choreography.deduplicate("bread_asked", keys=("loaves",), window_seconds=60)

        events = run(
            Simulation(choreography, MemoryLog(), seed=seed, faults=Faults(duplicates=0.9))
        )

        recorded[len(of(events, "bread_asked"))] += 1
        assert len(of(events, "bread_baked")) == 1
    assert recorded.keys() == {1, 2}  # under its own id, and under another one


@pytest.mark.parametrize("fault", ["delays", "reorder"])
def test_events_overtake_one_another_but_never_within_their_stream(fault: str) -> None:
    overtaken = 0
    for seed in range(20):
        faults = Faults(**{fault: 0.5})
        simulation = Simulation(bakery(), MemoryLog(), seed=seed, faults=faults)
        for number in range(20):
            simulation.publish(number, "noted", {"n": number}, stream=f"s{number % 2}")

        simulation.run()

        told = [event.data["n"] for event in simulation.log.read()]
        assert sorted(told) == list(range(20))
        assert [n for n in told if n % 2] == sorted(n for n in told if n % 2)
        overtaken += told != sorted(told)
    assert overtaken > 10


def test_an_agent_that_crashes_is_run_again_under_the_same_key_and_answers_once() -> None:
    keys: Counter[str] = Counter()
    choreography = Choreography("counted")
    choreography.capability("c")
    choreography.pattern(event_type="asked", action="act", target_capability="c")

    @choreography.agent("c")
    async def act(ctx: Context) -> None:
        keys[ctx.key] += 1
        await ctx.sleep(1)
        ctx.publish("told", {})

    simulation = Simulation(choreography, MemoryLog(), faults=Faults(agent_crashes=0.7))
    for number in range(40):
        simulation.publish(number, "asked", {}, stream=f"s{number}")

    simulation.run()

    events = list(simulation.log.read())
    answered = {id for event in of(events, "action.completed") for id in event.data}
    assert keys.keys() == {f"{id}/1" for id in answered}
    assert max(keys.values()) > 1
    assert len(answered) == len(of(events, "told")) == 40


def test_an_agent_that_is_never_heard_of_again_times_out() -> None:
    choreography = bakery(timeout_seconds=120, retry=Retry(attempts=9))
    simulation = Simulation(choreography, MemoryLog(), faults=Faults(agent_crashes=0.6))

    events = run(simulation, orders=4)

    assert len(of(events, "action.timed_out")) > 0
    assert len(of(events, "bread_baked")) == 4


def test_an_answer_that_comes_too_late_is_kept_and_publishes_nothing() -> None:
    events = run(Simulation(bakery(timeout_seconds=60), MemoryLog()))

    assert types(events)[-3:] == ["action.timed_out", "action.dead_lettered", "action.completed"]
    assert of(events, "bread_baked") == []


def test_a_log_on_disk_holds_what_one_in_memory_does(tmp_path: Path) -> None:
    faults = Faults(duplicates=0.5, runtime_crashes=0.2, agent_crashes=0.2)
    log = SqliteLog.create(tmp_path / "bakery.laban")

    on_disk = run(Simulation(bakery(), log, faults=faults, partitions=8), orders=3)
    in_memory = run(Simulation(bakery(), MemoryLog(), faults=faults, partitions=8), orders=3)
    log.close()

    assert list(map(event_line, on_disk)) == list(map(event_line, in_memory))


def test_a_runtime_that_crashes_again_and_again_loses_and_repeats_nothing() -> None:
    for seed in range(30):
        calm = run(Simulation(bakery(), MemoryLog(), seed=seed), orders=3)
        faults = Faults(runtime_crashes=0.4)
        stormy = Simulation(bakery(), MemoryLog(), seed=seed, faults=faults)

        events = run(stormy, orders=3)

        assert stormy.crashes > 0
        assert Counter(types(events)) == Counter(types(calm))
        assert {e.id for e in events if is_decision(e)} == {e.id for e in calm if is_decision(e)}


class OneStrike(Random):
    """Strikes at one draw, and never before or after."""

    def __init__(self, draw: int, rest: float) -> None:
        super().__init__(0)
        self.left, self.rest = draw, rest

    def random(self) -> float:
        self.left -= 1
        return 0.0 if self.left == -1 else self.rest


def stubborn() -> Choreography:
    """What is asked is told at the second attempt, and what is told is noted likewise."""
    choreography = Choreography("stubborn")
    retry = Retry(attempts=2, base_seconds=30, jitter=1)
    choreography.capability("c", retry=retry, timeout_seconds=80)
    choreography.pattern(event_type="asked", action="tell", target_capability="c")
    choreography.pattern(event_type="told", action="note", target_capability="c")

    @choreography.agent("c")
    async def act(ctx: Context) -> None:
        await ctx.sleep(5)
        if ctx.attempt == 1:
            raise ActionFailed("not yet")
        if ctx.action == "tell":
            ctx.publish("told", {})

    return choreography


@pytest.mark.parametrize("rest", [0.01, 0.99], ids=["no decision recorded", "all but one"])
def test_a_crash_at_any_one_point_changes_no_decision(rest: float) -> None:
    def once(faults: Faults, draw: int) -> Simulation:
        simulation = Simulation(stubborn(), MemoryLog(), faults=faults)
        simulation.random = OneStrike(draw, rest)
        simulation.publish(0, "asked", {}, stream="s")
        simulation.run()
        return simulation

    calm = list(once(Faults(), 0).log.read())
    draw, crashes = 0, 1
    while crashes:
        stormy = once(Faults(runtime_crashes=0.001), draw)

        events = list(stormy.log.read())
        decisions = [[e.id for e in log if is_decision(e)] for log in (events, calm)]
        assert decisions[0] == decisions[1], f"draw {draw}"
        assert Counter(types(events)) == Counter(types(calm)), f"draw {draw}"
        draw, crashes = draw + 1, stormy.crashes
    assert draw > 25


def test_a_run_may_be_ended_and_gone_on_with() -> None:
    simulation = Simulation(bakery(), MemoryLog())
    simulation.publish(0, "flour_bought", {"flour": 9}, stream="store")
    simulation.publish(1, "bread_asked", {"loaves": 2}, stream="order")

    simulation.run(seconds=60)
    unfinished = types(simulation.log.read())
    simulation.run()

    assert unfinished[-1] == "action.started"
    assert simulation.now_ns == START_NS + (60 + 90) * SECOND  # it was run again
    assert types(simulation.log.read())[-1] == "action.completed"


def test_a_capability_that_no_function_carries_out_is_refused_at_once() -> None:
    choreography = bakery()
    choreography.capability("till")

    with pytest.raises(SimulationError, match=r"No function carries out 'till': .*agent\(\"till\""):
        Simulation(choreography, MemoryLog())


@pytest.mark.parametrize("probability", [-0.1, 1.0])
def test_a_fault_has_a_probability_below_one(probability: float) -> None:
    with pytest.raises(SimulationError, match=f"delays is {probability}"):
        Faults(delays=probability)


def test_an_agent_that_waits_for_the_real_clock_is_told_how_to_wait() -> None:
    choreography = Choreography("odd")
    choreography.capability("c")
    choreography.pattern(event_type="asked", action="act", target_capability="c")

    @choreography.agent("c")
    async def odd(_ctx: Context) -> None:
        await asyncio.sleep(0)

    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "asked", {}, stream="s")

    with pytest.raises(SimulationError, match=r"await ctx.sleep"):
        simulation.run()
