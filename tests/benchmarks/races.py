"""Races: every one of a large log in which each event tells what it read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from laban.replay.check import Flaw
from laban.replay.check.races import races
from laban.replay.check.races.source import batches
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

from .figures import Report, core_seconds

EVENTS = 1_000_000
GOAL_MS = 2_000  # for EVENTS, cold: from the log, without an index
BATCH = 20_000  # events a transaction
OPEN = 2_000  # orders under way at once
LIFE = ("placed", "reserved", "asked", "paid", "invoiced", "picked", "packed", "shipped", "located")
SOURCES = ("shop", "warehouse", "payments", "payments", "billing")
STALE = 0.01  # of the reads are of the version before


def measure(folder: Path, report: Report, events: int = EVENTS) -> None:
    """Record *events* events in *folder*, one in a hundred on an old version; find all of these."""
    folder.mkdir(exist_ok=True)
    log, planted = SqliteLog.create(folder / "races.laban"), list[int]()
    batch: list[NewEvent] = []
    for event in _events(events, Random(1), planted):
        batch.append(event)
        if len(batch) == BATCH:
            log.append(*batch)
            batch.clear()
    log.append(*batch)
    report.section(f"Races, a second of one core, from the log: {events:,} events")
    read = core_seconds(lambda: sum(len(batch.ids) for batch in batches(log, events)))
    found: list[Flaw] = []
    times = [1000 * core_seconds(lambda: found.__setitem__(slice(None), races(log))) for _ in "12"]
    assert sorted(flaw.position or 0 for flaw in found) == planted
    report.at_most(
        "all races", min(times), GOAL_MS * events / EVENTS,
        f"all {len(planted):,} planted ones found; to read the columns {1000 * read:,.0f} ms",
    )  # fmt: skip
    log.close()


def _events(count: int, chance: Random, planted: list[int]) -> Iterator[NewEvent]:
    """Yield the events of orders that overlap, and note the positions of those that race."""
    orders: list[list[int]] = [[number] for number in range(OPEN)]  # a number and its positions
    begun = OPEN
    for position in range(1, count + 1):
        place = int(chance.random() * OPEN)
        number, *before = orders[place]
        step, stream = len(before), f"order-{number:06}"
        status = LIFE[step]
        metadata = ""
        if before:
            is_stale = step > 1 and chance.random() < STALE
            if is_stale:
                planted.append(position)
            metadata = f'"reads":{{"/{stream}/status":{before[-2] if is_stale else before[-1]}}}'
        yield NewEvent(
            stream=stream,
            id=f"{stream}-{step}",
            type=f"order_{status}",
            source=SOURCES[step % len(SOURCES)],
            correlation_id=stream,
            causation_id=f"{stream}-{step - 1}" if step else None,
            data=JsonObject(
                f'{{"status":"{status}","revision":{step},"amount":{number % 977}.5,'
                f'"customer":{{"id":{number % 9973},"name":"Ada Bauer"}}}}'
            ),
            metadata=JsonObject(f"{{{metadata}}}"),
        )
        orders[place].append(position)
        if step + 1 == len(LIFE):
            orders[place], begun = [begun], begun + 1
