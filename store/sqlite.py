"""A log in one SQLite file, on eventsourcing's recorder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import IntegrityError
from eventsourcing.sqlite import SQLiteCursor

from .datastore import LogDatastore, database_uri, errors_told
from .errors import ConflictError, LabanError, UnknownPositionError, UnwritableError
from .event import Event, NewEvent
from .finding import Finding
from .jsontext import EMPTY, JsonObject
from .log import ANY
from .probe import probe
from .recorder import POLL_SECONDS, LogRecorder
from .schema import COLUMNS
from .validation import check_batch, check_same

PAGE = 5_000  # events fetched at a time by a long read
_SELECT = f"SELECT {COLUMNS} FROM records"
_PAGED = "AND position > ? ORDER BY position LIMIT ?"
_STREAM_LENGTH = (
    "SELECT coalesce((SELECT max(stream_position) FROM records WHERE stream = :s)"
    " - (SELECT min(stream_position) FROM records WHERE stream = :s) + 1, 0)"
)


class SqliteLog:
    """
    An EventLog in a file that several processes may read and append to at once.

    Use `SqliteLog.create` or `SqliteLog.open`. A commit is on disk before `append` returns.
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path
        self.read_only = mode != "mode=rw"
        self.recorder = LogRecorder(
            LogDatastore(database_uri(path, mode), originator_id_type="text")
        )

    @classmethod
    def create(cls, path: str | Path) -> SqliteLog:
        """Make a new, empty log. Raises UnwritableError where none can be made."""
        with cls.making(path):
            pass
        return cls(Path(path), "mode=rw")

    @classmethod
    @contextmanager
    def making(cls, path: str | Path) -> Iterator[SqliteLog]:
        """
        Make a new log, to be filled in the block: it is at *path* only if that ends well.

        Raises UnwritableError where none can be made.
        """
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            with _making_told(path):
                if os.path.lexists(path):
                    raise FileExistsError
                unfinished.touch(exist_ok=False)
            with closing(cls(unfinished, "mode=rw")) as made:
                with errors_told(path):
                    made.recorder.create_table()
                yield made
            with _making_told(path):
                _put_in_place(unfinished, path)
        finally:
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    unfinished.with_name(unfinished.name + suffix).unlink()

    @classmethod
    def open(cls, path: str | Path) -> SqliteLog:
        """Open a log, in a read-only place for reading. Raises NotALogError for anything else."""
        path = Path(path)
        log = cls(path, probe(path))
        try:
            log.head()
        except LabanError:
            log.close()
            raise
        return log

    @property
    def identity(self) -> str:
        return str(self._one("SELECT value FROM about WHERE key = 'identity'")[0])

    def append(self, *events: NewEvent, expected: int | None = ANY) -> Sequence[int]:
        if self.read_only:
            raise UnwritableError(
                f"{self.path} may only be read: copy it to a folder you may write to."
            )
        check_batch(events, expected)
        transaction = self.recorder.datastore.transaction
        with errors_told(self.path):
            if expected is None and events:
                with suppress(IntegrityError), transaction(commit=True) as c:
                    return self.recorder.record(c, events)
            # A stream's length matters, or some of it is recorded already: nothing of it was now.
            with transaction(commit=True) as c:
                return self._append_new(c, events, expected)

    def _append_new(
        self, c: SQLiteCursor, events: Sequence[NewEvent], expected: int | None
    ) -> Sequence[int]:
        """Record those of *events* that are not recorded yet, after looking each one up."""
        head, _ = self.recorder.last(c)
        positions: list[int] = []
        fresh: dict[tuple[str, str], tuple[int, NewEvent]] = {}
        for event in events:
            key = (event.source, event.id)
            recorded = _recorded(c, key) or fresh.get(key)
            if recorded is None:
                recorded = fresh[key] = (head + len(fresh) + 1, event)
            check_same(event, recorded[1], recorded[0])
            positions.append(recorded[0])
        if fresh and expected is not None:
            _check_length(c, events[0].stream, expected)
        self.recorder.record(c, [event for _, event in fresh.values()])
        return positions

    def head(self) -> int:
        return int(self._one("SELECT coalesce(max(position), 0) FROM records")[0])

    def get(self, position: int) -> Event:
        for event in self._events("WHERE position = ?", position):
            return event
        raise UnknownPositionError(position, self.head())

    def read(self, start: int = 1, stop: int | None = None) -> Iterator[Event]:
        stop, start = self.head() if stop is None else stop, max(start, 1)
        for first in range(start, stop + 1, PAGE):
            last = min(first + PAGE - 1, stop)
            yield from self._events("WHERE position BETWEEN ? AND ? ORDER BY position", first, last)

    def select(self, columns: str, start: int, stop: int) -> list[tuple[Any, ...]]:
        """Return *columns*, in SQL, of the events from *start* to *stop*: for scans of few."""
        # NOT INDEXED: the table itself is read, so what gathers rows meets them in order too
        between = "FROM records NOT INDEXED WHERE position BETWEEN ? AND ? ORDER BY position"
        return self._rows(f"SELECT {columns} {between}", (start, stop))

    def read_streams(self, streams: Sequence[str]) -> list[Event]:
        """Return the events of some hundred *streams* at once, in order of position."""
        marks = ",".join("?" * len(streams))
        where = f"position IN (SELECT position FROM records WHERE stream IN ({marks}))"
        return self._events(f"WHERE {where} ORDER BY position", *streams)

    def read_stream(self, stream: str, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        last = 2**62 if stop is None else stop
        while page := self._events(
            "WHERE stream = ? AND stream_position BETWEEN ? AND ? ORDER BY stream_position LIMIT ?",
            *(stream, start, last, PAGE),
        ):
            yield from page
            start = page[-1].stream_position + 1

    def length(self, stream: str) -> int:
        return int(self._one(_STREAM_LENGTH, {"s": stream})[0])

    def find(self, id: str) -> Sequence[Event]:
        return self._events("WHERE id = ? ORDER BY position", id)

    def caused_by(self, id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        return self._events(f"WHERE causation_id = ? {_PAGED}", id, after, _most(limit))

    def count_caused_by(self, id: str) -> int:
        return int(self._one("SELECT count(*) FROM records WHERE causation_id = ?", (id,))[0])

    def correlated(
        self, correlation_id: str | None, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        return self._events(
            f"WHERE correlation_id = ? {_PAGED}", correlation_id, after, _most(limit)
        )

    def subscribe(self, after: int = 0, *, timeout: float | None = None) -> Iterator[Event]:
        changes, quiet_since = self.recorder.datastore.changes(), time.monotonic()
        try:
            while timeout is None or time.monotonic() - quiet_since < timeout:
                if not changes.seen():
                    time.sleep(POLL_SECONDS)
                    continue
                for event in self.read(after + 1):
                    yield event
                    after, quiet_since = event.position, time.monotonic()
        finally:
            changes.close()

    def note(self, *findings: Finding) -> None:
        with self._transaction(commit=True) as c:
            c.executemany(
                "INSERT OR IGNORE INTO findings (origin, line, kind, detail, raw)"
                " VALUES (?, ?, ?, ?, ?)",
                [(f.origin, f.line, f.kind, f.detail, f.raw) for f in findings],
            )

    def findings(self) -> Sequence[Finding]:
        rows = self._rows("SELECT origin, line, kind, detail, raw FROM findings ORDER BY id")
        return [
            Finding(origin=origin, line=line, kind=kind, detail=detail, raw=raw)
            for origin, line, kind, detail, raw in rows
        ]

    def about(self) -> Mapping[str, str]:
        return {str(key): str(value) for key, value in self._rows("SELECT key, value FROM about")}

    def describe(self, name: str, text: str) -> None:
        with self._transaction(commit=True) as c:
            c.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, text))

    def close(self) -> None:
        self.recorder.datastore.close()

    def _events(self, where: str, *parameters: Any) -> list[Event]:
        return [_event(row) for row in self._rows(f"{_SELECT} {where}", parameters)]

    def _one(self, sql: str, parameters: Any = ()) -> tuple[Any, ...]:
        return self._rows(sql, parameters)[0]

    def _rows(self, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        with self._transaction(commit=False) as c:
            c.sqlite_cursor.row_factory = None
            c.execute(sql, parameters)
            return c.sqlite_cursor.fetchall()

    @contextmanager
    def _transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with errors_told(self.path), self.recorder.datastore.transaction(commit=commit) as c:
            yield c


@contextmanager
def _making_told(path: Path) -> Iterator[None]:
    """Raise as ours what keeps a new log from being made."""
    try:
        yield
    except FileExistsError as error:
        raise UnwritableError(f"{path} exists already: choose another name, or open it.") from error
    except OSError as error:
        raise UnwritableError(
            f"No log can be made at {path} ({error.strerror or error}): "
            "choose a folder you may write to."
        ) from error


def _put_in_place(unfinished: Path, path: Path) -> None:
    """Give a file its name, so that nobody sees half a log and no file is overwritten."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError from None
        unfinished.rename(path)


def _most(limit: int | None) -> int:
    return -1 if limit is None else limit


def _event(row: tuple[Any, ...]) -> Event:
    return Event(
        position=row[0],
        stream=row[1],
        stream_position=row[2],
        id=row[3],
        type=row[4],
        source=row[5],
        time_ns=row[6],
        correlation_id=row[7],
        causation_id=row[8],
        data=JsonObject(row[9]),
        metadata=EMPTY if row[10] == "{}" else JsonObject(row[10]),
        recorded_at_ns=row[11],
        hash=row[12],
    )


def _recorded(c: SQLiteCursor, key: tuple[str, str]) -> tuple[int, Event] | None:
    source, id = key
    c.execute(f"{_SELECT} WHERE id = ? AND source = ?", (id, source))
    row = c.fetchone()
    return None if row is None else (row[0], _event(row))


def _check_length(c: SQLiteCursor, stream: str, expected: int) -> None:
    c.execute(_STREAM_LENGTH, {"s": stream})
    if (actual := c.fetchone()[0]) != expected:
        raise ConflictError(stream, expected=expected, actual=actual)
