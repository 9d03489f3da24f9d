"""
The mirror: a log's events and state history in columns, for queries that read many.

A cache in one DuckDB file. It can be deleted at any time, grows by position in one
transaction, and is made anew when its stamp does not fit the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from laban.store.errors import LabanError

from .source import FOREVER, Source, Stamp

SCHEMA = 1  # a mirror of any other schema is made anew

Progress = Callable[[int, int], None]  # (events done, events in all)
Settings = Mapping[str, str | int | bool]  # of DuckDB, in the order that they are set

_QUIET: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TABLES = f"""
CREATE SCHEMA cache;
CREATE TABLE cache.stamp (key VARCHAR, value VARCHAR);
CREATE TABLE events (
    position BIGINT, stream VARCHAR, stream_position BIGINT, id VARCHAR, type VARCHAR,
    source VARCHAR, time TIMESTAMP_NS, correlation_id VARCHAR, causation_id VARCHAR,
    data JSON, metadata JSON, recorded_at TIMESTAMP_NS);
CREATE TABLE state_history (
    position BIGINT, stream VARCHAR, field VARCHAR, path VARCHAR, value JSON,
    valid_from BIGINT, valid_to BIGINT);
CREATE MACRO state_at(p) AS TABLE
    SELECT path, value FROM state_history
    WHERE valid_from <= p AND valid_to > p AND value IS NOT NULL;
COMMENT ON COLUMN events.position IS '1, 2, 3, … in the log';
COMMENT ON COLUMN events.stream_position IS '0, 1, 2, … in the stream';
COMMENT ON COLUMN events.time IS 'the source''s clock; null: unknown';
COMMENT ON COLUMN events.recorded_at IS 'the recorder''s clock';
COMMENT ON COLUMN state_history.position IS 'the event that wrote the value';
COMMENT ON COLUMN state_history.path IS 'a JSON Pointer, /STREAM/FIELD';
COMMENT ON COLUMN state_history.value IS 'JSON; null when it was removed';
COMMENT ON COLUMN state_history.valid_from IS 'the position of the write';
COMMENT ON COLUMN state_history.valid_to IS 'next write, or {FOREVER}';
"""
_WRITES = """SELECT position, stream, field,
    '/' || replace(replace(stream, '~', '~0'), '/', '~1')
    || '/' || replace(replace(field, '~', '~0'), '/', '~1') AS path,
    value, position AS valid_from, next AS valid_to
FROM batches"""
_END_EARLIER = f"""UPDATE state_history SET valid_to = later.position
FROM (SELECT stream, field, min(position) AS position FROM state_history
    WHERE position > $done GROUP BY ALL) AS later
WHERE state_history.stream = later.stream AND state_history.field = later.field
    AND valid_to = {FOREVER} AND state_history.position <= $done"""


class MirrorBusyError(LabanError):
    """Another process has the mirror open."""


def open_mirror(
    path: Path,
    source: Source,
    settings: Settings,
    *,
    patience: float,
    progress: Progress = lambda *_: None,
) -> duckdb.DuckDBPyConnection:
    """
    Return a read-only connection to the mirror at *path*, first brought up to date.

    *settings* are DuckDB's and hold while it is built. Raises MirrorBusyError when other
    processes keep it for more than *patience* seconds, and duckdb.Error or OSError when it
    cannot be read or made there.
    """
    until, rebuilt = time.monotonic() + patience, False
    while True:
        try:
            mirror = _current(path, source)
            if mirror is not None:
                return mirror
            _refresh(path, source, settings, progress)
        except duckdb.Error as error:
            if _is_lock(error):
                _wait(path, until)
            elif not rebuilt and path.is_file() and not _is_full(error):
                rebuilt = True
                discard(path)
            else:
                raise


def literal(value: str | int | bool) -> str:
    """Return *value* as SQL writes it."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def discard(path: Path) -> None:
    """Delete the mirror at *path*."""
    for file in (path, path.with_name(f"{path.name}.wal")):
        file.unlink(missing_ok=True)


def _current(path: Path, source: Source) -> duckdb.DuckDBPyConnection | None:
    """Open the mirror if it covers all that *source* has."""
    if not path.exists():
        return None
    mirror = duckdb.connect(str(path), read_only=True, config=_QUIET)
    done = _covered(mirror, source)
    if done is None or done < source.stamp().position:
        mirror.close()
        return None
    return mirror


def _refresh(path: Path, source: Source, settings: Settings, progress: Progress) -> None:
    """Bring the mirror up to date, in one transaction: it is all there or as it was."""
    with duckdb.connect(str(path), config=_QUIET) as mirror:
        for name, value in settings.items():
            mirror.execute(f"SET {name} = {literal(value)}").complete()
        done = _covered(mirror, source)
        mirror.begin()
        if done is None:
            _recreate(mirror)
        _extend(mirror, source, done or 0, source.stamp(), progress)
        mirror.commit()


def _covered(mirror: duckdb.DuckDBPyConnection, source: Source) -> int | None:
    """Return the position that the mirror reaches, None when it is not of this log."""
    try:
        kept = dict(mirror.execute("SELECT key, value FROM cache.stamp").fetchall())
    except duckdb.CatalogException:
        return None
    stamp, position = source.stamp(), int(kept.get("position", 0))
    fits = (
        kept.get("schema") == str(SCHEMA)
        and kept.get("identity") == stamp.identity
        and kept.get("fingerprint") == stamp.fingerprint
        and kept.get("hash") == source.hash_at(position)
    )
    return position if fits else None


def _recreate(mirror: duckdb.DuckDBPyConnection) -> None:
    found = mirror.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE NOT internal UNION ALL"
        " SELECT 'TABLE', table_name FROM duckdb_tables() WHERE schema_name = 'main'"
    ).fetchall()
    for kind, name in found:
        quoted = str(name).replace('"', '""')
        mirror.execute(f'DROP {kind} "{quoted}" CASCADE').complete()
    mirror.execute("DROP MACRO TABLE IF EXISTS state_at").complete()
    mirror.execute("DROP SCHEMA IF EXISTS cache CASCADE").complete()
    mirror.execute(_TABLES).complete()


def _extend(
    mirror: duckdb.DuckDBPyConnection, source: Source, done: int, stamp: Stamp, progress: Progress
) -> None:
    total = stamp.position - done

    def counted(batches: Iterator[pa.RecordBatch], before: int) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch
            if batch.num_rows:
                progress((before + batch["position"][-1].as_py() - done) // 2, total)

    events = source.events(done, stamp.position)
    _insert(mirror, "events FROM batches", counted(events, 0))
    writes = source.writes(done, stamp.position)
    _insert(mirror, f"state_history {_WRITES}", counted(writes, total))
    if done:
        mirror.execute(_END_EARLIER, {"done": done}).complete()
    _write_stamp(mirror, stamp)


def _insert(
    mirror: duckdb.DuckDBPyConnection, into: str, batches: Iterator[pa.RecordBatch]
) -> None:
    """Insert a stream of batches, of which there is at least one, by the threads of DuckDB."""
    first = next(batches)
    reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
    mirror.register("batches", reader)
    mirror.execute(f"INSERT INTO {into}").complete()
    mirror.unregister("batches")


def _write_stamp(mirror: duckdb.DuckDBPyConnection, stamp: Stamp) -> None:
    mirror.execute("DELETE FROM cache.stamp").complete()
    for key, value in {"schema": SCHEMA, **stamp._asdict()}.items():
        mirror.execute("INSERT INTO cache.stamp VALUES (?, ?)", [key, str(value)]).complete()


def _wait(path: Path, until: float) -> None:
    if time.monotonic() >= until:
        raise MirrorBusyError(f"{path} is in use by another process.")
    time.sleep(0.05)


def _is_lock(error: duckdb.Error) -> bool:
    return isinstance(error, duckdb.IOException) and "Could not set lock" in str(error)


def _is_full(error: duckdb.Error) -> bool:
    return "No space left" in str(error)
