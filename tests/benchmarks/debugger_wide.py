"""The debugger where a stream has very many fields, and where one value has very many paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

from .debugger_pty import DOWN, PAGE_DOWN, opened
from .figures import Report, percentile

FIELDS = 50_000
STEPS = 100
ITEMS = 200_000  # of five paths each
BATCH = 10_000  # events a transaction
END, HOME = "\x1b[F", "\x1b[H"


def measure(folder: Path, report: Report) -> None:
    """Make a log of one wide stream and one with a large value; print how long keys take there."""
    folder.mkdir()
    log = folder / "wide.laban"
    _record(log)
    report.section(f"The debugger in a stream of {FIELDS:,} fields, and in one with a large value")
    with opened(log, f"@{FIELDS + 1}") as screen:
        screen.first_paint("Breakpoints")
        steps = sorted(screen.press(key).complete for key in ["n", "n", "N"] * (STEPS // 3))
    with opened(log, "head") as screen:
        screen.first_paint("Breakpoints")
        screen.press(":", "go to")
        screen.press("/large/items", "/large/items")
        screen.press("\r", "showing")
        keys = ["2", "l", END, HOME, *[DOWN] * 20, *[PAGE_DOWN] * 10, "l", "h", "h"]
        inside = [screen.press(key).complete for key in keys]
        memory = screen.peak_mb()
    report.at_most("a step, all panes, p95", percentile(steps, 0.95), 60)
    report.at_most(f"a key among {5 * ITEMS:,} paths, slowest", max(inside), 100)
    report.figure("memory", f"{memory:.0f} MB", "", met=True)


def _record(path: Path) -> None:
    """Record the fields of a stream one by one, some of them again, then one large value."""
    wide = [
        NewEvent(stream="wide", type="set", time_ns=n, data={f"field-{n * 7 % FIELDS}": n})
        for n in range(FIELDS + STEPS)
    ]
    items = {str(n): {"n": n, "pair": [n, n + 1]} for n in range(ITEMS)}
    told: list[dict[str, Any]] = [{"items": items}, {"n": 0}, {"n": 1}]
    large = [
        NewEvent(stream="large", type="set", time_ns=FIELDS + STEPS + n, data=data)
        for n, data in enumerate(told)
    ]
    with SqliteLog.making(path) as log:
        for start in range(0, len(wide), BATCH):
            log.append(*wide[start : start + BATCH])
        log.append(*large)
        Timeline.open(log, path.with_name(f"{path.name}.cache")).close()
