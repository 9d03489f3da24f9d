"""A log's state at any position, found through the write index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from laban.store.errors import UnknownPositionError, did_you_mean
from laban.store.event import Event
from laban.store.log import EventLog

from .address import resolve
from .builder import TICK, Progress, catch_up, open_index
from .density import Bucket, density
from .index import first_id, position_of
from .pointer import (
    MISSING,
    UnknownPointerError,
    format_pointer,
    look_up,
    parse_pointer,
    unknown_part,
)
from .pointer import same as same  # whoever has values of a timeline compares them so
from .states import parsed, stream_states
from .tally import Tally

if TYPE_CHECKING:
    from .choreography import Choreography, Plan


class Write(Struct, frozen=True):
    """An assignment to a path."""

    position: int
    pointer: str
    value: Any  # JSON; MISSING when the path was removed


class Change(Struct, frozen=True):
    """What became of a path between two states."""

    pointer: str
    before: Any  # JSON; MISSING when there was nothing
    after: Any  # JSON; MISSING when it was removed
    position: int  # of the write that made it so


class Timeline:
    """
    A log and its write index: the state after any event, and who wrote it.

    Positions run from 0, the empty state, to `head`. Several threads may use one timeline.
    """

    def __init__(self, log: EventLog, folder: Path | None, plan: Plan | None, **how: Any) -> None:
        self.log: EventLog = log
        self.plan = plan  # whose reducers make the state; None: the default one does
        self.index = open_index(log, folder, plan=plan, **how)
        self.head = self.index.covered()
        self._tally = Tally(self.index)

    @classmethod
    def open(
        cls,
        log: EventLog,
        folder: Path | None = None,
        *,
        choreography: Choreography | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Timeline:
        """
        Open the timeline of *log*, with its index in *folder*, or in memory when that is None.

        The state is what the reducers of *choreography* make of the events that its engine
        takes in; without one, what the default reducer makes of all.
        Builds what is missing in the index; *progress* gets (events done, events in all).
        Raises CancelledError when *cancelled* returns True, and ChoreographyError.
        """
        plan = None if choreography is None else choreography.plan
        return cls(log, folder, plan, progress=progress, cancelled=cancelled)

    def refresh(self) -> int:
        """Take in what the log recorded since, and return the new head."""
        catch_up(self.index, self.log, plan=self.plan)
        self.head = self.index.covered()
        return self.head

    def close(self) -> None:
        """Close the index; the log stays open."""
        self.index.close()

    def resolve(self, address: str) -> int:
        """Return the position that *address* means. Raises BadAddressError."""
        return resolve(self, address)

    def at(self, position: int) -> dict[str, Any]:
        """Return the whole state at *position*: stream -> field -> value."""
        return dict(self.each_stream(position))

    def each_stream(self, position: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the whole state at *position* in parts: name and state of each stream, in order."""
        self.check(position)
        writes = groupby(self.index.written(1, position), itemgetter(0))
        number, rows = next(writes, (0, iter(())))
        for stream, name in self.index.streams(position):
            fields: dict[str, Any] = {}
            if stream == number:
                set_ = [(row[3], row[5]) for row in rows if row[5] is not None]
                values = parsed(text for _, text in set_)
                fields = {field: value for (field, _), value in zip(set_, values, strict=True)}
                number, rows = next(writes, (0, iter(())))
            yield name, fields

    def stream_at(self, stream: str, position: int) -> dict[str, Any] | None:
        """Return the state of *stream* at *position*, None before its first event."""
        self.check(position)
        known = self.index.stream(stream)
        if known is None or known[1] > position:
            return None
        rows = [row for row in self.index.fields_of(known[0], position) if row[2] is not None]
        names = (name for name, *_ in rows)
        return dict(zip(names, parsed(text for *_, text in rows), strict=True))

    def value(self, pointer: str, position: int) -> Any:
        """Return the value at *pointer* at *position*. Raises UnknownPointerError."""
        value = self.peek(parse_pointer(pointer), position)
        if value is MISSING:
            raise UnknownPointerError(self._absence(parse_pointer(pointer), position))
        return value

    def peek(self, tokens: Sequence[str], position: int) -> Any:
        """Return the value at the path *tokens*, MISSING where there is none."""
        if not tokens:
            return self.at(position)
        if len(tokens) == 1:
            state = self.stream_at(tokens[0], position)
            return MISSING if state is None else state
        self.check(position)
        numbers = self._numbers(tokens)
        last = numbers and self.index.last_write(*numbers, position)
        return _part(last[1], tokens[2:]) if last else MISSING

    def changes(self, position: int) -> list[Change]:
        """Return what the event at *position* assigned, in the order of its fields."""
        if position == 0:
            return []
        self.check(position)
        rows = self.index.all(
            "SELECT writes.stream, streams.name, writes.field, fields.name, value FROM writes"
            " JOIN streams ON streams.id = writes.stream JOIN fields ON fields.id = writes.field"
            " WHERE writes.id >= ? AND writes.id < ? ORDER BY writes.id",
            (first_id(position), first_id(position + 1)),
        )
        return [
            Change(
                format_pointer((stream, field)),
                self._field(stream_id, field_id, position - 1),
                _part(text),
                position,
            )
            for stream_id, stream, field_id, field, text in rows
        ]

    def diff(self, a: int, b: int) -> Iterator[Change]:
        """
        Yield what differs between the states at *a* and *b*, by stream and field.

        *b* may come before *a*; `position` is that of the last write between them.
        """
        low, high = sorted((a, b))
        self.check(low)
        self.check(high)
        for stream_id, stream, field_id, field, id, text in self.index.written(low + 1, high):
            before, after = self._field(stream_id, field_id, low), _part(text)
            if not same(before, after):
                pair = (before, after) if a <= b else (after, before)
                yield Change(format_pointer((stream, field)), *pair, position_of(id))

    def states(self, stream: str) -> Iterator[tuple[int, MappingProxyType[str, Any]]]:
        """
        Return position and state after the first event of *stream* and each that wrote to it.

        The state is a read-only view of one that goes on, good until the next step: take from
        it what you need, or keep `state.copy()`. There are none for an unknown stream.
        """
        known = self.index.stream(stream)
        if known is None or not self._covered(known[1]):
            return iter(())
        return stream_states(self.index, *known, self.head)

    def history(self, pointer: str) -> Iterator[Write]:
        """
        Yield every write of a path, oldest first.

        A path inside a field counts as written when its value there changed, since the
        field is always replaced whole. Raises UnknownPointerError for one never written.
        """
        tokens = parse_pointer(pointer)
        writes = self._writes(tokens)
        first = next(writes, None)
        if first is None:
            raise UnknownPointerError(self._absence(tokens, self.head))
        yield first
        yield from writes

    def last_write(self, pointer: str, at: int) -> Write | None:
        """Return the newest write of a path up to *at*, None when there was none."""
        self.check(at)
        tokens = parse_pointer(pointer)
        if len(tokens) == 2:
            numbers = self._numbers(tokens)
            last = numbers and self.index.last_write(*numbers, at)
            return Write(last[0], pointer, _part(last[1])) if last else None
        if len(tokens) > 2:
            return self._last_inner_write(tokens, at)
        position = self.last_write_of(tokens[0], None, at) if tokens else None
        return None if position is None else Write(position, pointer, self.peek(tokens, position))

    def next_write(self, pointer: str, after: int) -> int | None:
        """Return the first position past *after* that writes the path or a part of it."""
        tokens = parse_pointer(pointer)
        if not tokens:
            return after + 1 if after < self.head else None
        return self.next_write_of(tokens[0], tokens[1] if len(tokens) > 1 else None, after)

    def next_write_of(self, stream: str, field: str | None, after: int) -> int | None:
        """Return the next position that writes a field, or that begins or writes a stream."""
        known = self.index.stream(stream)
        number = None if field is None else self.index.field(field)
        if known is None or (field is not None and number is None):
            return None
        begun = field is not None or known[1] <= after
        return self._covered(self.index.next_write(known[0], number, after) if begun else known[1])

    def last_write_of(self, stream: str, field: str | None, up_to: int) -> int | None:
        """Return the last position that wrote a field, or that began or wrote a stream."""
        known = self.index.stream(stream)
        if known is None or known[1] > up_to:
            return None
        if field is None:
            ids = (id for _, id, _ in self.index.fields_of(known[0], up_to))
            return max(map(position_of, ids), default=known[1])
        number = self.index.field(field)
        last = None if number is None else self.index.last_write(known[0], number, up_to)
        return last[0] if last else None

    def start_of(self, stream: str) -> int | None:
        """Return the position of a stream's first event, None for an unknown stream."""
        known = self.index.stream(stream)
        return self._covered(known[1]) if known else None

    def stream_count(self, at: int) -> int:
        """Return how many streams exist at a position."""
        last = self.index.one(
            "SELECT id FROM streams WHERE first_position <= ? ORDER BY first_position DESC", (at,)
        )
        return int(last[0]) if last else 0  # streams are numbered in the order of their beginning

    def source_count(self, event: Event) -> int:
        """Return how many events the source of *event* has published up to it, itself included."""
        return self._tally.until(event.source, event.position)

    def streams(self, at: int, offset: int = 0, limit: int = 100) -> list[str]:
        """Return names of the streams that exist at a position, oldest first, a page at a time."""
        return [name for _, name in islice(self.index.streams(at, offset, limit), limit)]

    def cause(self, position: int) -> Event | None:
        """Return the event that the one at *position* names as its cause, if the log has it."""
        event = self.log.get(position)
        if event.causation_id is None:
            return None
        named = self.log.find(event.causation_id)
        earlier = [e for e in named if e.position < position]
        return earlier[-1] if earlier else (named[0] if named else None)

    def effects(self, position: int) -> list[Event]:
        """Return the events that name the one at *position* as their cause."""
        event = self.log.get(position)
        named = self.log.caused_by(event.id)
        if len(self.log.find(event.id)) == 1:
            return list(named)
        return [e for e in named if (c := self.cause(e.position)) and c.position == position]

    def density(self, columns: int, first: int = 1, last: int | None = None) -> list[Bucket]:
        """Return how busy the log was from *first* to *last*, for a strip of *columns*."""
        return density(self, columns, first, last)

    def similar_streams(self, name: str) -> list[str]:
        """Return names that begin or end alike: comparing with all 100,000 would take seconds."""
        rows = self.index.all(
            "SELECT name FROM streams WHERE name LIKE ? UNION ALL"
            " SELECT * FROM (SELECT name FROM streams WHERE name LIKE ? LIMIT 500)",
            ("%" + name[-3:], name[:2] + "%"),
        )
        return [found for (found,) in rows[:1000]]

    @property
    def start_ns(self) -> int | None:
        """The time of the first event that has one, ns since the epoch."""
        row = self.index.one("SELECT clock FROM ticks WHERE clock IS NOT NULL ORDER BY position")
        return None if row is None else int(row[0])

    def clock_at(self, position: int) -> int | None:
        """Return the highest time up to *position*, exact to TICK events."""
        row = self.index.one(
            "SELECT clock FROM ticks WHERE position <= ? ORDER BY position DESC LIMIT 1",
            (position,),
        )
        return None if row is None else row[0]

    def ticks_around(self, time_ns: int) -> tuple[int, int]:
        """Return two positions between which the log's clock passes *time_ns*."""
        (after,) = self.index.one("SELECT min(position) FROM ticks WHERE clock > ?", (time_ns,))
        if after is None:
            return max(1, self.head - TICK), self.head
        return max(1, after - TICK), after

    def errors_between(self, first: int, last: int) -> int:
        """Return how many events from *first* to *last* have a type that names a failure."""
        sql = "SELECT count(*) FROM errors WHERE position BETWEEN ? AND ?"
        return int(self.index.one(sql, (first, last))[0])

    def check(self, position: int) -> None:
        """Raise UnknownPositionError unless 0 <= *position* <= head."""
        if not 0 <= position <= self.head:
            raise UnknownPositionError(position, self.head)

    def _covered(self, position: int | None) -> int | None:
        """Return *position* unless it is past the head: the index may know more already."""
        return position if position is not None and position <= self.head else None

    def _numbers(self, tokens: Sequence[str]) -> tuple[int, int] | None:
        known, field = self.index.stream(tokens[0]), self.index.field(tokens[1])
        return None if known is None or field is None else (known[0], field)

    def _field(self, stream: int, field: int, position: int) -> Any:
        last = self.index.last_write(stream, field, position)
        return _part(last[1]) if last else MISSING

    def _writes(self, tokens: Sequence[str]) -> Iterator[Write]:
        pointer = format_pointer(tokens)
        if len(tokens) == 1:
            for position, state in self.states(tokens[0]):
                yield Write(position, pointer, state.copy())
        if len(tokens) < 2 or (numbers := self._numbers(tokens)) is None:
            return
        value: Any = MISSING
        for position, text in self.index.writes(*numbers):
            before, value = value, _part(text, tokens[2:])
            if len(tokens) == 2 or not same(before, value):
                yield Write(position, pointer, value)

    def _last_inner_write(self, tokens: Sequence[str], at: int) -> Write | None:
        """Go back through the field's writes as long as the part inside stays the same."""
        if (numbers := self._numbers(tokens)) is None:
            return None
        found, position = None, at
        while last := self.index.last_write(*numbers, position):
            value = _part(last[1], tokens[2:])
            if found is not None and not same(value, found.value):
                return found
            found = Write(last[0], format_pointer(tokens), value)
            position = last[0] - 1
        return None if found is None or found.value is MISSING else found

    def _absence(self, tokens: Sequence[str], position: int) -> str:
        """Say why there is nothing at *tokens*, and where there is or will be something."""
        if not tokens:
            return "The whole state has no history of its own: name a path such as /STREAM/FIELD."
        stream = self.stream_at(tokens[0], position)
        if (later := next(self._writes(tokens), None)) and later.position > position:
            path = format_pointer(tokens)
            return f"{path} is first written at @{later.position}, after @{position}."
        if stream is not None:
            return unknown_part(stream, tokens[1:], tokens[:1])
        near = did_you_mean(
            tokens[0], self.similar_streams(tokens[0]), " `laban state LOG` shows all."
        )
        return f"No stream is named {tokens[0]!r} at @{position}.{near}"


def _part(text: str | None, tokens: Sequence[str] = ()) -> Any:
    return MISSING if text is None else look_up(json.loads(text), tokens)
