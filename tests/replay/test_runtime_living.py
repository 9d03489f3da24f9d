"""A live runtime decides once, in order, whoever else writes the log."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest

from laban.replay.choreography import Choreography, Retry
from laban.replay.runtime import RulesDifferError, Runtime
from laban.store.errors import InvalidEventError
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

from .live_desk import asked, desk, lived, of_type
from .live_shop import key, order, recomputed, recorded, run, shop


@pytest.mark.parametrize("partitions", [1, 8])
def test_what_is_recorded_is_what_a_new_engine_decides(log: SqliteLog, partitions: int) -> None:
    asyncio.run(run(log, 30, partitions))

    decisions, engine = recomputed(log, shop())
    assert list(map(key, recorded(log))) == list(map(key, decisions))
    assert not engine.actions.open
    assert len(of_type(log, "shipped")) == 30


def test_a_correlations_actions_are_carried_out_in_order_beside_those_of_others(
    log: SqliteLog,
) -> None:
    begun: dict[str, list[int]] = defaultdict(list)
    under_way: set[str] = set()
    together = 0

    async def agent(ctx: Any) -> None:
        nonlocal together
        stream = ctx.event.stream
        assert stream not in under_way
        under_way.add(stream)
        together = max(together, len(under_way))
        begun[stream].append(ctx.event.data["n"])
        await ctx.sleep(Random(ctx.key).uniform(0, 0.005))
        under_way.remove(stream)

    events = [asked(f"{s}-{n}", f"desk-{s}", n=n) for n in range(10) for s in range(12)]
    lived(desk(agent), log, *events)

    assert begun == {f"desk-{s}": list(range(10)) for s in range(12)}
    assert together > 1


def test_what_another_process_appends_is_taken_in(log: SqliteLog) -> None:
    answered: list[str] = []

    async def agent(ctx: Any) -> None:
        answered.append(ctx.event.id)

    async def live() -> None:
        other = SqliteLog.open(log.path)
        async with Runtime(desk(agent), log) as runtime:
            await asyncio.to_thread(other.append, asked("from elsewhere"))
            while not answered:
                await asyncio.sleep(0.001)
            await runtime.quiet()
        other.close()

    asyncio.run(asyncio.wait_for(live(), 30))

    assert answered == ["from elsewhere"]


def test_two_runtimes_on_one_log_decide_once_even_if_they_act_twice(log: SqliteLog) -> None:
    async def agent(ctx: Any) -> None:
        await ctx.sleep(0.001 if ctx.attempt % 2 else 60)

    def rules() -> Choreography:
        return desk(agent, timeout_seconds=0.05, retry=Retry(attempts=9, base_seconds=0.001))

    async def live() -> None:
        other = SqliteLog.open(log.path)
        async with Runtime(rules(), log) as one, Runtime(rules(), other) as two:
            for number in range(20):
                await (one if number % 2 else two).publish(asked(f"q-{number}"))
            await asyncio.gather(one.quiet(), two.quiet())
        other.close()

    asyncio.run(asyncio.wait_for(live(), 30))

    decisions, engine = recomputed(log, rules())
    assert Counter(map(key, recorded(log))) == Counter(map(key, decisions))
    assert not engine.actions.open


def test_publishing_waits_while_there_is_too_much_to_do(log: SqliteLog) -> None:
    gate = asyncio.Event()

    async def agent(_: Any) -> None:
        await gate.wait()

    async def live() -> int:
        async with Runtime(desk(agent), log, capacity=5) as runtime:
            publishing = asyncio.create_task(publish(runtime))
            while not of_type(log, "action.started"):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.1)
            held_back = len(of_type(log, "asked"))
            gate.set()
            await publishing
            await runtime.quiet()
            return held_back

    async def publish(runtime: Runtime) -> None:
        for number in range(30):
            await runtime.publish(asked(f"q-{number}"))

    held_back = asyncio.run(asyncio.wait_for(live(), 30))

    assert held_back <= 10
    assert len(of_type(log, "action.completed")) == 30


def test_publishing_the_same_event_again_is_no_second_event(log: SqliteLog) -> None:
    lived(shop(), log, order(1), order(1))
    lived(shop(), log, order(1))

    assert len(of_type(log, "order_received")) == len(of_type(log, "shipped")) == 1


@pytest.mark.parametrize(("stream", "source"), [("$actions", "laban"), ("$timers", "clock")])
def test_events_in_the_engines_own_name_are_refused(
    log: SqliteLog, stream: str, source: str
) -> None:
    forged = NewEvent(stream=stream, type="action.requested", source=source, data={})

    with pytest.raises(InvalidEventError, match="engine's own"):
        lived(desk(None), log, forged)


def test_what_breaks_the_runtime_reaches_whoever_waits_for_it(log: SqliteLog) -> None:
    async def live() -> None:
        async with Runtime(desk(None), log) as runtime:
            log.append(NewEvent(stream="$actions", type="x", source="laban", data={}))
            await runtime.publish(asked())
            await runtime.quiet()

    with pytest.raises(RulesDifferError):
        asyncio.run(asyncio.wait_for(live(), 30))
