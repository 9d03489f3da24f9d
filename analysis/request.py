"""What is asked of the process that runs queries, and what it says besides the rows."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct, field

from laban.store.errors import LabanError


class QueryError(LabanError):
    """A query that cannot be run, or was ended."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a query may use. Whatever passes a limit ends the query, never the program."""

    memory: int = 2 << 30  # bytes; what does not fit is spilled to disk first
    spill: int = 16 << 30  # bytes on disk
    seconds: float = 300.0  # of waiting for rows; the time taken to use them does not count
    patience: float = 3.0  # seconds that a mirror in use by others is waited for
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)


class Request(Struct, frozen=True, kw_only=True):
    """A query, and where its data are."""

    log: str  # SQLite URI
    index: str  # SQLite URI
    mirror: str | None  # path of the mirror that all share, None where none can be kept
    private: str  # path of a mirror for this session alone
    scratch: str  # folder to spill to
    sql: str
    limit: int | None  # rows
    limits: Limits


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing said; a line of JSON."""

    progress: tuple[int, int] | None = None  # events mirrored, events in all
    note: str | None = None  # for the person
    ready: bool = False  # the mirror is up to date: the query's time begins
    columns: list[tuple[str, str]] | None = None  # names and DuckDB types; Arrow data follow
    error: str | None = None  # why it ended
    truncated: bool | None = None  # it ended well; True when there were more rows


def read_uri(path: Path) -> str:
    """
    Return the URI to read the SQLite file at *path*, also where nothing may be written.

    Opened for writing where that is possible, it leaves none of SQLite's side files behind.
    """
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        mode = "mode=rw"
    else:
        mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return f"{path.absolute().as_uri()}?{mode}"
