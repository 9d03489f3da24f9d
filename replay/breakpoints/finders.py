"""Where the next event is that a breakpoint stops at, from the index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol

from laban.replay.builder import CancelledError
from laban.replay.expression import Expression, compile_expression
from laban.replay.index import first_id, position_of
from laban.replay.pointer import parse_pointer
from laban.replay.scope import Scope
from laban.replay.search import Search
from laban.replay.timeline import Timeline, same

from .text import Breakpoint

POLL = 200  # candidates between two looks at *cancelled*

Cancelled = Callable[[], bool]
Advance = Callable[[int], None]  # the position that was got to


class Finder(Protocol):
    """Finds positions that a breakpoint stops at."""

    def find(self, start: int, limit: int) -> int | None:
        """Return the one nearest to *start*, past it and up to *limit*; backward if that is less.

        Both directions exclude *start* and include *limit*.
        """
        ...


def finder(
    timeline: Timeline, breakpoint: Breakpoint, cancelled: Cancelled, advance: Advance
) -> Finder:
    """Return what finds *breakpoint* in *timeline*. Raises BadAddressError."""
    found: Finder
    match breakpoint.kind:
        case "when":
            return _When(timeline, compile_expression(breakpoint.target), cancelled, advance)
        case "type" | "source":
            found = _Marked(timeline, breakpoint.kind, breakpoint.target)
        case "stream":
            found = _InStream(timeline, breakpoint.target)
        case "correlation":
            events = timeline.log.correlated(breakpoint.target)
            found = _Known([event.position for event in events])
        case "at":
            found = _Known([timeline.resolve(breakpoint.target)])
        case "write":
            found = Writes(timeline, parse_pointer(breakpoint.target))
    if breakpoint.condition is None:
        return found
    condition = compile_expression(breakpoint.condition)
    return _Conditional(timeline, found, condition, cancelled, advance)


class _When:
    def __init__(
        self, timeline: Timeline, expression: Expression, cancelled: Cancelled, advance: Advance
    ) -> None:
        self._timeline, self._expression = timeline, expression
        self._cancelled, self._advance = cancelled, advance

    def find(self, start: int, limit: int) -> int | None:
        way = 1 if limit >= start else -1
        search = Search(
            self._timeline,
            self._expression,
            self._cancelled,
            lambda passed, _: self._advance(start + way * passed),
        )
        match = search.next(start, limit) if way > 0 else search.previous(start, limit)
        return match.position


class _Marked:
    """Events of a type, or of a source."""

    def __init__(self, timeline: Timeline, kind: str, name: str) -> None:
        self._index, self._kind, self._name = timeline.index, kind, name

    def find(self, start: int, limit: int) -> int | None:
        if limit >= start:
            return _within(self._index.next_marked(self._kind, self._name, start), start, limit)
        return _within(self._index.previous_marked(self._kind, self._name, start), start, limit)


class _Known:
    """Positions that are all known, in order."""

    def __init__(self, positions: Sequence[int]) -> None:
        self._positions = positions

    def find(self, start: int, limit: int) -> int | None:
        positions = self._positions
        if limit >= start:
            index = bisect_right(positions, start)
        else:
            index = bisect_left(positions, start) - 1
        inside = 0 <= index < len(positions)
        return _within(positions[index], start, limit) if inside else None


class _InStream(Sequence[int]):
    """The positions of a stream's events, each looked up when it is asked for."""

    def __init__(self, timeline: Timeline, stream: str) -> None:
        self._log, self._stream = timeline.log, stream
        self._length = timeline.log.length(stream)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> int:  # type: ignore[override]  # bisect takes no slices
        return next(iter(self._log.read_stream(self._stream, index, index))).position

    def find(self, start: int, limit: int) -> int | None:
        return _Known(self).find(start, limit)


class Writes:
    """Events that write a path or a part of it; inside a field, those that change the part."""

    def __init__(self, timeline: Timeline, tokens: Sequence[str]) -> None:
        self._timeline, self._tokens = timeline, tokens

    def find(self, start: int, limit: int) -> int | None:
        at = self._next if limit >= start else self._previous
        position = _within(at(start), start, limit)
        while position is not None and not self._changes(position):
            position = _within(at(position), start, limit)
        return position

    def _next(self, after: int) -> int | None:
        if not self._tokens:
            return self._any("SELECT min(id) FROM writes WHERE id >= ?", after + 1)
        stream, field = self._tokens[0], self._field
        return self._timeline.next_write_of(stream, field, after)

    def _previous(self, before: int) -> int | None:
        if not self._tokens:
            return self._any("SELECT max(id) FROM writes WHERE id < ?", before)
        return self._timeline.last_write_of(self._tokens[0], self._field, before - 1)

    @property
    def _field(self) -> str | None:
        return self._tokens[1] if len(self._tokens) > 1 else None

    def _any(self, sql: str, position: int) -> int | None:
        (id,) = self._timeline.index.one(sql, (first_id(position),))
        return None if id is None else position_of(id)

    def _changes(self, position: int) -> bool:
        """Tell whether the part at the path is another after *position*; a field counts as is."""
        if len(self._tokens) <= 2:
            return True
        before = self._timeline.peek(self._tokens, position - 1)
        return not same(before, self._timeline.peek(self._tokens, position))


class _Conditional:
    """What another one finds, where a condition holds, too."""

    def __init__(
        self,
        timeline: Timeline,
        found: Finder,
        condition: Expression,
        cancelled: Cancelled,
        advance: Advance,
    ) -> None:
        self._timeline, self._found, self._condition = timeline, found, condition
        self._cancelled, self._advance = cancelled, advance

    def find(self, start: int, limit: int) -> int | None:
        tried, position = 0, self._found.find(start, limit)
        while position is not None and position > 0:
            if self._condition.holds(Scope(self._timeline, position)):
                return position
            tried += 1
            if tried % POLL == 0:
                self._advance(position)
                if self._cancelled():
                    raise CancelledError(f"Cancelled after looking at {tried:,} positions.")
            if position == limit:
                break
            position = self._found.find(position, limit)
        return None


def _within(position: int | None, start: int, limit: int) -> int | None:
    """Return *position* if it lies past *start*, seen in the direction of *limit*, and up to it."""
    if position is None:
        return None
    inside = start < position <= limit if limit >= start else limit <= position < start
    return position if inside else None
