"""Replay with rules: every decision of a shop made again, beside Temporal's Replayer."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

from laban.fixtures.orders import shop
from laban.replay.choreography.loading import parse_yaml, to_yaml
from laban.replay.recompute import recompute
from laban.replay.simulation import Simulation
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .figures import Report, core_seconds

ORDERS = 2_500
ROUNDS = 5
GOAL = 50_000  # events a second
BATCH = 5_000
PUBLISHED = "2,100-3,800/s published"  # of Temporal's Python Replayer
DECLINES = (0, 0, 0, 1, 9)
COUNTRIES = ("PT", "NG", "SE", "BG")


def measure(folder: Path, report: Report) -> None:
    """Record a shop at work in *folder*, replay it with its rules, and print how fast that is."""
    folder.mkdir(exist_ok=True)
    log = record(folder / "orders.laban")
    report.section(f"Replay with rules, a second of one core: {log.head():,} events")
    answer = recompute(log, shop)
    assert (answer.mismatched, answer.unfinished) == (0, 0)
    assert answer.decisions > ORDERS
    rate = log.head() / median(core_seconds(lambda: recompute(log, shop)) for _ in range(ROUNDS))
    report.rate("orders, every decision compared", rate, GOAL, f"Temporal {_temporal()}")
    _measure_change(log, report)
    log.close()


def record(path: Path) -> SqliteLog:
    """Record what becomes of ORDERS orders, some of which fall through, in simulated time."""
    random, memory = Random(1), MemoryLog()
    days = Simulation(shop, memory, seed=1)
    days.publish(0, "stock_counted", {"lamp": 10 * ORDERS}, stream="stock", source="warehouse")
    for number in range(ORDERS):
        order = {
            "customer": f"customer-{number}", "item": "lamp", "quantity": random.randint(1, 3),
            "order_value": random.randint(10, 1500), "card_declines": random.choice(DECLINES),
            "card_from": random.choice(COUNTRIES), "ship_to": random.choice(COUNTRIES),
        }  # fmt: skip
        stream = f"order-{number}"
        days.publish(
            60 * number, "order_received", order,
            stream=stream, source="web-shop", correlation_id=stream,
        )  # fmt: skip
    days.run()
    return _copied(memory, path)


def _copied(memory: MemoryLog, path: Path) -> SqliteLog:
    log, fields = SqliteLog.create(path), NewEvent.__struct_fields__
    events = (NewEvent(**{f: getattr(event, f) for f in fields}) for event in memory.read())
    while batch := list(islice(events, BATCH)):
        log.append(*batch)
    return log


def _temporal() -> str:
    """Return the rate of Temporal's Replayer; measured too where `temporalio` is installed."""
    if find_spec("temporalio") is None:
        return PUBLISHED
    from .temporal import rate

    rate()  # its machinery starts
    return f"{rate():,.0f}/s here, {PUBLISHED}"


def _measure_change(log: SqliteLog, report: Report) -> None:
    """What a changed rule would have done to every order."""
    text = to_yaml(shop).replace("> 1000", "> 500")
    stricter = parse_yaml(text, "orders.yaml")
    answer = recompute(log, stricter)
    assert 0 < answer.correlations < ORDERS
    taken = core_seconds(lambda: recompute(log, stricter))
    report.figure(
        "orders, one rule changed",
        f"{log.head() / taken:,.0f}/s",
        "",
        True,
        f"{answer.mismatched:,} decisions of {answer.correlations:,} orders differ",
    )
