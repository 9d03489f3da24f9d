"""A log in memory: the reference for every other log, and for tests and small tools."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from threading import Condition
from uuid import uuid4

from msgspec.structs import asdict

from .errors import ConflictError, UnknownPositionError
from .event import Event, NewEvent
from .finding import Finding
from .integrity import GENESIS, chain_hash
from .log import ANY
from .validation import check_batch, check_same


class MemoryLog:
    """An EventLog that is gone when the process ends."""

    def __init__(self) -> None:
        self.identity = uuid4().hex
        self._events: list[Event] = []
        self._streams: dict[str, list[Event]] = defaultdict(list)
        self._by_key: dict[tuple[str, str], Event] = {}
        self._findings: dict[Finding, None] = {}
        self._about: dict[str, str] = {}
        self._grown = Condition()

    def append(self, *events: NewEvent, expected: int | None = ANY) -> Sequence[int]:
        check_batch(events, expected)
        with self._grown:
            fresh = self._unrecorded(events)
            if fresh and expected is not None:
                actual = len(self._streams.get(fresh[0].stream, ()))
                if actual != expected:
                    raise ConflictError(fresh[0].stream, expected=expected, actual=actual)
            for event in fresh:
                chain_hash(GENESIS, 0, event, 0)  # raises for what cannot be recorded
            for event in fresh:
                self._record(event)
            self._grown.notify_all()
            return [self._by_key[event.source, event.id].position for event in events]

    def _unrecorded(self, events: Sequence[NewEvent]) -> list[NewEvent]:
        """Return those of *events* that are new, each once; the others must say the same."""
        fresh: dict[tuple[str, str], NewEvent] = {}
        for event in events:
            key = (event.source, event.id)
            if recorded := self._by_key.get(key):
                check_same(event, recorded, recorded.position)
            elif first := fresh.get(key):
                check_same(event, first, len(self._events) + list(fresh).index(key) + 1)
            else:
                fresh[key] = event
        return list(fresh.values())

    def _record(self, event: NewEvent) -> None:
        before = self._events[-1].hash if self._events else GENESIS
        position, now = len(self._events) + 1, time.time_ns()
        stream = self._streams[event.stream]
        recorded = Event(
            **asdict(event),
            position=position,
            stream_position=len(stream),
            recorded_at_ns=now,
            hash=chain_hash(before, position, event, now),
        )
        self._events.append(recorded)
        stream.append(recorded)
        self._by_key[event.source, event.id] = recorded

    def head(self) -> int:
        return len(self._events)

    def get(self, position: int) -> Event:
        if not 1 <= position <= len(self._events):
            raise UnknownPositionError(position, len(self._events))
        return self._events[position - 1]

    def read(self, start: int = 1, stop: int | None = None) -> Iterator[Event]:
        yield from self._events[max(start, 1) - 1 : stop]

    def read_stream(self, stream: str, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        yield from self._streams.get(stream, [])[start : None if stop is None else stop + 1]

    def length(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def find(self, id: str) -> Sequence[Event]:
        return [event for event in self._events if event.id == id]

    def caused_by(self, id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        named = (event for event in self._events[after:] if event.causation_id == id)
        return list(islice(named, limit))

    def count_caused_by(self, id: str) -> int:
        return sum(event.causation_id == id for event in self._events)

    def correlated(
        self, correlation_id: str | None, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        if correlation_id is None:
            return []
        of_it = (e for e in self._events[after:] if e.correlation_id == correlation_id)
        return list(islice(of_it, limit))

    def subscribe(self, after: int = 0, *, timeout: float | None = None) -> Iterator[Event]:
        while self._wait_past(after, timeout):
            for event in self.read(after + 1):
                yield event
                after = event.position

    def _wait_past(self, position: int, timeout: float | None) -> bool:
        with self._grown:
            return self._grown.wait_for(lambda: len(self._events) > position, timeout)

    def note(self, *findings: Finding) -> None:
        self._findings.update(dict.fromkeys(findings))

    def findings(self) -> Sequence[Finding]:
        return list(self._findings)

    def about(self) -> Mapping[str, str]:
        return {"identity": self.identity, **self._about}

    def describe(self, name: str, text: str) -> None:
        self._about[name] = text

    def close(self) -> None:
        """Nothing to give back."""
