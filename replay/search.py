"""Where an expression holds: the next match in either direction, and the first of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from laban.store.event import Event

from .builder import CancelledError, Progress
from .expression import Expression
from .scope import STATE_NAMES, Scope
from .timeline import Timeline

POLL = 200  # evaluations between two looks at *cancelled*, a few milliseconds
PAGE = 1_000  # events read at a time when going backward


class Match(Struct, frozen=True):
    """The result of a search."""

    position: int | None  # None: no match
    probes: int  # evaluations made
    undefined: int  # of these, the ones without a value


class Search:
    """
    Looks for the positions where an expression matches.

    An expression that reads the event matches at every event where it holds. One that reads
    the state alone matches where it turns true, and is evaluated only where something that
    its last evaluation read was written: the state between two such writes is the same to it.
    """

    def __init__(
        self,
        timeline: Timeline,
        expression: Expression,
        cancelled: Callable[[], bool] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.timeline, self.expression = timeline, expression
        self._cancelled = cancelled or (lambda: False)
        self._progress = progress or (lambda *_: None)
        self._probes = self._undefined = 0
        self._start = 0

    def next(self, after: int, limit: int | None = None) -> Match:
        """Return the first match past position *after*, up to *limit* or the head."""
        self._start = after
        find = self._next_edge if self._reads_only_state() else self._next_event
        return self._match(find(after, self.timeline.head if limit is None else limit))

    def previous(self, before: int, limit: int = 1) -> Match:
        """Return the last match ahead of position *before*, down to *limit*."""
        self._start = before
        find = self._previous_edge if self._reads_only_state() else self._previous_event
        return self._match(find(before, max(limit, 1)))

    def first(self) -> Match:
        """Return the first position where the expression holds, 0 when it always did."""
        if self._holds(Scope(self.timeline, 0)):
            return self._match(0)
        return self.next(0)

    def _match(self, position: int | None) -> Match:
        return Match(position, self._probes, self._undefined)

    def _reads_only_state(self) -> bool:
        names = self.expression.names
        return bool(names) and names <= STATE_NAMES

    def _holds(self, scope: Scope, position: int = 0) -> bool:
        if self._probes % POLL == 0:
            self._progress(abs(position - self._start), self.timeline.head)
            if self._cancelled():
                raise CancelledError(f"Cancelled after looking at {self._probes:,} positions.")
        self._probes += 1
        result = self.expression.holds(scope)
        self._undefined += result is None
        return result is True

    def _next_event(self, after: int, limit: int) -> int | None:
        return self._matching(self.timeline.log.read(after + 1, limit))

    def _previous_event(self, before: int, limit: int) -> int | None:
        for last in range(before - 1, limit - 1, -PAGE):
            page = list(self.timeline.log.read(max(limit, last - PAGE + 1), last))
            if (found := self._matching(reversed(page))) is not None:
                return found
        return None

    def _matching(self, events: Iterator[Event]) -> int | None:
        for event in events:
            if self._holds(Scope(self.timeline, event.position, event), event.position):
                return event.position
        return None

    def _next_edge(self, after: int, limit: int) -> int | None:
        scope = Scope(self.timeline, after)
        was = self._holds(scope, after)
        while (position := scope.next_change()) is not None and position <= limit:
            scope = Scope(self.timeline, position)
            now = self._holds(scope, position)
            if now and not was:
                return position
            was = now
        return None

    def _previous_edge(self, before: int, limit: int) -> int | None:
        position = before - 1
        while position >= limit:
            scope = Scope(self.timeline, position)
            now = self._holds(scope, position)
            since = scope.last_change()
            if now and since >= limit and not self._holds(Scope(self.timeline, since - 1), since):
                return since
            position = since - 1
        return None
