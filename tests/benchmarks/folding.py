"""Building an index by a choreography's reducers, beside one by the default reducer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.timeline import Timeline
from laban.store.importers import import_source
from laban.store.sqlite import SqliteLog

from .figures import Report, seconds
from .generate import FAILURE, LIFE, generate_jsonl

EVENTS = 100_000


def measure(folder: Path, report: Report) -> None:
    """Index a log of orders in *folder*, and print the rates and how warm both stay."""
    report.section(f"Reducers, {EVENTS:,} events of orders, a reducer for every type")
    folder.mkdir()
    generate_jsonl(folder / "log.jsonl", events=EVENTS, streams=EVENTS // 10)
    with closing(SqliteLog.create(folder / "log.laban")) as log:
        import_source([folder / "log.jsonl"], log)
        default = seconds(lambda: _open(log, folder, None))
        reduced = seconds(lambda: _open(log, folder, _orders()))
        again = seconds(lambda: _open(log, folder, None, _orders()))
    yardstick = f"default reducer {EVENTS / default:,.0f}/s"
    report.rate("index build by reducers", EVENTS / reduced, 10_000, yardstick)
    report.at_most("both indexes opened again", again * 1000, 1000)


def _open(log: SqliteLog, folder: Path, *choreographies: Choreography | None) -> None:
    for rules in choreographies:
        Timeline.open(log, folder / "cache", choreography=rules).close()


def _orders() -> Choreography:
    orders = Choreography("orders")

    def counted(order: dict[str, Any], event: Any) -> dict[str, Any]:
        return {**order, **event.data, "events": order.get("events", 0) + 1}

    for event_type, *_ in (*LIFE, FAILURE):
        if event_type not in orders.reducers:
            orders.reducer(event_type)(counted)
    return orders
