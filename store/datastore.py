"""eventsourcing's SQLite datastore, with the durability and locking that a log promises."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import InterfaceError, PersistenceError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from .errors import NotALogError, UnwritableError
from .schema import PAGE_SIZE

CACHE_KIB = 16 * 1024  # page cache of one connection
LOCK_TIMEOUT = 30  # seconds that a writer waits for another one


class _Transaction(SQLiteTransaction):
    """Takes the write lock at once: a deferred BEGIN fails instead of waiting its turn."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        return cursor


class _Connection(SQLiteConnection):
    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with _Transaction(self, commit=commit) as cursor, cursor:
            yield cursor


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        """Make a connection that keeps its statements; eventsourcing's compiles them each time."""
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=self.lock_timeout or LOCK_TIMEOUT,
            )
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        if "mode=ro" not in self.db_name and "immutable=1" not in self.db_name:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # of a new file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.row_factory = sqlite3.Row
        return _Connection(sqlite_conn=connection, max_age=self.max_age)


class LogDatastore(SQLiteDatastore):
    """Connections with WAL, synchronous FULL and BEGIN IMMEDIATE for every write."""

    def __init__(self, db_name: str, **options: Any) -> None:
        options.setdefault("lock_timeout", LOCK_TIMEOUT)
        super().__init__(db_name, **options)
        self.pool.close()
        self.pool = _Pool(db_name=db_name, lock_timeout=options["lock_timeout"])

    def changes(self) -> Changes:
        """Return a look-out for commits, by this process and by others."""
        return Changes(self.pool.db_name)


class Changes:
    """
    Tells whether anything was committed since the last look, at 9 µs a look.

    It needs a connection of its own: SQLite's `data_version` tells a connection only
    of the others' commits.
    """

    def __init__(self, db_name: str) -> None:
        self._connection = sqlite3.connect(
            db_name, uri=True, isolation_level=None, check_same_thread=False
        )
        self._version = -1

    def seen(self) -> bool:
        """Return True when there was a commit since the last call, and at the first call."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        changed, self._version = version != self._version, version
        return bool(changed)

    def close(self) -> None:
        self._connection.close()


def disk_trouble(error: BaseException) -> str | None:
    """Return why SQLite could not go on, and what to do; None when the file itself is at fault."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    match getattr(cause, "sqlite_errorcode", 0) & 0xFF:  # without the extension
        case sqlite3.SQLITE_FULL:
            return "the disk is full: make room, and try again."
        case sqlite3.SQLITE_IOERR:
            return f"{cause}: the disk may be full or failing."
        case sqlite3.SQLITE_BUSY:
            return "another program holds its lock: wait for it or end it, and try again."
        case _:
            return None


@contextmanager
def errors_told(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as ours: the log is not at fault when its disk is full."""
    try:
        yield
    except (sqlite3.Error, PersistenceError) as error:
        if trouble := disk_trouble(error):
            raise UnwritableError(f"{path} cannot be used, {trouble}") from error
        raise NotALogError(
            f"{path} is damaged ({error}): restore it from a copy, or import it again."
        ) from error


def database_uri(path: Path, mode: str) -> str:
    """Return the SQLite URI that opens *path* with *mode*, e.g. `mode=rw`."""
    return f"{path.absolute().as_uri()}?{mode}"
