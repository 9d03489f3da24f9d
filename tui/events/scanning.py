"""All matches of something, in either direction, handed over as they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from laban.replay.breakpoints import Breakpoint
from laban.replay.breakpoints.finders import Finder, finder
from laban.replay.builder import CancelledError
from laban.replay.expression import compile_expression
from laban.replay.index import LABELS
from laban.replay.scope import STATE_NAMES, Scope
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .wanted import PlainText, pages

POLL = 100  # events between two looks at *cancelled*
_CHUNK = 200  # matches that are handed over together

Cancelled = Callable[[], bool]
Chunk = tuple[int, Sequence[int]]  # how far was looked, and what was found


def scan(
    timeline: Timeline, what: Breakpoint | PlainText, start: int, limit: int, cancelled: Cancelled
) -> Iterator[Chunk]:
    """
    Yield the positions past *start* up to *limit* that match, in that order, chunk by chunk.

    Backward when *limit* is less. Raises CancelledError, and BadAddressError.
    """
    if start == limit:
        return
    if isinstance(what, PlainText):
        yield from _each(timeline, what.finder(), start, limit, cancelled)
    elif what.kind == "when":
        yield from _holding(timeline, what.target, start, limit, cancelled)
    elif what.kind in LABELS:
        yield from _labelled(timeline, what, start, limit, cancelled)
    else:
        found = finder(timeline, what, cancelled, lambda _: None)
        yield from _found(found, start, limit)


def _each(
    timeline: Timeline,
    holds: Callable[[Event], object],
    start: int,
    limit: int,
    cancelled: Cancelled,
) -> Iterator[Chunk]:
    """Look at every event."""
    looked = count(1)
    for page in pages(timeline.log, start, limit):
        found = []
        for event in page:
            if next(looked) % POLL == 0 and cancelled():
                raise CancelledError("Cancelled while filtering.")
            if holds(event):
                found.append(event.position)
        yield page[-1].position, found


def _holding(
    timeline: Timeline, text: str, start: int, limit: int, cancelled: Cancelled
) -> Iterator[Chunk]:
    """Find where an expression holds; one over the state alone: where it turns true."""
    expression = compile_expression(text)
    if not (expression.names and expression.names <= STATE_NAMES):

        def holds(event: Event) -> bool | None:
            return expression.holds(Scope(timeline, event.position, event))

        yield from _each(timeline, holds, start, limit, cancelled)
        return
    yield from _found(_Edges(Search(timeline, expression, cancelled)), start, limit)


class _Edges:
    """Where an expression over the state turns true."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def find(self, start: int, limit: int) -> int | None:
        find = self._search.next if limit >= start else self._search.previous
        return find(start, limit).position


def _labelled(
    timeline: Timeline, what: Breakpoint, start: int, limit: int, cancelled: Cancelled
) -> Iterator[Chunk]:
    """Take the events of a type or source from the index, a batch at a time."""
    way = 1 if limit >= start else -1
    low, high = (start + 1, limit) if way > 0 else (limit, start - 1)
    condition = None if what.condition is None else compile_expression(what.condition)
    lasts = [last for last, _ in timeline.index.mark_counts(what.kind, what.target, low - 1)]
    for last in lasts[::way]:
        batch = timeline.index.marks_of(what.kind, what.target, last)[::way]
        found = []
        for position in batch:
            if not low <= position <= high:
                continue
            if condition is not None:
                if cancelled():
                    raise CancelledError("Cancelled while filtering.")
                if not condition.holds(Scope(timeline, position)):
                    continue
            found.append(position)
        yield min(max(batch[-1], low), high), found
    yield limit, ()


def _found(finder: Finder, start: int, limit: int) -> Iterator[Chunk]:
    """Find one after the other."""
    found: list[int] = []
    position = start
    while position != limit and (match := finder.find(position, limit)) is not None:
        position = match
        found.append(position)
        if len(found) == _CHUNK:
            yield position, found
            found = []
    yield limit, found
