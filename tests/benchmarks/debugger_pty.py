"""The debugger as a user sees it: in a real terminal, from a key to the last cell it changes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from .debugger_peers import peers
from .figures import Report, percentile
from .pty_screen import Painted, PtyScreen

CASES = 100  # keys of a kind
DOWN, UP, PAGE_DOWN, PAGE_UP, ESCAPE = "\x1b[B", "\x1b[A", "\x1b[6~", "\x1b[5~", "\x1b"
ELSEWHERE = ["N", "s", "S", "]", "[", "w", "u", "n", "N"]  # besides a step: all panes change
NOWHERE = "data['no such field'] == 1"


def opened(log: Path, at: str = "50%") -> PtyScreen:
    """Open *log*, whose index is built, in the debugger."""
    return PtyScreen([sys.executable, "-m", "laban", "open", str(log), "--at", at])


def measure(log: Path, events: int, report: Report) -> None:
    """Open *log*, of so many *events*, press keys, and print how soon the screen followed."""
    report.section(f"The debugger in a terminal of 120 by 36, {events:,} events")
    others = peers(log)
    with opened(log) as screen:
        painted = screen.first_paint("Breakpoints").complete
        start = events // 2
        rows = [p.seen for p in _cursor_keys(screen, start)]
        steps = [screen.press(key).complete for key in _steps()]
        pages = [screen.press(key).complete for key in [PAGE_DOWN, PAGE_UP] * (CASES // 4)]
        jumps = [_jump(screen, position).complete for position in _anywhere(events)]
        drains = [_drain(screen, start, ahead) for ahead in (0, 100, 200)]
        cancels = [_cancel(screen) for _ in range(CASES // 10)]
        memory = screen.peak_mb()
    report.at_most("first paint", painted, 700, others.paints)
    report.at_most("a cursor key to its row, p95", _p95(rows), 16, others.keys)
    report.at_most("a step, all panes, p95", _p95(steps), 60)
    report.at_most("a page, all panes, p95", _p95(pages), 60)
    report.at_most("a jump anywhere, all panes, p95", _p95(jumps), 100)
    report.at_most("100 steps typed at once, slowest", max(drains), 500)
    report.at_most("a search ends after esc, slowest", max(cancels), 100)
    report.figure("memory", f"{memory:.0f} MB", "<= 250 MB", memory <= 250, others.memory)


def _cursor_keys(screen: PtyScreen, start: int) -> Iterable[Painted]:
    """Move the cursor down and back; yield when its row was seen, the other panes following."""
    for number in range(CASES):
        yield screen.press(DOWN, _row(start + number + 1))
    for number in reversed(range(CASES)):
        yield screen.press(UP, _row(start + number))


def _steps() -> list[str]:
    return [key for number in range(CASES // 2) for key in ("n", _turn(number))]


def _turn(number: int) -> str:
    return ELSEWHERE[number % len(ELSEWHERE)]


def _anywhere(events: int) -> list[int]:
    random = Random(5)
    return [random.randrange(1, events) for _ in range(CASES // 4)]


def _jump(screen: PtyScreen, position: int) -> Painted:
    """Type an address; the time counts from enter."""
    screen.press(":", "go to")
    screen.press(str(position), str(position))
    return screen.press("\r", _row(position))


def _drain(screen: PtyScreen, start: int, ahead: int) -> float:
    _jump(screen, start + ahead)
    return screen.press("n" * 100, _row(start + ahead + 100)).complete


def _cancel(screen: PtyScreen) -> float:
    """Search for what is nowhere; return how long it went on after escape."""
    screen.press("/", "find")
    screen.press(NOWHERE, NOWHERE[-4:])
    screen.press("\r", "esc cancels", quiet=0.01)
    return screen.press(ESCAPE, "cancelled").seen


def _row(position: int) -> Callable[[str], bool]:
    """Return a test for the cursor's row, at *position*, in what was written."""
    return lambda text: re.search(rf"▶.? *{position} ", text) is not None


def _p95(ms: list[float]) -> float:
    return percentile(sorted(ms), 0.95)
