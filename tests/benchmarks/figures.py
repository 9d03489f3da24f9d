"""Timing, and the table that `make bench` prints."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any


class Report:
    """Prints a line a figure as it is measured; knows at the end which ones missed their goal."""

    def __init__(self) -> None:
        self.missed: list[str] = []
        print(
            f"{platform.python_implementation()} {platform.python_version()}, "
            f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, {platform.machine()}\n"
        )

    def section(self, title: str) -> None:
        print(f"\n{title}")

    def figure(self, name: str, value: str, goal: str, met: bool, yardstick: str = "") -> None:
        """Print one figure, its goal, whether it is met, and what it is measured against."""
        print(f"  {'ok  ' if met else 'MISS'} {name:<42} {value:>16}   goal {goal:<16} {yardstick}")
        if not met:
            self.missed.append(name)

    def at_most(self, name: str, ms: float, goal_ms: float, yardstick: str = "") -> None:
        """Print a duration that must not be longer than its goal."""
        self.figure(name, f"{ms:,.2f} ms", f"<= {goal_ms:g} ms", ms <= goal_ms, yardstick)

    def rate(self, name: str, per_second: float, goal: float, yardstick: str = "") -> None:
        """Print a rate that must reach its goal."""
        self.figure(
            name, f"{per_second:,.0f}/s", f">= {goal:,.0f}/s", per_second >= goal, yardstick
        )

    def finish(self) -> int:
        """Say what missed its goal; return the exit status."""
        print(f"\n{len(self.missed)} figures missed: {', '.join(self.missed) or 'none'}")
        return 1 if self.missed else 0


def seconds(work: Callable[[], Any]) -> float:
    """Return how long *work* takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def core_seconds(work: Callable[[], Any]) -> float:
    """Return how long *work* keeps a core busy, once: other work on the machine does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def each_ms(work: Callable[[Any], Any], cases: Iterable[Any]) -> list[float]:
    """Return how long *work* takes for each of *cases*, ms, fastest first."""
    return sorted(1000 * seconds(lambda case=case: work(case)) for case in cases)  # type: ignore[misc]


def percentile(sorted_ms: list[float], share: float) -> float:
    """Return the duration that *share* (0..1) of the cases did not exceed."""
    return sorted_ms[min(int(len(sorted_ms) * share), len(sorted_ms) - 1)]
