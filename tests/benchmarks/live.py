"""What happens live: small appends that share a transaction, and a shop that runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.runtime import Runtime
from laban.store.appender import Appender
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

from .figures import Report, seconds

WRITERS = 64
ROUNDS = 25
SETTLING = 1_500  # appends until a log's WAL starts over, see `_settled`
ORDERS = 1_000
SYNCS = 200

_numbers = count()


def measure(folder: Path, report: Report) -> None:
    """Print the figures of the appender and of the live runtime, on real files in *folder*."""
    folder.mkdir(exist_ok=True)
    _measure_appender(folder, report)
    _measure_runtime(folder, report)


def _measure_appender(folder: Path, report: Report) -> None:
    """64 callers that append one event each, at once: through the appender, and without it."""
    report.section(f"{WRITERS} concurrent appends of one event each")
    names = ("grouped", "threads", "at_once", "in_turn")
    logs = [_settled(folder / f"{name}.laban") for name in names]
    with (
        Appender(logs[0]) as for_coroutines,
        Appender(logs[1]) as for_threads,
        ThreadPoolExecutor(WRITERS) as pool,
        asyncio.Runner() as loop,
    ):
        ways: list[Callable[[list[NewEvent]], Any]] = [
            lambda events: loop.run(_together(for_coroutines, events)),
            lambda events: list(pool.map(for_threads.append, events)),
            lambda events: loop.run(_each_alone(logs[2], events)),
            lambda events: [logs[3].append(event) for event in events],
        ]
        rounds = [[_timed(way) for way in ways] for _ in range(ROUNDS)]  # side by side
    # The fastest round of each: a busy machine delays many short waits more than one.
    grouped, threads, alone, one_by_one = (1000 * min(times) for times in zip(*rounds, strict=True))
    ratio = alone / grouped
    for log in logs:
        log.close()
    report.figure(
        "group commit is faster by",
        f"{ratio:,.0f} x",
        ">= 20 x",
        ratio >= 20,
        f"{grouped:.1f} ms ({threads:.1f} ms for threads); each with its own fsync "
        f"{alone:.0f} ms at once, {one_by_one:.0f} ms one after another; "
        f"fsync alone {1000 * _sync_seconds(folder):.2f} ms",
    )


def _settled(path: Path) -> SqliteLog:
    """
    Return a new log whose WAL has reached its full length and is written over.

    A file that grows makes every fsync slower, and only the logs that commit each event by
    itself would get past that during the rounds.
    """
    log = SqliteLog.create(path)
    for _ in range(SETTLING // WRITERS + 1):
        for event in _events():
            log.append(event)
    return log


def _events() -> list[NewEvent]:
    return [
        NewEvent(stream=f"order-{next(_numbers)}", type="order_received", data={"order_value": 120})
        for _ in range(WRITERS)
    ]


def _timed(way: Callable[[list[NewEvent]], Any]) -> float:
    events = _events()
    return seconds(lambda: way(events))


async def _together(appender: Appender, events: list[NewEvent]) -> None:
    await asyncio.gather(*(appender.append_async(event) for event in events))


def _sync_seconds(folder: Path) -> float:
    file = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY)
    try:

        def sync() -> None:
            os.write(file, bytes(4096))
            os.fsync(file)

        return median(seconds(sync) for _ in range(SYNCS))
    finally:
        os.close(file)


async def _each_alone(log: SqliteLog, events: list[NewEvent]) -> None:
    await asyncio.gather(*(asyncio.to_thread(log.append, event) for event in events))


def _measure_runtime(folder: Path, report: Report) -> None:
    report.section(f"A live shop, {ORDERS:,} orders")
    log = SqliteLog.create(folder / "live.laban")
    duration = seconds(lambda: asyncio.run(_live(log)))
    published = sum(not event.stream.startswith("$") for event in log.read())
    per_second = log.head() / duration
    raw = _durable_rate(folder, per_transaction=max(1, log.head() // _transactions(log)))
    report.rate(
        "live runtime, durable",
        per_second,
        2_000,
        f"of them {published / duration:,.0f}/s by agents and customers; appends alone, "
        f"in transactions as large {raw:,.0f}/s",
    )
    log.close()


def _transactions(log: SqliteLog) -> int:
    return len({event.recorded_at_ns for event in log.read()})


def _durable_rate(folder: Path, per_transaction: int) -> float:
    log = SqliteLog.create(folder / "yardstick.laban")
    events = [event for _ in range(ORDERS // WRITERS * 4) for event in _events()]

    def append() -> None:
        for start in range(0, len(events), per_transaction):
            log.append(*events[start : start + per_transaction])

    rate = len(events) / seconds(append)
    log.close()
    return rate


async def _live(log: SqliteLog) -> None:
    async with Runtime(_shop(), log) as runtime:
        for number in range(ORDERS):
            await runtime.publish(
                NewEvent(
                    stream=f"order-{number}",
                    type="order_received",
                    correlation_id=f"order-{number}",
                    data={"order_value": number + 1, "customer": f"customer-{number % 97}"},
                )
            )
        await runtime.quiet()


def _shop() -> Choreography:
    """The path of an order that meets no trouble; its agents answer at once."""
    shop = Choreography("orders")
    shop.capability("fraud_detection")
    for received, condition, action, capability, published, data in STEPS:
        shop.capability(capability, timeout_seconds=30)
        shop.pattern(
            event_type=received, condition=condition, action=action, target_capability=capability
        )
        shop.agent(capability)(_agent(published, data))
    shop.pattern(
        event_type="order_received",
        condition="data.get('order_value', 0) > 1000",
        action="request_manual_review",
        target_capability="fraud_detection",
        priority=9,
    )
    return shop


STEPS: list[tuple[str, str, str, str, str, dict[str, Any]]] = [
    ("order_received", "data.get('order_value') > 0", "check_inventory", "inventory_management",
     "inventory_confirmed", {"items_available": True}),
    ("inventory_confirmed", "data.get('items_available') == True", "process_payment",
     "payment_processing", "payment_successful", {"payment_status": "confirmed"}),
    ("payment_successful", "data.get('payment_status') == 'confirmed'", "initiate_fulfillment",
     "order_fulfillment", "fulfillment_complete", {"items_packed": True}),
    ("fulfillment_complete", "data.get('items_packed') == True", "schedule_shipping",
     "shipping_management", "shipping_complete", {"tracking_number": "T-1"}),
]  # fmt: skip


def _agent(type: str, data: dict[str, Any]) -> Callable[[Any], Coroutine[Any, Any, None]]:
    async def agent(ctx: Any) -> None:
        ctx.read(f"/{ctx.event.stream}/order_value")
        ctx.publish(type, data)

    return agent
