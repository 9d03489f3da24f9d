"""Opening a log for a command: its index is found, made or caught up with first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from laban.store import open_log
from laban.store.log import EventLog

from .folders import cache_folder
from .output import Progress, hint

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline


@contextmanager
def opened_log(path: str) -> Iterator[EventLog]:
    """Open the log at *path* and close it in the end. Raises NotALogError."""
    log = open_log(path)
    try:
        yield log
    finally:
        log.close()


@contextmanager
def open_timeline(path: str) -> Iterator[Timeline]:
    """Open the log at *path* with an index that covers all its events."""
    with opened_log(path) as log:
        timeline = indexed(log, path)
        try:
            yield timeline
        finally:
            timeline.close()


def indexed(log: EventLog, path: str) -> Timeline:
    """Return the timeline of *log*, its index up to date; what that took is shown."""
    from laban.replay.timeline import Timeline

    folder = cache_folder(Path(path))
    if folder is None:
        hint(f"No cache can be written for {path}: its index is made in memory, for this once.")
    with Progress("indexing") as advance:
        return Timeline.open(log, folder, progress=advance)
