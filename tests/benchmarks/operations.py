"""One operation on a large log in a process of its own, so that its memory is known."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, redirect_stdout
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from laban.cli.state import state
from laban.replay.bisect import each, edges, first_edge
from laban.replay.check import check
from laban.replay.compare import compare
from laban.replay.explain import why
from laban.replay.expression import compile_expression
from laban.replay.search import Search
from laban.replay.stats import measure
from laban.replay.timeline import Timeline
from laban.store.sqlite import SqliteLog

from .figures import each_ms, percentile, seconds

CASES = 1_000
COLUMNS = 200  # of the strip in the debugger
LATE = compile_expression("type == 'order_shipped' and data['amount'] > 250")
NOWHERE = compile_expression("type == 'nothing'")
Work = Callable[[Timeline], Any]


def _cache(log: SqliteLog) -> Path:
    return log.path.with_name(f"{log.path.name}.cache")


def _build(log: SqliteLog) -> None:
    with TemporaryDirectory(dir=log.path.parent) as folder:
        Timeline.open(log, Path(folder)).close()


def _places(timeline: Timeline) -> list[tuple[str, int]]:
    """Return random (stream, position) pairs where the stream exists."""
    random, places = Random(1), []
    for _ in range(CASES):
        event = timeline.log.get(random.randint(1, timeline.head))
        places.append((event.stream, random.randint(event.position, timeline.head)))
    return places


def _step(timeline: Timeline, position: int) -> None:
    timeline.log.get(position)
    timeline.changes(position)
    timeline.cause(position)
    timeline.effects(position)


def _paint(timeline: Timeline) -> None:
    """Look up what the debugger shows first, at the end of the log."""
    timeline.density(COLUMNS)
    timeline.stream_count(timeline.head)
    timeline.streams(timeline.head)
    _step(timeline, timeline.head)


def _first(timeline: Timeline, place: tuple[str, int]) -> None:
    first_edge(timeline, compile_expression(f"state[{place[0]!r}]['status'] == 'shipped'"))


def _tenth(timeline: Timeline) -> Iterable[object]:
    return timeline.diff(timeline.head // 2, timeline.head // 2 + timeline.head // 10)


def _whole_state(timeline: Timeline) -> None:
    path = str(timeline.log.path)  # type: ignore[attr-defined]
    with open("/dev/null", "w") as nowhere, redirect_stdout(nowhere):
        state.main([path, "--json"], standalone_mode=False)


def _compare(timeline: Timeline) -> None:
    """Compare the log with itself, as two."""
    log = SqliteLog.open(timeline.log.path)  # type: ignore[attr-defined]
    with closing(log), closing(Timeline.open(log, _cache(log))) as other:
        compare(timeline, other)


def _count(rows: Iterable[object]) -> int:
    return sum(1 for _ in rows)


EACH: dict[str, Callable[[Timeline, tuple[str, int]], object]] = {  # timed by its p99
    "seek of a stream, p99": lambda t, place: t.stream_at(*place),
    "step to a neighbour, p99": lambda t, place: _step(t, place[1]),
    "why, p99": lambda t, place: why(t, f"/{place[0]}/status", place[1]),
    "history of a path, p99": lambda t, place: list(t.history(f"/{place[0]}/status")),
    "bisect --where on one path, p99": _first,
}
ONCE: dict[str, Work] = {
    "first paint, what it looks up": _paint,
    "bisect --where on events": lambda t: first_edge(t, NOWHERE),
    "bisect --where --all on events": lambda t: edges(t, LATE, limit=1_000),
    "bisect --each correlation": lambda t: _count(each(t, LATE)),
    "search backward": lambda t: Search(t, NOWHERE).previous(t.head),
    "events of a source": lambda t: t.source_count(t.log.get(t.head)),
    "diff over a tenth": lambda t: _count(_tenth(t)),
    "state, whole, printed": _whole_state,
    "stats": lambda t: measure(t.log),
    "check, races among it": lambda t: check(t.log),
    "compare with itself": _compare,
    "events read": lambda t: _count(t.log.read()),
    "a page of events": lambda t: list(islice(t.log.read(t.head // 2), 1_000)),
}
OPEN, BUILD = "open, warm", "index build"
NAMES = (BUILD, OPEN, *EACH, *ONCE)


def main() -> None:
    """Do the operation of the second argument on the log of the first; print what it took."""
    log = SqliteLog.open(sys.argv[1])
    ms = measured(log, sys.argv[2])
    print(json.dumps({"ms": ms, "core_ms": 1000 * time.process_time(), "mb": peak_mb()}))


def measured(log: SqliteLog, name: str) -> float:
    """Return how long the operation takes on *log*, ms."""
    if name == BUILD:
        return 1000 * seconds(lambda: _build(log))
    made: list[Timeline] = []
    opening = seconds(lambda: made.append(Timeline.open(log, _cache(log))))
    (timeline,) = made
    if name in EACH:
        return percentile(each_ms(lambda p: EACH[name](timeline, p), _places(timeline)), 0.99)
    return 1000 * (opening if name == OPEN else seconds(lambda: ONCE[name](timeline)))


def peak_mb() -> float:
    """Return the most memory that this process took so far."""
    status = Path("/proc/self/status")  # what getrusage tells there includes who started us
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if "VmHWM" in line)
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS tells bytes


if __name__ == "__main__":
    main()
