"""Opening a log for a command: its index is found, made or caught up with first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import SQLITE_INTERRUPT, DatabaseError
from typing import TYPE_CHECKING

from laban.store import open_log
from laban.store.errors import LabanError
from laban.store.log import EventLog
from laban.store.terminal import safe

from .folders import cache_folder
from .output import Progress, counted, hint

if TYPE_CHECKING:
    from laban.replay.choreography import Choreography
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
def open_timeline(path: str, choreography: str | None = None) -> Iterator[Timeline]:
    """Open the log at *path* with an index that covers all its events."""
    with opened_log(path) as log, indexed(log, path, choreography) as timeline:
        yield timeline


@contextmanager
def indexed(log: EventLog, path: str, choreography: str | None = None) -> Iterator[Timeline]:
    """
    Give the timeline of *log*, its index brought up to date; raises CacheError.

    The state is made by the reducers of the *choreography*, FILE[:NAME]; see load_choreography.
    """
    from laban.replay.timeline import Timeline

    rules = None if choreography is None else _loaded(choreography)
    folder = cache_folder(Path(path))
    if folder is None:
        hint(f"No cache can be kept for {path}: its index is made in memory, for this once.")
    try:
        with Progress("indexing") as advance:
            timeline = Timeline.open(log, folder, choreography=rules, progress=advance)
        if rules is not None:
            _tell_refused(timeline)
        try:
            yield timeline
        finally:
            timeline.close()
    except DatabaseError as error:  # the log's own become NotALogError
        if getattr(error, "sqlite_errorcode", None) == SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error  # it came while SQLite worked, and was swallowed
        from laban.store.datastore import disk_trouble

        reason = disk_trouble(error) or f"{error}: delete it, and it is made again."
        raise CacheError(f"The cache {folder or 'in memory'} cannot be used, {reason}") from error


def _loaded(target: str) -> Choreography:
    from laban.replay.choreography.loading import load_choreography

    return load_choreography(target)


def _tell_refused(timeline: Timeline) -> None:
    """Say which events changed nothing because a reducer could not take them in."""
    from laban.replay.choreography.folding import refused_in

    if refused := refused_in(timeline.index.stamp()):
        were = "was" if refused.count == 1 else "were"
        what = f"{counted(refused.count, 'event')} {were} refused by reducers"
        hint(safe(f"{what}; the first, @{refused.position}: {refused.reason}"))
