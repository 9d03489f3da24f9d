"""The metrics of a log, and where in it each name occurs, in one pass."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from laban.replay.choreography.decisions import CIRCUITS, is_decision
from laban.replay.choreography.engine import unreadable
from laban.replay.lives import rule_of
from laban.replay.stats import Stats, measure
from laban.store.event import Event
from laban.store.log import EventLog

from .jobs import Job

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
    busy: list[int] = field(default_factory=lambda: [0] * BINS)
    places: dict[str, dict[str, Place]] = field(
        default_factory=lambda: {kind: {} for kind in ("type", "source", "rule", "circuit")}
    )
    longest: int | None = None  # position of the first event of the longest correlation


def measured(log: EventLog, span: str, job: Job) -> Measured:
    """Return the metrics of *log*, counted over *span*: its first and last time, in ns."""
    watched = _Watched(log, *map(int, span.split()))
    stats = measure(watched, progress=job.progress, cancelled=job.cancelled)  # type: ignore[arg-type]
    of = watched.measured
    of.stats, of.head = stats, stats.events
    if stats.correlations.longest is not None:
        of.longest = next((e.position for e in log.correlated(stats.correlations.longest)), None)
    return of


class _Watched:
    """A log that notes the places of the events that are read from it."""

    def __init__(self, log: EventLog, start_ns: int, end_ns: int) -> None:
        self.measured = Measured(Stats(), 0)
        self._log, self._start, self._length = log, start_ns, max(end_ns - start_ns, 1)
        self._bin = 0

    def head(self) -> int:
        return self._log.head()

    def read(self, start: int, stop: int) -> Iterator[Event]:
        for event in self._log.read(start, stop):
            self._note(event)
            yield event

    def _note(self, event: Event) -> None:
        if event.time_ns is not None:  # else it came with the one before
            number = (event.time_ns - self._start) * BINS // self._length
            self._bin = max(0, min(number, BINS - 1))
        self.measured.busy[self._bin] += 1
        self._count("type", event.type, event.position)
        self._count("source", event.source, event.position)
        if is_decision(event) and unreadable(event) is None:
            if rule := rule_of(event):
                self._count("rule", rule, event.position)
            if event.stream == CIRCUITS:
                for capability in event.data:
                    self._count("circuit", capability, event.position)

    def _count(self, kind: str, name: str, position: int) -> None:
        known = self.measured.places[kind]
        place = known.get(name)
        if place is None:
            if len(known) >= _MOST:
                return
            place = known[name] = Place(position, position, [0] * BINS)
        place.last = position
        place.busy[self._bin] += 1
