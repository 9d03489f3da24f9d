"""What an expression sees at a position, and what of the state it looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from laban.store.clock import SECOND
from laban.store.event import Event, envelope

from .expression import Undefined
from .pointer import MISSING

if TYPE_CHECKING:
    from .timeline import Timeline

RECENT = 100  # events in `recent_events`, this one included
STATE_NAMES = frozenset({"state", "before"})  # the names that do not depend on the event


class Reads:
    """
    The parts of the state that an evaluation looked at.

    Until one of them is written, the same evaluation gives the same result.
    """

    def __init__(self) -> None:
        self.fields: set[tuple[str, str]] = set()
        self.streams: set[str] = set()  # all their fields
        self.existence: set[str] = set()  # of these streams
        self.everything = False

    def next_change(self, timeline: Timeline, after: int) -> int | None:
        """Return the first position past *after* that changes what was read."""
        if self.everything:
            return after + 1 if after < timeline.head else None
        found = [timeline.next_write_of(stream, field, after) for stream, field in self.fields]
        found += [timeline.next_write_of(stream, None, after) for stream in self.streams]
        for stream in self.existence:
            start = timeline.start_of(stream)
            found.append(start if start is not None and start > after else None)
        return min((p for p in found if p is not None), default=None)

    def last_change(self, timeline: Timeline, up_to: int) -> int:
        """Return the last position up to *up_to* that changed what was read, 0 if none did."""
        if self.everything:
            return up_to
        found = [timeline.last_write_of(stream, field, up_to) for stream, field in self.fields]
        found += [timeline.last_write_of(stream, None, up_to) for stream in self.streams]
        for stream in self.existence:
            start = timeline.start_of(stream)
            found.append(start if start is not None and start <= up_to else None)
        return max((p for p in found if p is not None), default=0)


class Scope(Mapping[str, Any]):
    """
    The names of the expression language at one position, each made when it is asked for.

    `reads` and `before_reads` hold what was looked at in `state` and in `before`.
    """

    def __init__(self, timeline: Timeline, position: int, event: Event | None = None) -> None:
        self._timeline, self._position, self._event = timeline, position, event
        self.reads, self.before_reads = Reads(), Reads()

    def __getitem__(self, name: str) -> Any:
        if name == "state":
            return StateView(self._timeline, self._position, self.reads)
        if name == "before":
            return StateView(self._timeline, max(self._position - 1, 0), self.before_reads)
        if name in EVENT_NAMES:
            return EVENT_NAMES[name](self._at())
        return _PAST_NAMES[name](self._timeline, self._at())

    def __iter__(self) -> Iterator[str]:
        return iter((*STATE_NAMES, *EVENT_NAMES, *_PAST_NAMES))

    def __len__(self) -> int:
        return len(STATE_NAMES) + len(EVENT_NAMES) + len(_PAST_NAMES)

    def next_change(self) -> int | None:
        """Return the next position where an expression over the state may change its value."""
        after = self.reads.next_change(self._timeline, self._position)
        before = self.before_reads.next_change(self._timeline, max(self._position - 1, 0))
        if before is not None and before < self._timeline.head:
            return min(before + 1, after or before + 1)
        return after

    def last_change(self) -> int:
        """Return the position since which an expression over the state has had its value."""
        after = self.reads.last_change(self._timeline, self._position)
        before = self.before_reads.last_change(self._timeline, max(self._position - 1, 0))
        return max(after, before + 1 if 0 < before < self._position else 0)

    def _at(self) -> Event:
        if self._position == 0:
            raise Undefined("there is no event at position 0")
        if self._event is None:
            self._event = self._timeline.log.get(self._position)
        return self._event


class StateView(Mapping[str, Any]):
    """The state at a position, stream by stream, noting what is looked at."""

    def __init__(self, timeline: Timeline, position: int, reads: Reads) -> None:
        self._timeline, self._position, self._reads = timeline, position, reads

    def __getitem__(self, stream: str) -> StreamView:
        self._reads.existence.add(stream)
        start = self._timeline.start_of(stream)
        if start is None or start > self._position:
            raise KeyError(stream)
        return StreamView(self._timeline, stream, self._position, self._reads)

    def __iter__(self) -> Iterator[str]:
        self._reads.everything = True
        offset = 0
        while page := self._timeline.streams(self._position, offset, 1000):
            yield from page
            offset += len(page)

    def __len__(self) -> int:
        self._reads.everything = True
        return self._timeline.stream_count(self._position)

    def __repr__(self) -> str:
        return repr({stream: dict(fields) for stream, fields in self.items()})


class StreamView(Mapping[str, Any]):
    """The fields of a stream at a position, noting what is looked at."""

    def __init__(self, timeline: Timeline, stream: str, position: int, reads: Reads) -> None:
        self._timeline, self._stream, self._position = timeline, stream, position
        self._reads = reads

    def __getitem__(self, field: str) -> Any:
        self._reads.fields.add((self._stream, field))
        value = self._timeline.peek((self._stream, field), self._position)
        if value is MISSING:
            raise KeyError(field)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def _whole(self) -> dict[str, Any]:
        self._reads.streams.add(self._stream)
        return self._timeline.stream_at(self._stream, self._position) or {}


def plain(value: Any) -> Any:
    """Return the value of an expression as JSON values, views resolved."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def _time_text(event: Event) -> Any:
    return envelope(event)["time"]


EVENT_NAMES: dict[str, Callable[[Event], Any]] = {  # what the event alone tells
    "event": envelope,
    "data": lambda event: event.data.parsed,
    "metadata": lambda event: event.metadata.parsed,
    "type": lambda event: event.type,
    "source": lambda event: event.source,
    "stream": lambda event: event.stream,
    "time": _time_text,
    "timestamp": lambda event: None if event.time_ns is None else event.time_ns / SECOND,
    "position": lambda event: event.position,
    "correlation_id": lambda event: event.correlation_id,
    "causation_id": lambda event: event.causation_id,
}
_PAST_NAMES: dict[str, Callable[[Timeline, Event], Any]] = {  # what came before it, too
    "event_count": lambda _, event: event.position,
    "source_event_count": lambda timeline, event: timeline.source_count(event),
    "recent_events": lambda timeline, event: [
        envelope(e) for e in timeline.log.read(event.position - RECENT + 1, event.position)
    ],
    "correlated_events": lambda timeline, event: [
        envelope(e)
        for e in timeline.log.correlated(event.correlation_id)
        if e.position <= event.position
    ],
}
