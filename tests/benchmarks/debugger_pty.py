"""The debugger as a user sees it: in a real terminal, from the command to the last cell."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

from .figures import percentile

SIZE = (36, 120)  # rows, columns
KEYS = 200
QUIET = 0.1  # seconds without output after which the screen is complete
PATIENCE = 60.0  # seconds until the debugger is given up


def measure(log: Path) -> dict[str, float]:
    """
    Open *log*, whose index is built, and press keys.

    Returns `first_paint_ms` from the start of the process to the complete first screen,
    `key_row_p95_ms` and `key_p95_ms` from a key to the first and to the last byte that
    it changed on the screen, and `rss_mb`, the most memory that the process took.
    """
    started = time.perf_counter()
    child, terminal = _start(["-m", "laban", "open", str(log), "--at", "50%"])
    try:
        _, painted = _until_quiet(terminal, "Breakpoints")
        rows, panes = zip(*(_press(terminal, key) for key in _keys()), strict=True)
        rss = _peak_rss_mb(child)
    finally:
        os.kill(child, signal.SIGTERM)
        os.close(terminal)
        os.waitpid(child, 0)
    return {
        "first_paint_ms": 1000 * (painted - started),
        "key_row_p95_ms": percentile(list(rows), 0.95),
        "key_p95_ms": percentile(list(panes), 0.95),
        "rss_mb": rss,
    }


def _keys() -> list[str]:
    """Return steps mostly, and everything else that goes somewhere at once."""
    others = ["N", "s", "S", "]", "[", "w", "u", "\x1b[6~", "\x1b[5~", "g", "G", "u", "u"]
    return [others[(i // 3) % len(others)] if i % 3 == 0 else "n" for i in range(KEYS)]


def _start(arguments: list[str]) -> tuple[int, int]:
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none")
        os.execv(sys.executable, [sys.executable, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    return child, terminal


def _press(terminal: int, key: str) -> tuple[float, float]:
    """Press *key*; return the milliseconds until the first and the last byte that followed."""
    pressed = time.perf_counter()
    os.write(terminal, key.encode())
    first, last = _until_quiet(terminal)
    return 1000 * (first - pressed), 1000 * (last - pressed)


def _until_quiet(terminal: int, wanted: str = "") -> tuple[float, float]:
    """Read until *wanted* has come and then nothing more; return when first and last it did."""
    seen, first, last = b"", 0.0, 0.0
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline:
        ready, _, _ = select.select([terminal], [], [], QUIET)
        if ready:
            seen += os.read(terminal, 1 << 16)
            last = time.perf_counter()
            first = first or last
        elif last and wanted.encode() in seen:
            return first, last
    raise TimeoutError(f"The debugger wrote no {wanted!r} in {PATIENCE:.0f} s: {seen[-500:]!r}")


def _peak_rss_mb(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc tells no VmHWM of the process.")
