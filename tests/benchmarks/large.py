"""`make bench-large`: each operation on a log and on one ten times as long; half an hour."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from laban.replay.timeline import Timeline
from laban.store.importers import import_source
from laban.store.sqlite import SqliteLog

from .figures import Report
from .generate import generate_jsonl
from .operations import EACH, NAMES, OPEN

DEFAULT = 10_000_000
MEMORY_MB = 1_024
GOALS_MS = {OPEN: 2_000.0, **dict.fromkeys(EACH, 20.0)}
LINEAR = 15.0  # times as long, for ten times as many events: some of them in a larger tree


def main() -> None:
    """
    Take the number of events and the folder to work in from the command line.

    Logs that a folder holds already, by an earlier run, are measured again.
    """
    events = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    report = Report()
    if len(sys.argv) > 2:
        measure(Path(sys.argv[2]), events, report)
    else:
        with TemporaryDirectory() as folder:
            measure(Path(folder), events, report)
    sys.exit(report.finish())


def measure(folder: Path, events: int, report: Report) -> None:
    """Print time and memory of each operation at *events*, and the growth from a tenth of them."""
    small, large = _made(folder, events // 10), _made(folder, events)
    report.section(f"{events:,} events: time, the growth from {events // 10:,}, and peak memory")
    for name in NAMES:
        before, after = _measured(small, name), _measured(large, name)
        goal, growth = GOALS_MS.get(name), after["core_ms"] / before["core_ms"]
        met, wanted = growth <= LINEAR, f"<= {LINEAR:g} x"
        if goal is not None:
            met, wanted = after["ms"] <= goal, f"<= {goal:,.0f} ms"
        yardstick = f"{growth:.1f} x as much work; {before['ms']:,.1f} ms"
        report.figure(name, f"{after['ms']:,.1f} ms", wanted, met, yardstick)
        mb = after["mb"]
        report.figure("  its memory", f"{mb:,.0f} MB", f"<= {MEMORY_MB:,} MB", mb <= MEMORY_MB)


def _made(folder: Path, events: int) -> Path:
    """Return a log of *events* with its index, made unless it is there."""
    path = folder / str(events) / "log.laban"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.with_name("log.jsonl")
        generate_jsonl(lines, events=events, streams=events // 10)
        with SqliteLog.making(path) as log:
            import_source([lines], log)
        lines.unlink()
    log = SqliteLog.open(path)
    Timeline.open(log, path.with_name(f"{path.name}.cache")).close()
    log.close()
    return path


def _measured(log: Path, name: str) -> dict[str, float]:
    """Return ms, ms of one core in all, and peak MB of an operation, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.operations", str(log), name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
