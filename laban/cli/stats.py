"""`laban stats`"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from laban.replay.figures import percent, rate, span
from laban.store.terminal import cells, fit, safe

from .opening import opened_log
from .output import Progress, print_json, print_line
from .params import json_option, log_argument
from .program import command

if TYPE_CHECKING:
    from laban.replay.stats import Stats

Row = tuple[str, ...]

WIDTH = 80
SHOWN = 10  # types and sources; --json has all


@command(
    "stats",
    "laban stats credit.laban",
    "laban stats credit.laban --json",
)
@log_argument
@json_option
def stats(path: str, as_json: bool) -> None:
    """
    Show the metrics of a log.

    Rates, response times, correlations, sequences, circuits, sagas and costs. Times are those
    of the events; response times run from a request to the answer that ended it, retries
    included.
    """
    from msgspec import to_builtins

    from laban.replay.stats import measure

    with opened_log(path) as log, Progress("measuring") as advance:
        measured = measure(log, progress=advance)
    if as_json:
        print_json(to_builtins(measured))
    else:
        for line in _lines(measured):
            print_line(line)


def _lines(stats: Stats) -> Iterator[str]:
    yield from _overview(stats)
    yield from _ranking("type", stats.types, stats.seconds)
    yield from _ranking("source", stats.sources, stats.seconds)
    yield from _table(
        ("rule", "triggers", "succeeded", "failed", "mean", "p95"),
        (
            (name, f"{one.triggers:,}", f"{one.successes:,}", f"{one.failures:,}",
             span(one.mean_seconds), span(one.p95_seconds))
            for name, one in stats.rules.items()
        ),
    )  # fmt: skip
    yield from _table(
        ("sequence", "active", "completed", "timed out", "completion"),
        (
            (name, f"{one.active:,}", f"{one.completed:,}", f"{one.timed_out:,}",
             percent(one.completion_rate))
            for name, one in stats.sequences.items()
        ),
    )  # fmt: skip
    yield from _table(
        ("saga", "active", "completed", "compensated", "failed"),
        (
            (name, f"{one.active:,}", f"{one.completed:,}", f"{one.compensated:,}",
             f"{one.failed:,}")
            for name, one in stats.sagas.items()
        ),
    )  # fmt: skip
    yield from _table(
        ("circuit", "closed", "open", "half open"),
        (
            (name, span(one["closed"]), span(one["open"]), span(one["half_open"]))
            for name, one in stats.circuits.items()
        ),
    )
    yield from _table(
        ("spent by", "tokens", "cost"),
        (
            (name, f"{one.tokens:,}", f"{one.cost:,.4f}".rstrip("0").rstrip("."))
            for name, one in stats.spending.items()
        ),
    )


def _overview(stats: Stats) -> Iterator[str]:
    often = "" if stats.events_per_second is None else f", {rate(stats.events_per_second)}"
    made = f"; {stats.decisions:,} are decisions" if stats.decisions else ""
    yield f"events        {stats.events:,} in {span(stats.seconds)}{often}{made}"
    of = stats.correlations
    if of.count:
        yield (
            f"correlations  {of.count:,}, {of.active:,} active; "
            f"mean {span(of.mean_seconds)}, longest {span(of.longest_seconds)}"
        )
        yield fit(f"              the longest is {safe(of.longest or '')}", WIDTH)
    memory = stats.memory
    if stats.decisions:
        yield f"open          {memory.open:,} now, {memory.most_open:,} at most"
    if memory.resident_bytes is not None:
        yield f"memory        {memory.resident_bytes / 2**20:,.0f} MiB to measure this"


def _ranking(what: str, counts: dict[str, int], seconds: float) -> Iterator[str]:
    rows = [
        (name, f"{count:,}", rate(count / seconds) if seconds else "-")
        for name, count in counts.items()
    ]
    yield from _table((what, "events", "rate"), rows[:SHOWN])
    if len(rows) > SHOWN:
        yield f"and {len(rows) - SHOWN:,} more: --json lists them all"


def _table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield an empty line and a table of WIDTH cells at most, names cut; nothing without rows."""
    table = [head, *rows]
    if len(table) == 1:
        return
    yield ""
    widths = [max(map(cells, column)) for column in zip(*(row[1:] for row in table), strict=True)]
    room = WIDTH - sum(widths) - 2 * len(widths)
    names = [fit(safe(row[0]), room) for row in table]
    longest = max(map(cells, names))
    for name, row in zip(names, table, strict=True):
        numbers = [f"  {value:>{width}}" for value, width in zip(row[1:], widths, strict=True)]
        yield name + " " * (longest - cells(name)) + "".join(numbers)
