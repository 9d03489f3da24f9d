"""Building the write index, and bringing it up to date with its log."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from laban.store.collector import collector_paused
from laban.store.errors import LabanError
from laban.store.event import Event
from laban.store.log import EventLog

from . import reducer
from .index import BY_PATH, LABELS, ORDINAL_BITS, SCHEMA, Index, marks
from .numbers import Numbers

if TYPE_CHECKING:
    from .choreography.folding import Folding
    from .choreography.plan import Plan

BATCH = 20_000  # events a transaction, fewer than `marks` can tell apart
MAX_POSITION = (1 << 63 - ORDINAL_BITS) - 2
CHOREOGRAPHED = 4  # indexes by rules that are kept in a folder, those made last
TICK = 16  # positions between two entries of the clock
FAILURE_WORDS = ("error", "fail", "exception", "crash", "timeout", "timed_out", "reject")

Progress = Callable[[int, int], None]  # (events done, events in all)


class CancelledError(LabanError):
    """The user ended the work; what was built so far is kept."""


class Overtaken(Exception):
    """Another process added the same events to the index."""


def open_index(
    log: EventLog,
    folder: Path | None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    plan: Plan | None = None,
) -> Index:
    """
    Return the index of *log* in *folder*, or in memory, up to date with the log's head.

    With a *plan* it is the one that the reducers of that plan make, beside the others. An
    index that does not match the log is rebuilt. Raises CancelledError when *cancelled*
    returns True before it is done; the next call goes on from there.
    """
    fingerprint = _fingerprint(plan)
    path = None if folder is None else folder / _name(plan)
    with _alone(folder):
        index = _matching(log, path, fingerprint) or _fresh(log, path, fingerprint)
    try:
        catch_up(index, log, progress, cancelled, plan)
    except BaseException:
        index.close()
        raise
    return index


@collector_paused()
def catch_up(
    index: Index,
    log: EventLog,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    plan: Plan | None = None,
) -> None:
    """Add to *index* what *log* has recorded since; *plan* is the one that it was made with."""
    while True:
        try:
            Builder(index, log, plan).run(
                progress or (lambda *_: None), cancelled or (lambda: False)
            )
        except Overtaken:
            continue
        return


def is_failure(type: str) -> bool:
    """Tell whether an event type names a failure, by the words in it."""
    lowered = type.lower()
    return any(word in lowered for word in FAILURE_WORDS)


def _fingerprint(plan: Plan | None) -> str:
    return reducer.FINGERPRINT if plan is None else f"choreography/1/{plan.fold}"


def _name(plan: Plan | None) -> str:
    return "index.sqlite" if plan is None else f"index-{plan.fold[:12]}.sqlite"


@contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    """Keep other processes from making the index anew at the same time: one would undo both."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(folder / "index.lock", isolation_level=None, timeout=30)
    try:
        lock.execute("BEGIN EXCLUSIVE")  # SQLite knows how to lock a file on every system
        yield
    finally:
        lock.close()


def _matching(log: EventLog, path: Path | None, fingerprint: str) -> Index | None:
    """Open the index at *path* if its stamp says that it is of this very log, folded so."""
    if path is None or not path.exists():
        return None
    index: Index | None = None
    try:
        index = Index(path)
        if index.is_current() and _stamp_fits(index.stamp(), log, fingerprint):
            return index
    except sqlite3.DatabaseError:  # a damaged cache is worth no more than none
        pass
    if index is not None:
        index.close()
    return None


def _stamp_fits(stamp: dict[str, str], log: EventLog, fingerprint: str) -> bool:
    position = int(stamp.get("position", 0))
    return (
        stamp.get("identity") == log.identity
        and stamp.get("fingerprint") == fingerprint
        and position <= log.head()
        and (position == 0 or log.get(position).hash.hex() == stamp.get("hash"))
    )


def _fresh(log: EventLog, path: Path | None, fingerprint: str) -> Index:
    if path is not None:
        _delete(path)
        others = sorted(path.parent.glob("index-*.sqlite"), key=lambda p: p.stat().st_mtime)
        if path.match("index-*.sqlite"):
            for old in others[: 1 - CHOREOGRAPHED]:
                _delete(old)
    index = Index(path)
    index.create()
    about = {"identity": log.identity, "fingerprint": fingerprint, "schema": str(SCHEMA)}
    with index.transaction() as db:  # from here on it matches, though it covers nothing yet
        db.executemany("INSERT INTO stamp VALUES (?, ?)", about.items())
    return index


def _delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class Builder:
    """Adds events to an index; it knows the names that have a number there."""

    def __init__(self, index: Index, log: EventLog, plan: Plan | None = None) -> None:
        self.index, self.log = index, log
        self.begins = index.covered()  # asked before the names: who adds some meanwhile overtakes
        self.folding = None if plan is None else self._folding(plan)
        self.assigned = reducer.assignments if self.folding is None else self.folding.written
        self.streams: Numbers[str] = Numbers(index, "streams")
        self.fields: Numbers[str] = Numbers(index, "fields")
        self.labels: Numbers[tuple[str, str]] = Numbers(index, "labels", "kind name")
        self.failing: dict[str, bool] = {}  # by event type
        last = index.one("SELECT clock FROM ticks ORDER BY position DESC LIMIT 1")
        self.clock: int | None = last and last[0]

    def run(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        done, head = self.begins, self.log.head()
        if self.folding is not None:  # it reads the states of streams while it goes on
            self._sort(head, cancelled)
        elif head - done > done:  # sorting all of it once is faster than keeping it sorted
            self.index.one("DROP INDEX IF EXISTS writes_by_path")
        events = self.log.read(done + 1, head)
        while batch := list(islice(events, BATCH)):
            if cancelled():
                raise CancelledError(f"Cancelled after {done:,} of {head:,} events; they are kept.")
            self.add(batch)
            done = batch[-1].position
            progress(done, head)
        self._sort(head, cancelled)

    def _sort(self, head: int, cancelled: Callable[[], bool]) -> None:
        if not self.index.interruptible(BY_PATH, cancelled):
            raise CancelledError(f"Cancelled while sorting the writes of {head:,} events.")

    def add(self, batch: Sequence[Event]) -> None:
        """Add the events that follow on the last one. Raises Overtaken."""
        known = self.streams.known
        ticks: list[tuple[int, int | None]] = []
        failures: list[tuple[int]] = []
        writes: list[tuple[int, int, int, str | None]] = []
        for event in batch:
            stream = known.get(event.stream)
            if stream is None:
                stream = self.streams.of(event.stream, event.stream, event.position)
            self._write(event, stream, writes)
            if event.time_ns is not None and (self.clock is None or event.time_ns > self.clock):
                self.clock = event.time_ns
            if event.position % TICK == 1:
                ticks.append((event.position, self.clock))
            if self._fails(event.type):
                failures.append((event.position,))
        labelled = self._labelled(batch)
        with self.index.transaction() as db:
            if self.index.covered() != batch[0].position - 1:
                raise Overtaken
            db.executemany("INSERT INTO streams VALUES (?, ?, ?)", self.streams.fresh)
            db.executemany("INSERT INTO fields VALUES (?, ?)", self.fields.fresh)
            db.executemany("INSERT INTO writes VALUES (?, ?, ?, ?)", writes)
            db.executemany("INSERT INTO ticks VALUES (?, ?)", ticks)
            db.executemany("INSERT INTO errors VALUES (?)", failures)
            db.executemany("INSERT INTO labels VALUES (?, ?, ?)", self.labels.fresh)
            db.executemany("INSERT INTO marks VALUES (?, ?, ?)", labelled)
            stamp = {"position": str(batch[-1].position), "hash": batch[-1].hash.hex()}
            if self.folding is not None:
                stamp |= self.folding.memory()
            db.executemany("REPLACE INTO stamp VALUES (?, ?)", stamp.items())
        for numbers in (self.streams, self.fields, self.labels):
            numbers.added()
        if self.folding is not None:
            self.folding.forget()

    def _folding(self, plan: Plan) -> Folding:
        from .choreography.folding import Folding

        folding = Folding(plan, self._known)
        folding.remember(self.index.stamp())
        return folding

    def _known(self, stream: str) -> dict[str, str | None]:
        """Return what the index knows to be written to *stream*: its newest texts by field."""
        known = self.index.stream(stream)
        if known is None:
            return {}
        return {name: text for name, _, text in self.index.fields_of(known[0], MAX_POSITION)}

    def _write(
        self, event: Event, stream: int, writes: list[tuple[int, int, int, str | None]]
    ) -> None:
        id, known = event.position << ORDINAL_BITS, self.fields.known
        for name, text in self.assigned(event).items():
            field = known.get(name)
            if field is None:
                field = self.fields.of(name, name)
            writes.append((id, stream, field, text))
            id += 1

    def _labelled(self, batch: Sequence[Event]) -> list[tuple[int, int, bytes]]:
        """Return the rows of `marks` for *batch*."""
        rows = []
        for kind in LABELS:
            positions: dict[str, list[int]] = defaultdict(list)
            for event in batch:
                positions[getattr(event, kind)].append(event.position)
            for name, found in positions.items():
                label = self.labels.of((kind, name), kind, name)
                rows.append((label, found[-1], marks(found)))
        return rows

    def _fails(self, type: str) -> bool:
        if type not in self.failing:
            self.failing[type] = is_failure(type)
        return self.failing[type]
