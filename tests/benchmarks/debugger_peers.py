"""Two other terminal programs with the same data, where they are installed: a yardstick."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .figures import percentile
from .pty_screen import PtyScreen

KEYS = 40
UP, DOWN, F5 = "\x1b[A", "\x1b[B", "\x1b[15~"
ROWS = 10_000  # that harlequin is asked for: all of them take it half a minute


@dataclass(frozen=True, slots=True)
class Peers:
    """What they took, in words: none are installed when these are empty."""

    paints: str
    keys: str
    memory: str


def peers(log: Path) -> Peers:
    """
    Open *log* in harlequin, as a table, and the lines that it was imported from in toolong.

    Their first paint is that of an empty editor, and of the last lines; a key counts until
    the first cell changed.
    """
    found = [
        *_measured("harlequin", ["-a", "sqlite", str(log)], "Query Results", DOWN),
        *_measured("tl", [str(log.with_suffix(".jsonl"))], '"source":', UP),
    ]
    return Peers(
        ", ".join(f"{name} {paint:,.0f} ms" for name, paint, _, _ in found),
        ", ".join(f"{name} {key:.1f} ms" for name, _, key, _ in found),
        ", ".join(f"{name} {memory:.0f} MB" for name, _, _, memory in found),
    )


def _measured(
    name: str, arguments: list[str], wanted: str, key: str
) -> Iterator[tuple[str, float, float, float]]:
    """Yield name, ms to the first paint, ms of a key (p95) and MB, if the program is there."""
    if (program := shutil.which(name)) is None:
        return
    with PtyScreen([program, *arguments]) as screen:
        painted = screen.first_paint(wanted).complete
        time.sleep(1)  # it is painted before it takes keys
        if name == "harlequin":
            screen.press(f"select * from events limit {ROWS}", str(ROWS), quiet=0.5)
            screen.press("\n", f"{ROWS:,} ", quiet=0.5)
            screen.press(F5, quiet=0.5)
        keys = sorted(screen.press(key).seen for _ in range(KEYS))
        yield name, painted, percentile(keys, 0.95), screen.peak_mb()
