"""Bisecting the large log in every way, beside a scan that tests each position."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from laban.cli.bisect.handing import Handing, write_state
from laban.replay.bisect import (
    Bisection,
    Narrowing,
    Verdict,
    assume_monotone,
    each,
    edges,
    first_edge,
    last_good,
    narrow,
)
from laban.replay.expression import Expression, compile_expression
from laban.replay.scope import Scope
from laban.replay.timeline import Timeline
from laban.store.sqlite import SqliteLog

from .figures import Report, each_ms, percentile, seconds

CASES = 100
SCANNED = 20_000  # positions, to know what a scan of all would take
FINDERS: dict[str, Callable[..., Bisection]] = {
    "the first edge of one path": first_edge,
    "every edge of one path": edges,
    "since when, from the end": last_good,
    "halving, one path": assume_monotone,
}


def measure(path: Path, report: Report) -> None:
    """Bisect the log at *path*, which has its index beside it, and print how long that takes."""
    log = SqliteLog.open(path)
    timeline = Timeline.open(log, path.with_name(f"{path.name}.cache"))
    report.section(f"Bisect, {timeline.head:,} events")
    _measure_paths(timeline, report)
    _measure_passes(timeline, report)
    _measure_handing(timeline, report)
    timeline.close()
    log.close()


def _measure_paths(timeline: Timeline, report: Report) -> None:
    random = Random(1)
    cases = []
    for _ in range(CASES):
        event = timeline.log.get(random.randint(1, timeline.head))
        status = event.data["status"]
        cases.append(compile_expression(f"state[{event.stream!r}]['status'] == {status!r}"))
    per_position = seconds(lambda: _scan(timeline, cases[0])) / SCANNED
    for name, find in FINDERS.items():
        taken = each_ms(partial(find, timeline), cases)
        ratio = 1000 * per_position * timeline.head / percentile(taken, 0.99)
        yardstick = f"testing each position takes {ratio:,.0f} x"
        report.at_most(f"{name}, p99", percentile(taken, 0.99), 50, yardstick)


def _scan(timeline: Timeline, expression: Expression) -> None:
    for position in range(min(SCANNED, timeline.head)):
        expression.holds(Scope(timeline, position))


def _measure_passes(timeline: Timeline, report: Report) -> None:
    head = timeline.head
    nowhere = compile_expression("type == 'nothing' and data['amount'] < 0")
    taken = seconds(lambda: first_edge(timeline, nowhere))
    report.rate("a test that reads the event", head / taken, 100_000)
    late = compile_expression("type == 'order_shipped' and data['amount'] > 250")
    found = each(timeline, late)
    taken = seconds(lambda: list(found))
    report.rate(f"the first in each of {found.groups:,} groups", head / taken, 50_000)


def _measure_handing(timeline: Timeline, report: Report) -> None:
    """Halve as `run` does, with a command that takes no time."""
    tests = (timeline.head - 1).bit_length()
    per_million = timeline.head / 1_000_000
    for name, goal in (("position", 10.0), ("log", 2_000 * per_million + 50)):
        taken = 1000 * seconds(partial(_halve, timeline, name)) / tests
        report.at_most(f"handing over the {name}, a test of {tests}", taken, goal)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "state.json"
        taken = 1000 * seconds(lambda: write_state(timeline, timeline.head, file))
    report.at_most("handing over the state, the largest", taken, 4_000 * per_million + 50)


def _halve(timeline: Timeline, name: str) -> None:
    edge = timeline.head * 2 // 3
    with TemporaryDirectory() as folder:
        handing = Handing(timeline, Path(folder), [f"{{{name}}}"])

        def test(position: int) -> Verdict:
            verdict = Verdict.BAD if position >= edge else Verdict.GOOD
            with handing.at(position):
                handing.tell(position, verdict)
            return verdict

        halving = Narrowing(0, timeline.head)
        narrow(halving, test)
        assert halving.bad == edge
