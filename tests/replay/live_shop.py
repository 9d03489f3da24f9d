"""A shop to run live; `python -m tests.replay.live_shop LOG ORDERS PARTITIONS` may be killed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

from laban.replay.choreography import ActionFailed, Choreography, Retry
from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine
from laban.replay.runtime import Runtime
from laban.store import open_log
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

LONG_AGO_NS = 1_700_000_000 * 10**9


def shop() -> Choreography:
    """Stock, then payment that fails now and then, then shipping."""
    made = Choreography("shop")
    made.capability("stock", timeout_seconds=30)
    made.capability("payment", timeout_seconds=30, retry=Retry(attempts=9, base_seconds=0.001))
    made.capability("shipping", agents=("north", "south"))
    for event_type, action, capability in [
        ("order_received", "reserve", "stock"),
        ("reserved", "charge", "payment"),
        ("charged", "ship", "shipping"),
    ]:
        made.pattern(event_type=event_type, action=action, target_capability=capability)

    @made.agent("stock")
    async def reserve(ctx: Any) -> None:
        await ctx.sleep(Random(ctx.key).uniform(0, 0.003))
        ctx.publish("reserved", {"status": "reserved"})

    @made.agent("payment")
    async def charge(ctx: Any) -> None:
        if Random(ctx.key).random() < 0.2:
            raise ActionFailed("the bank does not answer")
        ctx.publish("charged", {"status": "charged"})

    @made.agent("shipping")
    async def ship(ctx: Any) -> dict[str, Any]:
        ctx.publish("shipped", {"status": "shipped"})
        return {"parcels": 1}

    return made


def order(number: int) -> NewEvent:
    return NewEvent(
        stream=f"order-{number}",
        type="order_received",
        id=f"order-{number}",
        source="customer",
        correlation_id=f"order-{number}",
        data={"order_value": number},
        time_ns=LONG_AGO_NS,
    )


def recomputed(log: EventLog, choreography: Choreography) -> tuple[Sequence[NewEvent], Engine]:
    """Return the decisions that a new engine makes of a log, and the engine."""
    engine = Engine(choreography.plan)
    return [decision for event in log.read() for decision in engine.step(event)], engine


def recorded(log: EventLog) -> list[Event]:
    return [event for event in log.read() if is_decision(event)]


def key(decision: NewEvent) -> tuple[str, ...]:
    return (decision.id, decision.type, decision.stream, decision.data.text)


async def run(log: EventLog, orders: int, partitions: int) -> None:
    async with Runtime(shop(), log, partitions=partitions) as runtime:
        for number in range(orders):
            await runtime.publish(order(number))
        await runtime.quiet()


if __name__ == "__main__":
    path, count, lanes = sys.argv[1:]
    opened = open_log(path, create=True)
    asyncio.run(run(opened, int(count), int(lanes)))
    opened.close()
