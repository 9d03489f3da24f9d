"""How a live runtime ends, and what a log it takes up again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from laban.replay.choreography.engine import Engine
from laban.replay.runtime import RulesDifferError, Runtime
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

from .live_desk import asked, desk, lived, of_type
from .live_shop import key, recomputed, recorded, run, shop


def test_a_shutdown_lets_agents_end_and_begins_nothing_new(log: SqliteLog) -> None:
    at_work, leaving = asyncio.Event(), asyncio.Event()

    async def agent(_: Any) -> None:
        at_work.set()
        await leaving.wait()

    async def live() -> None:
        async with Runtime(desk(agent), log, partitions=1) as runtime:
            await runtime.publish(*(asked(f"q-{number}") for number in range(5)))
            await at_work.wait()
            leaving.set()  # the agent goes on when the shutdown waits for it

    asyncio.run(asyncio.wait_for(live(), 30))

    assert len(of_type(log, "action.started")) == len(of_type(log, "action.completed")) == 1
    decisions, _ = recomputed(log, desk(None))
    assert list(map(key, recorded(log))) == list(map(key, decisions))


def test_after_a_shutdown_the_rest_is_done_and_what_was_cut_short_again_with_its_key(
    log: SqliteLog,
) -> None:
    keys: list[str] = []

    async def slow(ctx: Any) -> None:
        keys.append(ctx.key)
        await ctx.sleep(60)

    async def quick(ctx: Any) -> None:
        keys.append(ctx.key)

    async def live() -> None:
        async with Runtime(desk(slow), log, partitions=1, grace_seconds=0.01) as runtime:
            await runtime.publish(asked("a"), asked("b"))
            while not keys:
                await asyncio.sleep(0.001)

    asyncio.run(live())
    lived(desk(quick), log)

    assert len(keys) == 3
    assert keys[0] == keys[1]
    assert len(of_type(log, "action.completed")) == 2


def test_other_rules_than_those_that_made_the_log_are_refused(log: SqliteLog) -> None:
    asyncio.run(run(log, 3, 1))
    head = log.head()
    changed = shop()
    changed.pattern(
        event_type="order_received", action="greet", target_capability="stock", priority=9
    )

    with pytest.raises(RulesDifferError, match=r"but these rules decide .*greet"):
        lived(changed, log)

    assert log.head() == head


def test_a_decision_that_nobody_can_read_is_another_one(log: SqliteLog) -> None:
    log.append(asked())
    decision = Engine(desk(None).plan).step(log.get(1))[0]
    log.append(replace(decision, data=JsonObject(f'{{"n":{"9" * 5000}}}')))

    with pytest.raises(RulesDifferError):
        lived(desk(None), log)
