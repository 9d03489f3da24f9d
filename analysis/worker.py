"""
The process that runs one query: it mirrors the log, locks DuckDB and itself, and answers.

It reads one Request, a line of JSON, from standard input, and ends when that is closed. To
standard output go Messages, a line of JSON each; after one with `columns` follow the rows,
as an Arrow stream, and one Message more.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

import duckdb
import msgspec
import pyarrow as pa

from laban.store.errors import LabanError

from .mirror import MirrorBusyError, Settings, discard, literal, open_mirror
from .refusal import check, one_line
from .request import Message, QueryError, Request
from .source import opened

BATCH_ROWS = 2048
HEADROOM = 1 << 29  # bytes that a query may take besides what DuckDB counts
GRACE = 5  # seconds between SIGXCPU and SIGKILL
# Types that Parquet or Arrow's readers have no equal of travel as text.
_AS_TEXT = {"bignum", "bit", "interval", "time with time zone", "union", "variant"}


def main() -> None:
    """Run the query that comes on standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    request = msgspec.json.decode(sys.stdin.buffer.readline() or b"{}", type=Request)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _run(request, out)
    except LabanError as error:
        _say(out, Message(error=str(error)))
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
        _say(out, Message(error=_trouble(request, error)))
    out.flush()
    os._exit(0)  # DuckDB's threads need no farewell: nothing is left to write


def _trouble(request: Request, error: Exception) -> str:
    if "Corrupt database file" not in str(error):
        return one_line(error)
    for mirror in filter(None, (request.mirror, request.private)):
        discard(Path(mirror))
    return "The mirror of the log is damaged and was deleted: ask again, and it is made anew."


def _run(request: Request, out: IO[bytes]) -> None:
    mirror = _mirror(request, out)
    _lock(mirror, request)
    _say(out, Message(ready=True))
    check(mirror, request.sql)
    relation = _as_text(_bound(mirror, request.sql))
    columns = [(name, str(type)) for name, type in _described(relation)]
    reader = relation.to_arrow_reader(BATCH_ROWS)
    first = next(reader, None)  # most of what can fail fails here, before anything is said
    _say(out, Message(columns=columns))
    with pa.ipc.new_stream(out, reader.schema) as stream:
        truncated = first is not None and _send(chain([first], reader), stream, request.limit)
    _say(out, Message(truncated=truncated))


def _mirror(request: Request, out: IO[bytes]) -> duckdb.DuckDBPyConnection:
    """Open a mirror that is up to date: the shared one, or a private one, which is said."""

    def progress(done: int, total: int) -> None:
        _say(out, Message(progress=(done, total)))

    def opened_at(path: str) -> duckdb.DuckDBPyConnection:
        patience = request.limits.patience
        return open_mirror(
            Path(path), source, _settings(request), patience=patience, progress=progress
        )

    with opened(request.log, request.index) as source:
        if request.mirror is not None:
            try:
                return opened_at(request.mirror)
            except (MirrorBusyError, duckdb.Error, OSError) as error:
                note = f"{_reason(error)} Reading without it, from a private copy, for this once."
                _say(out, Message(note=note))
        return opened_at(request.private)


def _reason(error: Exception) -> str:
    if isinstance(error, MirrorBusyError):
        return str(error)
    return f"The mirror cannot be kept: {one_line(error).removesuffix('.')}."


def _settings(request: Request) -> Settings:
    limits = request.limits
    return {
        "memory_limit": f"{limits.memory // 1024} KiB",
        "threads": limits.threads,
        "temp_directory": request.scratch,
        "max_temp_directory_size": f"{limits.spill // 1024} KiB",
        "enable_progress_bar": False,
        "python_enable_replacements": False,
        "allow_community_extensions": False,
        "allow_persistent_secrets": False,
        "enable_external_access": False,  # after what it would lock
    }


def _lock(mirror: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Let the query read the mirror and do nothing else, within its limits."""
    settings = {**_settings(request), "TimeZone": "UTC", "lock_configuration": True}
    for name, value in settings.items():
        mirror.execute(f"SET {name} = {literal(value)}").complete()
    limits = request.limits
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.seconds * limits.threads) + 1
    _limit(resource.RLIMIT_AS, _address_space() + limits.memory + HEADROOM)
    _limit(resource.RLIMIT_CPU, seconds, then=GRACE)
    _limit(resource.RLIMIT_CORE, 0)


def _address_space() -> int:
    """Return the bytes of address space in use: allocators and threads reserve much ahead."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # no Linux
        return 4 << 30
    return pages * resource.getpagesize()


def _limit(what: int, value: int, then: int = 0) -> None:
    """Set a limit, and the last one *then* above it, unless a tighter one holds."""
    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or value + then < hard:
        resource.setrlimit(what, (value, value + then))


def _described(relation: duckdb.DuckDBPyRelation) -> Iterator[tuple[str, Any]]:
    return zip(relation.columns, relation.types, strict=True)


def _bound(mirror: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation | None:
    try:
        return mirror.sql(sql)
    except (duckdb.BinderException, duckdb.CatalogException):
        mirror.execute(sql).abort()  # says the same, and where in the query
        raise


def _as_text(relation: duckdb.DuckDBPyRelation | None) -> duckdb.DuckDBPyRelation:
    if relation is None:
        raise QueryError("The statement has no result: ask by SELECT.")
    columns = list(_described(relation))
    if not any(_is_foreign(type) for _, type in columns):
        return relation
    chosen = []
    for number, (name, type) in enumerate(columns, 1):
        quoted = name.replace('"', '""')
        cast = "::VARCHAR" if _is_foreign(type) else ""
        chosen.append(f'#{number}{cast} AS "{quoted}"')
    return relation.project(", ".join(chosen))


def _is_foreign(type: Any) -> bool:
    if type.id in _AS_TEXT:
        return True
    if type.id not in ("list", "array", "struct", "map"):
        return False
    return any(_is_foreign(child) for _, child in type.children if hasattr(child, "id"))


def _send(batches: Iterable[pa.RecordBatch], stream: Any, limit: int | None) -> bool:
    """Write the rows, at most *limit*; return whether there were more."""
    left = limit
    for batch in batches:
        if left is not None and batch.num_rows > left:
            stream.write_batch(batch.slice(0, left))
            return True
        stream.write_batch(batch)
        left = None if left is None else left - batch.num_rows
    return False


def _say(out: IO[bytes], message: Message) -> None:
    out.write(msgspec.json.encode(message) + b"\n")
    out.flush()


def _end_with_parent() -> None:
    """End at once when nobody waits for the answer any more."""
    os.read(0, 1)  # below `sys.stdin`, whose lock the interpreter wants at its end
    os._exit(1)
