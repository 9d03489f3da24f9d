"""
The write index: which event wrote which field, in SQLite beside the log.

A cache: it can be deleted at any time. The state at a position is the last write of each
field up to there, and the index on (stream, field, id) leads straight to each: a stream of
10 fields takes 0.03 ms wherever in the log, one of 1,000 takes 2 ms. So there are no
snapshots to keep, and none to fold from.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any
from weakref import finalize

SCHEMA = 4  # an index of any other schema is rebuilt
ORDINAL_BITS = 24  # an event writes fewer than 2**24 fields: 64 MiB of JSON name no more
REMEMBERED = 10_000  # names whose numbers are kept in memory
FEW = 20_000  # events whose writes are sorted in memory
PAGE = 5_000  # rows read at a time
# By stream, field and id: SQLite adds the id to each entry of any index, and sorts by it.
BY_PATH = "CREATE INDEX IF NOT EXISTS writes_by_path ON writes (stream, field)"

# The fields of a stream, each found by one step down the index: a "loose index scan".
_FIELDS = """WITH RECURSIVE fields_of(field) AS (
    SELECT min(field) FROM writes WHERE stream = :stream
    UNION ALL
    SELECT (SELECT min(field) FROM writes WHERE stream = :stream AND field > fields_of.field)
    FROM fields_of WHERE fields_of.field IS NOT NULL
)"""

# The positions of the events of a type or source: a row for each batch that it occurs in.
LABELS = ("type", "source")
_MARKED = "FROM marks WHERE label = (SELECT id FROM labels WHERE kind = :kind AND name = :name)"
_MARKS = f"SELECT last, positions {_MARKED}"
_SPAN = 2**16 - 1  # how far apart the first and the last position of a row may be

LastWrite = tuple[int, str, int, str, int, str | None]  # stream, field (each number and name), …


def first_id(position: int) -> int:
    """Return the lowest write id that the event at *position* may have."""
    return position << ORDINAL_BITS


def position_of(id: int) -> int:
    """Return the position of the event that made the write with this *id*."""
    return id >> ORDINAL_BITS


class Index:
    """The tables of the index and the queries on them. Several threads may use it."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = RLock()
        self._streams: dict[str, tuple[int, int]] = {}  # numbers never change: kept once found
        self._fields: dict[str, int] = {}
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=30
        )
        finalize(self, self._connection.close)  # a timeline in memory is just dropped
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA cache_size = -32768")

    def is_current(self) -> bool:
        """Tell whether the tables are those of this version."""
        return bool(self.one("PRAGMA user_version")[0] == SCHEMA)

    def create(self) -> None:
        """Make the tables."""
        from sqlite_utils import Database  # imported here: queries must not wait for it

        db = Database(self._connection)
        with self._lock:
            db.table("stamp").create({"key": str, "value": str}, pk="key")
            db.table("streams").create({"id": int, "name": str, "first_position": int}, pk="id")
            db.table("streams").create_index(["name"], unique=True)
            db.table("streams").create_index(["first_position"])
            db.table("fields").create({"id": int, "name": str}, pk="id")
            db.table("fields").create_index(["name"], unique=True)
            db.table("writes").create(
                {"id": int, "stream": int, "field": int, "value": str}, pk="id"
            )
            db.table("ticks").create({"position": int, "clock": int}, pk="position")
            db.table("errors").create({"position": int}, pk="position")
            db.table("labels").create({"id": int, "kind": str, "name": str}, pk="id")
            db.table("labels").create_index(["kind", "name"], unique=True)
            db.table("marks").create({"label": int, "last": int, "positions": bytes})
            db.table("marks").create_index(["label", "last"])
            db.create_view(
                "history",
                f"""SELECT writes.id >> {ORDINAL_BITS} AS position, streams.name AS stream,
                fields.name AS field, writes.value FROM writes
                JOIN streams ON streams.id = writes.stream
                JOIN fields ON fields.id = writes.field""",
            )
            db.execute(f"PRAGMA user_version = {SCHEMA}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock; commit at the end, undo everything on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def interruptible(self, sql: str, cancelled: Callable[[], bool]) -> bool:
        """Run a long statement; return False when *cancelled* ended it."""
        with self._lock:
            self._connection.set_progress_handler(cancelled, 100_000)
            try:
                self._connection.execute(sql)
            except sqlite3.OperationalError:
                if cancelled():
                    return False
                raise
            finally:
                self._connection.set_progress_handler(None, 0)
        return True

    def all(self, sql: str, parameters: Any = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Any = ()) -> Any:
        """Return the first row, or None."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchone()

    def stamp(self) -> dict[str, str]:
        return dict(self.all("SELECT key, value FROM stamp"))

    def covered(self) -> int:
        """Return the last position whose event is in the index."""
        return int(self.stamp().get("position", 0))

    def stream(self, name: str) -> tuple[int, int] | None:
        """Return the number and the first position of a stream."""
        if name not in self._streams:
            row = self.one("SELECT id, first_position FROM streams WHERE name = ?", (name,))
            if row is None:
                return None
            _remember(self._streams, name, (row[0], row[1]))
        return self._streams[name]

    def streams(self, at: int, after: int = 0, page: int = PAGE) -> Iterator[tuple[int, str]]:
        """Yield number and name of the streams that exist at *at*, past number *after*."""
        sql = "SELECT id, name FROM streams WHERE id > ? AND first_position <= ? ORDER BY id"
        while rows := self.all(f"{sql} LIMIT {page}", (after, at)):
            yield from rows
            after = rows[-1][0]

    def field(self, name: str) -> int | None:
        """Return the number of a field name."""
        if name not in self._fields:
            row = self.one("SELECT id FROM fields WHERE name = ?", (name,))
            if row is None:
                return None
            _remember(self._fields, name, row[0])
        return self._fields[name]

    def fields_of(self, stream: int, at: int) -> Sequence[tuple[str, int, str | None]]:
        """Return (field name, id, text) of the last write of each field of *stream* up to *at*."""
        rows: list[tuple[str, int, str | None]] = self.all(
            _FIELDS + " SELECT fields.name, writes.id, writes.value FROM fields_of"
            " JOIN writes ON writes.id = (SELECT max(id) FROM writes"
            "  WHERE stream = :stream AND field = fields_of.field AND id < :end)"
            " JOIN fields ON fields.id = fields_of.field ORDER BY fields.id",
            {"stream": stream, "end": first_id(at + 1)},
        )
        return rows

    def written(self, first: int, last: int) -> Iterator[LastWrite]:
        """
        Yield the last write of each field that the events from *first* to *last* wrote.

        By stream and field. The writes of a few events are sorted; for those of many, the whole
        index by path is gone through, a page at a time.
        """
        is_wide = last - first >= FEW
        source = "writes INDEXED BY writes_by_path" if is_wide else "writes NOT INDEXED"
        rest = "AND (stream, field) > (:stream, :field)" if is_wide else ""
        named = {"start": first_id(first), "end": first_id(last + 1), "stream": 0, "field": 0}
        while page := self.all(
            "SELECT latest.stream, streams.name, latest.field, fields.name, latest.id, value FROM"
            f" (SELECT stream, field, max(id) AS id FROM {source} WHERE id >= :start AND id < :end"
            f"  {rest} GROUP BY stream, field LIMIT {PAGE if is_wide else -1}) AS latest"
            " JOIN streams ON streams.id = latest.stream JOIN fields ON fields.id = latest.field"
            " JOIN writes ON writes.id = latest.id ORDER BY latest.stream, latest.field",
            named,
        ):
            yield from page
            if not is_wide:
                return
            named |= {"stream": page[-1][0], "field": page[-1][2]}

    def last_write(self, stream: int, field: int, at: int) -> tuple[int, str | None] | None:
        """Return (position, text) of the last write of a field up to *at*."""
        row = self.one(
            "SELECT id, value FROM writes WHERE stream = ? AND field = ? AND id < ?"
            " ORDER BY id DESC LIMIT 1",
            (stream, field, first_id(at + 1)),
        )
        return None if row is None else (position_of(row[0]), row[1])

    def next_write(self, stream: int, field: int | None, after: int) -> int | None:
        """Return the first position past *after* that writes the field, or any of the stream."""
        if field is None:
            sql = (
                _FIELDS + " SELECT min((SELECT min(id) FROM writes WHERE stream = :stream"
                " AND field = fields_of.field AND id >= :start)) FROM fields_of"
            )
        else:
            sql = (
                "SELECT min(id) FROM writes"
                " WHERE stream = :stream AND field = :field AND id >= :start"
            )
        named = {"stream": stream, "start": first_id(after + 1)}
        (id,) = self.one(sql, named if field is None else {**named, "field": field})
        return None if id is None else position_of(id)

    def writes(self, stream: int, field: int, after: int = 0) -> Iterator[tuple[int, str | None]]:
        """Yield (position, text) of every write of a field past *after*, oldest first."""
        start = first_id(after + 1)
        while page := self.all(
            "SELECT id, value FROM writes WHERE stream = ? AND field = ? AND id >= ?"
            " ORDER BY id LIMIT 1000",
            (stream, field, start),
        ):
            for id, text in page:
                yield position_of(id), text
            start = page[-1][0] + 1

    def names_of(self, stream: int) -> dict[int, str]:
        """Return the names of the fields that were ever written to *stream*, by number."""
        sql = " SELECT id, name FROM fields_of JOIN fields ON id = fields_of.field ORDER BY id"
        return dict(self.all(_FIELDS + sql, {"stream": stream}))

    def stream_writes(
        self, stream: int, first: int, last: int, among_few: bool
    ) -> tuple[str, str, str]:
        """
        Return the writes of *stream* by the events from *first* to *last*, in order.

        As three JSON arrays of one length, for Python takes longer for as many rows: positions,
        numbers of the fields, negative where one was removed, and values. *among_few* others
        they are picked, by id and so in order; else each is looked up, at 8 times the price.
        Raises sqlite3.DataError where that is too much for a text.
        """
        source = "writes NOT INDEXED WHERE stream = :stream AND id >= :start AND id < :end"
        if not among_few:
            source = (
                "(SELECT id, writes.field, value FROM fields_of JOIN writes ON stream = :stream"
                " AND writes.field = fields_of.field AND id >= :start AND id < :end ORDER BY id)"
            )
        positions, fields, values = self.one(
            f"{'' if among_few else _FIELDS} SELECT group_concat(id >> {ORDINAL_BITS}),"
            " group_concat(iif(value IS NULL, -field, field)),"
            f" group_concat(ifnull(value, 'null')) FROM {source}",
            {"stream": stream, "start": first_id(first), "end": first_id(last + 1)},
        )
        return f"[{positions or ''}]", f"[{fields or ''}]", f"[{values or ''}]"

    def next_marked(self, kind: str, name: str, after: int) -> int | None:
        """Return the first position past *after* of an event whose *kind*, a label, is *name*."""
        row = self.one(_MARKS + " AND last > :at ORDER BY last LIMIT 1", _named(kind, name, after))
        if row is None:
            return None
        zero, offsets = _marked(*row)
        return zero + offsets[bisect_right(offsets, after - zero)]

    def previous_marked(self, kind: str, name: str, before: int) -> int | None:
        """Return the last position ahead of *before* of an event whose *kind* is *name*."""
        named = _named(kind, name, before)
        if (row := self.one(_MARKS + " AND last >= :at ORDER BY last LIMIT 1", named)) is not None:
            zero, offsets = _marked(*row)
            if index := bisect_left(offsets, before - zero):
                return zero + offsets[index - 1]
        row = self.one(f"SELECT last {_MARKED} AND last < :at ORDER BY last DESC LIMIT 1", named)
        return row and int(row[0])

    def mark_counts(self, kind: str, name: str, after: int) -> list[tuple[int, int]]:
        """Return (last position, count) of each batch past *after* that has the label."""
        sql = f"SELECT last, length(positions) / 2 {_MARKED} AND last > :at ORDER BY last"
        return self.all(sql, _named(kind, name, after))

    def marks_of(self, kind: str, name: str, last: int) -> array[int]:
        """Return the positions with the label in the batch where the *last* one is."""
        row = self.one(_MARKS + " AND last = :at", _named(kind, name, last))
        zero, offsets = _marked(*row)
        return array("q", [zero + offset for offset in offsets])

    def close(self) -> None:
        self._connection.close()


def marks(positions: Sequence[int]) -> bytes:
    """Return the positions of a batch, in order, as the bytes of a row of `marks`: two each."""
    zero = positions[-1] - _SPAN
    return array("H", [position - zero for position in positions]).tobytes()


def _marked(last: int, text: bytes) -> tuple[int, array[int]]:
    """Return what a row of `marks` holds: offsets in order, and the position to add to each."""
    offsets = array("H")
    offsets.frombytes(text)
    return last - _SPAN, offsets


def _named(kind: str, name: str, position: int) -> dict[str, Any]:
    return {"kind": kind, "name": name, "at": position}


def _remember(known: dict[str, Any], name: str, value: Any) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    known[name] = value
