"""Running to breakpoints in the large log, beside stepping there event by event."""

from __future__ import annotations

from pathlib import Path
from random import Random

from laban.replay.breakpoints import parse_breakpoint, run
from laban.replay.explain import why
from laban.replay.timeline import Timeline
from laban.store.sqlite import SqliteLog

from .figures import Report, each_ms, percentile, seconds

CASES = 300
GOAL_MS = 5
STEPPED = 20_000  # events, to know what stepping takes


def measure(path: Path, report: Report) -> None:
    """Run in the log at *path*, which has its index beside it, and print how long that takes."""
    log = SqliteLog.open(path)
    timeline = Timeline.open(log, path.with_name(f"{path.name}.cache"))
    report.section(f"Breakpoints, {timeline.head:,} events")
    random = Random(1)
    a_step_ms = 1000 * seconds(lambda: [event.type for event in log.read(1, STEPPED)]) / STEPPED
    event = log.get(timeline.head // 2)
    lines = {
        "a type": f"type {event.type}",
        "a source": f"source {event.source}",
        "a stream": f"stream {event.stream}",
        "a correlation": f"correlation {event.correlation_id}",
        "writes of a path": f"write /{event.stream}/status",
        "writes of a stream": f"write /{event.stream}",
        "one in 50 of a type": f"type {event.type} if position % 50 == 0",
    }
    for name, line in lines.items():
        goal = GOAL_MS if "if" not in line else 20 * GOAL_MS
        _measure(timeline, name, line, random, report, a_step_ms, goal)
    _measure_why(timeline, random, report)
    timeline.close()
    log.close()


def _measure(
    timeline: Timeline, name: str, line: str, random: Random, report: Report, step: float, goal: int
) -> None:
    breakpoint, passed = parse_breakpoint(line), 0

    def go(case: tuple[int, bool]) -> None:
        nonlocal passed
        start, backward = case
        stop = run(timeline, [breakpoint], start, backward=backward)
        end = stop.position if stop.position is not None else (0 if backward else timeline.head)
        passed += abs(end - start)

    starts = [(random.randint(1, timeline.head), n % 2 == 0) for n in range(CASES)]
    times = each_ms(go, starts)
    stepping = f"stepping: {passed / CASES * step:,.1f} ms"
    report.at_most(f"run to {name}, p99", percentile(times, 0.99), goal, stepping)


def _measure_why(timeline: Timeline, random: Random, report: Report) -> None:
    events = [timeline.log.get(random.randint(1, timeline.head)) for _ in range(CASES)]
    cases = [(f"/{event.stream}/status", event.position) for event in events]
    times = each_ms(lambda case: why(timeline, *case), cases)
    report.at_most("why, with its story, p99", percentile(times, 0.99), GOAL_MS)
