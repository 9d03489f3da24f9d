"""The log: events, and the places that keep them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sqlite import SqliteLog


def open_log(path: str | Path, *, create: bool = False) -> SqliteLog:
    """Open the log at *path*; with *create*, make it when there is nothing there."""
    from .sqlite import SqliteLog  # imported here: it costs 60 ms that `import laban` need not pay

    if create and not Path(path).exists():
        return SqliteLog.create(path)
    return SqliteLog.open(path)
