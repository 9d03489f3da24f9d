"""The metrics of a log, and where in it each name occurs, in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec import Struct

from laban.replay.builder import TICK
from laban.replay.choreography.decisions import CIRCUITS, is_decision
from laban.replay.choreography.engine import unreadable
from laban.replay.lives import rule_of
from laban.replay.stats import Stats, measure
from laban.replay.timeline import Timeline
from laban.store.event import Event
from laban.store.log import EventLog
from laban.tui.jobs import Job

Name = TypeVar("Name", str, tuple[str, str])
BINS = 48  # parts of the time that events are counted in
_MOST = 10_000  # names of a kind whose places are kept


class Place(Struct):
    """Where events of a name are."""

    first: int  # position
    last: int
    busy: list[int]  # events in each part of the time


class Measured(Struct):
    """The metrics of a log, and the places of what they are about."""

    stats: Stats
    head: int  # how far the log was measured
    busy: list[int]  # events in each part of the time
    places: dict[str, dict[str, Place]]  # by kind (type, source, rule, circuit) and name
    longest: int | None = None  # position of the first event of the longest correlation


def measured(log: EventLog, span: str, job: Job) -> Measured:
    """Return the metrics of *log*, counted over *span*, what `time_span` says."""
    watched = _Watched(log, *map(int, span.split()))
    stats = measure(watched, progress=job.progress, cancelled=job.cancelled)  # type: ignore[arg-type]
    longest = stats.correlations.longest
    found = None if longest is None else next(iter(log.correlated(longest)), None)
    return Measured(
        stats,
        stats.events,
        watched.busy,
        {**watched.decided, "type": watched.places(0), "source": watched.places(1)},
        None if found is None else found.position,
    )


def time_span(timeline: Timeline) -> str:
    """Return the first and the last time of a log, for `measured`."""
    head = timeline.head
    times = [event.time_ns for event in timeline.log.read(head - TICK + 1, head)]
    end = max((time for time in (timeline.clock_at(head), *times) if time is not None), default=0)
    return f"{timeline.start_ns or 0} {end}"


class _Watched:
    """A log that notes the places of the events that are read from it."""

    def __init__(self, log: EventLog, start_ns: int, end_ns: int) -> None:
        self.busy = [0] * BINS
        self.decided: dict[str, dict[str, Place]] = {"rule": {}, "circuit": {}}
        self._pairs: dict[tuple[str, str], Place] = {}  # by type and source
        self._log, self._start, self._length = log, start_ns, max(end_ns - start_ns, 1)
        self._bin = 0

    def head(self) -> int:
        return self._log.head()

    def read(self, start: int, stop: int) -> Iterator[Event]:
        for event in self._log.read(start, stop):
            if event.time_ns is not None:  # else it came with the one before
                number = (event.time_ns - self._start) * BINS // self._length
                self._bin = max(0, min(number, BINS - 1))
            self.busy[self._bin] += 1
            self._count(self._pairs, (event.type, event.source), event.position)
            if is_decision(event) and unreadable(event) is None:
                self._note_decision(event)
            yield event

    def places(self, part: int) -> dict[str, Place]:
        """Return the places of all types (0) or sources (1)."""
        merged: dict[str, Place] = {}
        for pair, place in self._pairs.items():
            known = merged.get(pair[part])
            if known is None:
                known = merged[pair[part]] = Place(place.first, place.last, [0] * BINS)
            known.first, known.last = min(known.first, place.first), max(known.last, place.last)
            known.busy = [a + b for a, b in zip(known.busy, place.busy, strict=True)]
        return merged

    def _note_decision(self, event: Event) -> None:
        if rule := rule_of(event):
            self._count(self.decided["rule"], rule, event.position)
        if event.stream == CIRCUITS:
            for capability in event.data:
                self._count(self.decided["circuit"], capability, event.position)

    def _count(self, known: dict[Name, Place], name: Name, position: int) -> None:
        place = known.get(name)
        if place is None:
            if len(known) >= _MOST:
                return
            place = known[name] = Place(position, position, [0] * BINS)
        place.last = position
        place.busy[self._bin] += 1
