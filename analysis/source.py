"""
The SQLite files of a log and its index, read as Arrow.

Never read them in a process that has one of them open through `sqlite3`: the driver brings a
SQLite library of its own, and two of them in one process undo each other's file locks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_sqlite import dbapi

from laban.replay.index import ORDINAL_BITS, first_id
from laban.store.errors import LabanError

BATCH_BYTES = 16 << 20  # of Arrow memory, about
BATCH_ROWS = 32_768
FOREVER = 2**63 - 1  # the position of a write that has not come

_JSON = ("data", "metadata", "value")
_TIMES = ("time", "recorded_at")  # integers, ns since the Unix epoch

# The driver takes a column's type from the values it sees first, and a column may begin with
# any number of nulls: so each query begins with a row of the types that are meant.
_EVENTS = """SELECT 0 AS position, '' AS stream, 0 AS stream_position, '' AS id, '' AS type,
    '' AS source, 0 AS time, '' AS correlation_id, '' AS causation_id, '' AS data,
    '' AS metadata, 0 AS recorded_at
UNION ALL SELECT * FROM (
    SELECT position, stream, stream_position, id, type, source, time,
        correlation_id, causation_id, data, metadata, recorded_at
    FROM records WHERE position > ? AND position <= ? ORDER BY position)"""
# The next write of the same path is one step down the index on (stream, field, id).
_WRITES = f"""SELECT 0 AS position, '' AS stream, '' AS field, '' AS value, 0 AS next
UNION ALL SELECT * FROM (
    SELECT writes.id >> {ORDINAL_BITS}, streams.name, fields.name, writes.value, coalesce((
        SELECT min(later.id) >> {ORDINAL_BITS} FROM writes AS later
        WHERE later.stream = writes.stream AND later.field = writes.field
            AND later.id > writes.id), {FOREVER})
    FROM writes CROSS JOIN streams ON streams.id = writes.stream
    CROSS JOIN fields ON fields.id = writes.field
    WHERE writes.id >= ? AND writes.id < ? ORDER BY writes.id)"""


class StaleIndexError(LabanError):
    """The index beside the log was built from something else."""


class Stamp(NamedTuple):
    """What a cache was made from: it fits the log when the log has this hash there."""

    identity: str
    fingerprint: str  # of the reducer that made the writes
    position: int  # the last one covered
    hash: str  # of the event there, hexadecimal; empty at position 0


class Source:
    """A log with an index that covers it up to some position."""

    def __init__(self, log_uri: str, index_uri: str) -> None:
        self._log = dbapi.connect(log_uri)
        self._index = dbapi.connect(index_uri)

    def stamp(self) -> Stamp:
        """Return how far both reach. Raises StaleIndexError unless the index fits the log."""
        stamp = dict(self._rows(self._index, "SELECT key, value FROM stamp"))
        position, hash = int(stamp.get("position", 0)), str(stamp.get("hash", ""))
        ((identity,),) = self._rows(self._log, "SELECT value FROM about WHERE key = 'identity'")
        known = stamp.get("identity", identity) == identity
        if not known or self.hash_at(position) != hash:
            raise StaleIndexError(
                "The index beside the log was built from another log: "
                "run the command again, which builds it anew."
            )
        return Stamp(str(identity), str(stamp.get("fingerprint", "")), position, hash)

    def hash_at(self, position: int) -> str:
        """Return the hash of the event at *position*, empty when there is none."""
        sql = f"SELECT lower(hex(hash)) FROM records WHERE position = {position:d}"
        return "".join(text for (text,) in self._rows(self._log, sql))

    def events(self, after: int, last: int) -> Iterator[pa.RecordBatch]:
        """Yield the events past position *after* up to *last*, in order."""
        rows = self._batch_rows(self._log, last)
        return self._batches(self._log, _EVENTS, (after, last), rows)

    def writes(self, after: int, last: int) -> Iterator[pa.RecordBatch]:
        """
        Yield (position, stream, field, value, next) of the writes past *after* up to *last*.

        `next` is the position of the next write of the same path, FOREVER when none came.
        """
        rows = self._batch_rows(self._index, last)
        bounds = (first_id(after + 1), first_id(last + 1))
        return self._batches(self._index, _WRITES, bounds, rows)

    def close(self) -> None:
        """Close both files."""
        self._log.close()
        self._index.close()

    def _rows(self, connection: Any, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _batch_rows(self, connection: Any, last: int) -> int:
        """Return how many rows make a batch of about BATCH_BYTES."""
        sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        ((size,),) = self._rows(connection, sql)
        return max(1, min(BATCH_ROWS, BATCH_BYTES * last // (int(size) + 1)))

    def _batches(
        self, connection: Any, sql: str, bounds: tuple[int, int], rows: int
    ) -> Iterator[pa.RecordBatch]:
        options = {"adbc.sqlite.query.batch_rows": rows}
        with connection.cursor(adbc_stmt_kwargs=options) as cursor:
            cursor.execute(sql, bounds)
            skip = 1  # the row of types
            for batch in cursor.fetch_record_batch():
                yield _typed(batch.slice(skip))
                skip = 0


@contextmanager
def opened(log_uri: str, index_uri: str) -> Iterator[Source]:
    """Open a log and its index for reading; what SQLite reports is one line."""
    try:
        source = Source(log_uri, index_uri)
        try:
            yield source
        finally:
            source.close()
    except AdbcError as error:
        raise LabanError(f"The log or its index cannot be read: {error}") from error


def _typed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Say of integers that they are times and of texts that they are JSON; nothing is copied."""
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if name in _TIMES:
            column = column.view(pa.timestamp("ns"))
        elif name in _JSON:
            column = pa.ExtensionArray.from_storage(pa.json_(), column)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
