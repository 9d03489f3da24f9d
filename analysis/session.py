"""Queries over a log, each in a process of its own that cannot harm this one or the files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import pyarrow as pa
from msgspec import Struct

from laban.replay.timeline import Timeline
from laban.store import open_log
from laban.store.probe import probe

from .process import Worker
from .request import Limits, Request, read_uri
from .values import Value, plain

INDEX = "index.sqlite"
MIRROR = "mirror.duckdb"


class Result(Struct, frozen=True, kw_only=True):
    """The rows of a query, all in memory."""

    columns: list[str]
    types: list[str]  # DuckDB's names for them
    rows: list[tuple[Value, ...]]
    truncated: bool  # there were more rows than asked for


class Answer:
    """The rows of a query as they come: iterate once, over Arrow record batches."""

    def __init__(self, worker: Worker, columns: list[tuple[str, str]]) -> None:
        self.columns = [name for name, _ in columns]
        self.types = [type for _, type in columns]
        self.truncated = False  # known when all rows were taken
        self._worker = worker
        self.schema: pa.Schema = worker.schema()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield from self._worker.batches()
        self.truncated = self._worker.outcome()


class Session:
    """
    Queries over the log at *log_path*, whose index and mirror are in *cache_folder*.

    With no folder, or one that holds no index, both are made for the session alone. *catch_up*
    is called before each query: it brings the index up to date, and the mirror follows it.
    *note* gets remarks for the person, *progress* (events mirrored, events in all).
    """

    def __init__(
        self,
        log_path: str | Path,
        cache_folder: Path | None,
        *,
        limits: Limits | None = None,
        catch_up: Callable[[], object] = lambda: None,
        note: Callable[[str], None] = lambda _: None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        self.log_path, self.folder = Path(log_path), cache_folder
        self.limits = limits or Limits()
        self._catch_up, self._note, self._progress = catch_up, note, progress
        self._noted: set[str] = set()
        self._scratch = TemporaryDirectory(prefix="laban-sql-")
        self._spare: Worker | None = self._worker()
        self._running: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what runs and delete what was made for this session alone."""
        if self._spare is not None:
            self._spare.end()
            self._spare = None
        self._scratch.cleanup()

    @contextmanager
    def run(self, sql: str, limit: int | None = None) -> Iterator[Answer]:
        """
        Run one SQL statement and give its rows, at most *limit*.

        Raises QueryError when it is refused, fails or is ended for what it uses, also while
        the rows are taken. Leaving the block ends the query.
        """
        worker = self._running = self._spare or self._worker()
        self._spare = None
        try:
            self._catch_up()
            worker.ask(self._request(sql, limit))
            columns = worker.columns(self._note_once, self._progress)
            yield Answer(worker, columns)
        finally:
            worker.end()

    def stop(self) -> None:
        """End the query that runs, from any thread: it raises QueryError where it was asked."""
        if self._running is not None:
            self._running.kill()

    def query(self, sql: str, limit: int | None = None) -> Result:
        """Run one SQL statement and return its rows, at most *limit*. Raises QueryError."""
        with self.run(sql, limit) as answer:
            rows = [row for batch in answer for row in plain(batch)]
            return Result(
                columns=answer.columns,
                types=answer.types,
                rows=rows,
                truncated=answer.truncated,
            )

    def prepare(self) -> None:
        """Start the process for the next query now, so that it need not be waited for."""
        if self._spare is None:
            self._spare = self._worker()

    def _worker(self) -> Worker:
        return Worker(Path(self._scratch.name))

    def _request(self, sql: str, limit: int | None) -> Request:
        probe(self.log_path)
        scratch = Path(self._scratch.name)
        index = self._index(scratch)
        shared = None if self.folder is None else str((self.folder / MIRROR).absolute())
        return Request(
            log=read_uri(self.log_path),
            index=read_uri(index),
            mirror=shared,
            private=str(scratch / MIRROR),
            scratch=str(scratch / "spill"),
            sql=sql,
            limit=limit,
            limits=self.limits,
        )

    def _index(self, scratch: Path) -> Path:
        """Return the path of the index, made for this session when there is none."""
        if self.folder is not None and (self.folder / INDEX).exists():
            return self.folder / INDEX
        log = open_log(self.log_path)
        try:
            Timeline.open(log, scratch, progress=self._progress).close()
        finally:
            log.close()
        return scratch / INDEX

    def _note_once(self, text: str) -> None:
        if text not in self._noted:
            self._noted.add(text)
            self._note(text)


def query(
    log_path: str | Path,
    cache_folder: Path | None,
    sql: str,
    *,
    limit: int | None = None,
    limits: Limits | None = None,
) -> Result:
    """Run one SQL statement over a log and return its rows, at most *limit*. Raises QueryError."""
    with Session(log_path, cache_folder, limits=limits, note=_to_stderr) as session:
        return session.query(sql, limit)


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)
