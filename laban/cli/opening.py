"""Opening a log for a command: its index is found, made or caught up with first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import DatabaseError
from typing import TYPE_CHECKING

from laban.store import open_log
from laban.store.errors import LabanError
from laban.store.log import EventLog

from .folders import cache_folder
from .output import Progress, hint

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline


class CacheError(LabanError):
    """What was kept to be fast is damaged, or cannot be written."""


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
    with opened_log(path) as log, indexed(log, path) as timeline:
        yield timeline


@contextmanager
def indexed(log: EventLog, path: str) -> Iterator[Timeline]:
    """Give the timeline of *log*, its index brought up to date; raises CacheError."""
    from laban.replay.timeline import Timeline

    folder = cache_folder(Path(path))
    if folder is None:
        hint(f"No cache can be kept for {path}: its index is made in memory, for this once.")
    try:
        with Progress("indexing") as advance:
            timeline = Timeline.open(log, folder, progress=advance)
        try:
            yield timeline
        finally:
            timeline.close()
    except DatabaseError as error:  # the log's own become NotALogError
        from laban.store.datastore import disk_trouble

        reason = disk_trouble(error) or f"{error}: delete it, and it is made again."
        raise CacheError(f"The cache {folder or 'in memory'} cannot be used, {reason}") from error
