"""The foundation's figures: import, index, seek, step, why, history, bisect."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from laban.replay.bisect import first_edge
from laban.replay.explain import why
from laban.replay.expression import compile_expression
from laban.replay.timeline import Timeline
from laban.store.importers import import_source
from laban.store.schema import INSERT, PAGE_SIZE, TABLES
from laban.store.sqlite import SqliteLog

from .figures import Report, each_ms, percentile, seconds
from .generate import generate_jsonl

BATCH = 10_000  # events a transaction, for Laban and for the yardstick
SAMPLE = 100_000  # events of the yardsticks, and of the smaller log
CASES = 1_000  # random queries a figure


def measure(folder: Path, events: int, report: Report) -> None:
    """Generate a log of *events* in *folder* and print every figure."""
    report.section(f"A small log, {SAMPLE:,} events")
    small, _ = _recorded(folder / "small", SAMPLE, report, goals=False)
    small_seeks = _seeks(small)
    report.figure("seek of a stream, p99", f"{percentile(small_seeks, 0.99):.2f} ms", "", True)
    small.close()
    small.log.close()

    report.section(f"The log, {events:,} events of {events // 10:,} streams")
    timeline, fold_s = _recorded(folder / "large", events, report, goals=True)
    _measure_queries(timeline, percentile(small_seeks, 0.5), fold_s, report)
    timeline.close()
    timeline.log.close()


def _recorded(folder: Path, events: int, report: Report, *, goals: bool) -> tuple[Timeline, float]:
    """Import a generated log and index it; return its timeline and the time of a plain fold."""
    folder.mkdir()
    lines = folder / "log.jsonl"
    generate_jsonl(lines, events=events, streams=events // 10)
    log = SqliteLog.create(folder / "log.laban")
    importing = seconds(lambda: import_source([lines], log))
    assert log.head() == events
    made: list[Timeline] = []
    indexing = seconds(lambda: made.append(Timeline.open(log, folder / "log.laban.cache")))
    folding = seconds(lambda: _fold(log))
    if goals:
        raw = _raw_insert_rate(folder)
        data = sum(len(event.data.text) for event in log.read(1, SAMPLE)) / SAMPLE
        report.rate(
            "import of JSON Lines",
            events / importing,
            60_000,
            f"raw sqlite3 insert {raw:,.0f}/s; data {data:.0f} B/event",
        )
        report.rate(
            "index build",
            events / indexing,
            60_000,
            f"json.loads + dict fold {events / folding:,.0f}/s",
        )
    return made[0], folding


def _fold(log: SqliteLog) -> dict[str, dict[str, Any]]:
    state: dict[str, dict[str, Any]] = {}
    for event in log.read():
        state.setdefault(event.stream, {}).update(json.loads(event.data.text))
    return state


def _raw_insert_rate(folder: Path) -> float:
    """Return events/s of sqlite3 alone: same table, indexes, rows, batches and durability."""
    source = sqlite3.connect(folder / "log.laban")
    rows = source.execute(
        "SELECT position, stream, id, type, source, time, correlation_id, causation_id, data,"
        " metadata, recorded_at, hash FROM records WHERE position <= ?",
        (SAMPLE,),
    ).fetchall()
    source.close()
    raw = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    raw.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    for statement in TABLES:
        raw.execute(statement)

    def insert() -> None:
        for start in range(0, SAMPLE, BATCH):
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(INSERT, rows[start : start + BATCH])
            raw.execute("COMMIT")

    rate = SAMPLE / seconds(insert)
    raw.close()
    return rate


def _places(timeline: Timeline, seed: int) -> list[tuple[str, int]]:
    """Return random (stream, position) pairs where the stream exists."""
    random = Random(seed)
    places = []
    for _ in range(CASES):
        event = timeline.log.get(random.randint(1, timeline.head))
        places.append((event.stream, random.randint(event.position, timeline.head)))
    return places


def _seeks(timeline: Timeline) -> list[float]:
    return each_ms(lambda c: timeline.stream_at(*c), _places(timeline, 1))


def _measure_queries(
    timeline: Timeline, small_median: float, fold_s: float, report: Report
) -> None:
    def p99(work: Callable[[Any], Any], seed: int) -> float:
        return percentile(each_ms(work, _places(timeline, seed)), 0.99)

    def folded(case: tuple[str, int]) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for event in timeline.log.read_stream(case[0]):
            if event.position > case[1]:
                break
            state.update(json.loads(event.data.text))
        return state

    seeks = _seeks(timeline)
    yardstick = f"folding that stream's events {p99(folded, 1):.2f} ms"
    report.at_most("seek of a stream, p99", percentile(seeks, 0.99), 5, yardstick)
    growth = percentile(seeks, 0.5) / small_median
    report.figure(
        "growth of its median from the small log", f"{growth:.2f} x", "<= 1.5 x", growth <= 1.5
    )

    def step(case: tuple[str, int]) -> None:
        position = case[1]
        timeline.log.get(position)
        timeline.changes(position)
        timeline.cause(position)
        timeline.effects(position)

    report.at_most("step to a neighbour, all panes' data, p99", p99(step, 2), 2)
    report.at_most("why, p99", p99(lambda c: why(timeline, f"/{c[0]}/status", c[1]), 3), 5)
    report.at_most(
        "history of a path, p99", p99(lambda c: list(timeline.history(f"/{c[0]}/status")), 4), 5
    )

    def bisect(case: tuple[str, int]) -> None:
        last = list(timeline.history(f"/{case[0]}/status"))[-1].value
        wanted = compile_expression(f"state[{case[0]!r}].get('status') == {last!r}")
        assert first_edge(timeline, wanted).found

    bisecting = p99(bisect, 5)
    ratio = 1000 * fold_s / bisecting
    report.at_most("bisect --where on one path, p99", bisecting, 50)
    report.figure(
        "a full fold takes longer by",
        f"{ratio:,.0f} x",
        ">= 100 x",
        ratio >= 100,
        f"full fold {fold_s:.1f} s",
    )
