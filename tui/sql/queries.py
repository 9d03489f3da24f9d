"""Queries of the SQL screen, each in a process that ends when it is cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from laban.replay.builder import CancelledError
from laban.store.terminal import cells, safe
from laban.tui.jobs import Job

from .values import Table

if TYPE_CHECKING:
    from laban.analysis.session import Result, Session

ROWS = 10_000  # shown of a result
_LONGEST = 2_000  # characters shown of a value
_POLL = 0.03  # seconds between two looks at whether a job was cancelled


class Queries:
    """Runs queries over the log at *path*, one after the other, from any thread."""

    def __init__(self, path: Path, folder: Path | None) -> None:
        self._path, self._folder = path, folder
        self._session: Session | None = None
        self._job = Job()
        self._one = Lock()
        self._closed = False

    def prepare(self) -> None:
        """Start the process for the next query, so that it need not be waited for."""
        with self._one:
            if not self._closed:
                self._open().prepare()

    def ask(self, sql: str, job: Job) -> Table:
        """Return the rows of one SQL statement. Raises QueryError and CancelledError."""
        from laban.analysis.request import QueryError

        with self._one:
            self._job = job
            if self._closed or job.cancelled():
                raise CancelledError("Cancelled before it began.")
            session, started = self._open(), monotonic()
            with _ended_with(job, session):
                try:
                    result = session.query(sql, ROWS)
                except QueryError:
                    if job.cancelled():
                        raise CancelledError("The query was cancelled.") from None
                    raise
                finally:
                    session.prepare()
            return _table(result, monotonic() - started)

    def close(self) -> None:
        """End what runs."""
        self._closed = True
        self._job.cancel()
        if self._session is not None:
            self._session.stop()
            with self._one:
                self._session.close()

    def _open(self) -> Session:
        if self._session is None:
            from laban.analysis.session import Session  # loads Arrow: not before it is needed

            self._session = Session(self._path, self._folder, progress=self._progress)
        return self._session

    def _progress(self, passed: int, total: int) -> None:
        """Take in how much of the log is mirrored; after that, there is no telling."""
        if self._job.cancelled():
            raise CancelledError("Cancelled while the log was read.")
        self._job.passed, self._job.total = (passed, total) if passed < total else (0, 0)


@contextmanager
def _ended_with(job: Job, session: Session) -> Iterator[None]:
    """End the query of *session* when *job* is cancelled."""
    over = Event()

    def watch() -> None:
        while not over.wait(_POLL):
            if job.cancelled():
                session.stop()
                return

    Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _table(result: Result, seconds: float) -> Table:
    """Return *result* as text."""
    from laban.analysis.table import is_numeric, text_of

    rows = [tuple(text_of(value)[:_LONGEST] for value in row) for row in result.rows]
    names = [safe(name) for name in result.columns]
    columns = list(zip(names, *rows, strict=True))
    return Table(
        columns=names,
        rows=rows,
        widths=[max(map(cells, column)) for column in columns],
        numeric=[is_numeric(column) for column in zip(*result.rows, strict=True)]
        or [False] * len(names),
        truncated=result.truncated,
        seconds=seconds,
    )
