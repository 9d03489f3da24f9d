"""Whether an expression is true, over a range of positions, at the least cost that is exact."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

from laban.replay.builder import CancelledError, Progress
from laban.replay.expression import Expression
from laban.replay.scope import RECENT, STATE_NAMES, Scope
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError
from laban.store.event import Event, envelope
from laban.store.log import EventLog

POLL = 200  # evaluations between two looks at *cancelled*, a few milliseconds
PAGE = 1_000  # events read at a time when going backward
KEPT = 100_000  # events of correlations kept in a pass, more only where one alone has more

Envelope = dict[str, Any]


class EmptyRangeError(LabanError):
    """The range holds no position."""


class _Correlated:
    """The events of correlations up to one event after another, each read once."""

    def __init__(self, log: EventLog) -> None:
        self._log, self._size = log, 0
        self._known: OrderedDict[str, list[Envelope]] = OrderedDict()

    def up_to(self, event: Event) -> list[Envelope]:
        """Return the envelopes of its correlation; ask for every event of a pass, in order."""
        id = event.correlation_id
        if id is None:
            return []
        known = self._known.pop(id, None)
        if known is None:
            earlier = (e for e in self._log.correlated(id) if e.position < event.position)
            known = [envelope(each) for each in earlier]
            self._size += len(known)
        known.append(envelope(event))
        self._known[id] = known
        self._size += 1
        while self._size > KEPT and len(self._known) > 1:
            self._size -= len(self._known.popitem(last=False)[1])
        return known


class _PassScope(Scope):
    """A scope of a pass over events in order, which need not read those before again."""

    def __init__(self, timeline: Timeline, event: Event, past: dict[str, list[Envelope]]) -> None:
        super().__init__(timeline, event.position, event)
        self._past = past

    def __getitem__(self, name: str) -> Any:
        return self._past[name] if name in self._past else super().__getitem__(name)


class Truth:
    """
    Evaluates an expression at positions from *first* to *last* and counts what that took.

    One over the state alone is evaluated only where something that its last evaluation read
    was written: the state between two such writes is the same to it. One that reads the event
    is evaluated at every event. What has no value counts as not true.
    """

    def __init__(
        self,
        timeline: Timeline,
        expression: Expression,
        first: int = 0,
        last: int | None = None,
        cancelled: Callable[[], bool] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.timeline, self.expression = timeline, expression
        self.first, self.last = first, timeline.head if last is None else last
        timeline.check(self.first)
        timeline.check(self.last)
        if self.first > self.last:
            raise EmptyRangeError(
                f"@{self.last} is before @{self.first}: there is nothing to test."
            )
        self.probes = self.undefined = 0
        self._origin = first  # where it began to look
        self._past: dict[str, list[Envelope]] = {}  # what names of the past mean, in a pass
        self._cancelled = cancelled or (lambda: False)
        self._progress = progress or (lambda *_: None)

    def at(self, position: int) -> bool:
        """Tell whether the expression is true at *position*."""
        return self._holds(Scope(self.timeline, position), position)

    def events(self) -> Iterator[Event]:
        """Yield the events of the range, in order; `at_event` may be asked about each one."""
        first = max(self.first, 1)
        names, log = self.expression.names, self.timeline.log
        past = log.read(max(first - RECENT + 1, 1), first - 1) if first > 1 else ()
        recent = deque(map(envelope, past), maxlen=RECENT) if "recent_events" in names else None
        correlated = _Correlated(log) if "correlated_events" in names else None
        for event in log.read(first, self.last):
            if recent is not None:
                recent.append(envelope(event))
                self._past["recent_events"] = list(recent)
            if correlated is not None:
                self._past["correlated_events"] = correlated.up_to(event)
            yield event

    def at_event(self, event: Event) -> bool:
        """Tell whether it is true at *event*, which need not be read again."""
        if not self._past:
            scope = Scope(self.timeline, event.position, event)
        else:
            scope = _PassScope(self.timeline, event, self._past)
        return self._holds(scope, event.position)

    def turns(self) -> Iterator[tuple[int, bool]]:
        """Yield the first position and each one where the answer changes, with the answer."""
        answers = self._from_state() if self._of_state() else self._from_events()
        was: bool | None = None
        for position, now in answers:
            if now is not was:
                yield position, now
            was = now

    def true_since(self) -> int | None:
        """Return where the interval begins in which it is true up to the last position."""
        self._origin = self.last
        back = self._back_by_state() if self._of_state() else self._back_by_events()
        since: int | None = None
        for position, holds in back:
            if not holds:
                break
            since = position
        return since

    def _of_state(self) -> bool:
        return self.expression.names <= STATE_NAMES

    def _holds(self, scope: Scope, position: int) -> bool:
        if self.probes % POLL == 0:
            self._progress(abs(position - self._origin), self.last - self.first)
            if self._cancelled():
                raise CancelledError(f"Cancelled after looking at {self.probes:,} positions.")
        self.probes += 1
        result = self.expression.holds(scope)
        self.undefined += result is None
        return result is True

    def _from_state(self) -> Iterator[tuple[int, bool]]:
        position: int | None = self.first
        while position is not None and position <= self.last:
            scope = Scope(self.timeline, position)
            yield position, self._holds(scope, position)
            position = scope.next_change()

    def _from_events(self) -> Iterator[tuple[int, bool]]:
        if self.first == 0:
            yield 0, self.at(0)
        for event in self.events():
            yield event.position, self.at_event(event)

    def _back_by_state(self) -> Iterator[tuple[int, bool]]:
        """Yield where each answer begins to be so, the last one first."""
        position = self.last
        while position >= self.first:
            scope = Scope(self.timeline, position)
            holds = self._holds(scope, position)
            since = max(scope.last_change(), self.first)
            yield since, holds
            position = since - 1

    def _back_by_events(self) -> Iterator[tuple[int, bool]]:
        for last in range(self.last, 0, -PAGE):
            first = max(self.first, 1, last - PAGE + 1)
            for event in reversed(list(self.timeline.log.read(first, last))):
                yield event.position, self.at_event(event)
            if first == self.first:
                return
        yield 0, self.at(0)
