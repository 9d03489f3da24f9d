"""Timers: what falls due when nothing else happens. The runtime records them as they fire."""

from __future__ import annotations

import heapq

from msgspec import Struct

LATEST_NS = 2**63 - 1  # no event can say a later time
SLACK = 1000  # timers in the heap that may be over


class Timer(Struct, frozen=True, order=True):
    """Something that is due at a time, and what it is for."""

    due_ns: int
    number: int  # of this setting: 1, 2, 3, … of all timers of the engine
    kind: str
    subject: str
    correlation: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


class Timers:
    """The timers that are set, by kind and subject; setting one again moves it."""

    def __init__(self) -> None:
        self._set: dict[str, Timer] = {}
        self._count = 0
        self._heap: list[Timer] = []  # may hold timers that were moved or cancelled

    def set(self, due_ns: int, kind: str, subject: str, correlation: str) -> None:
        self._count += 1
        due_ns = min(due_ns, LATEST_NS)
        timer = Timer(due_ns, self._count, kind, subject, correlation)
        self._set[timer.key] = timer
        heapq.heappush(self._heap, timer)
        if len(self._heap) > 2 * len(self._set) + SLACK:
            self._heap = sorted(self._set.values())

    def cancel(self, kind: str, subject: str) -> None:
        self._set.pop(f"{kind}:{subject}", None)

    def next(self) -> Timer | None:
        """Return the timer that is due first, None when none is set."""
        while self._heap and self._set.get(self._heap[0].key) != self._heap[0]:
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def due(self, now_ns: int) -> list[Timer]:
        """Return the timers that are due by *now_ns*, the first one first."""
        first = self.next()
        if first is None or first.due_ns > now_ns:
            return []
        return sorted(timer for timer in self._set.values() if timer.due_ns <= now_ns)

    def take(self, key: str, now_ns: int | None) -> Timer | None:
        """Return and remove the timer that fired; None when it was moved or cancelled since."""
        timer = self._set.get(key)
        if timer is None or now_ns is None or timer.due_ns > now_ns:
            return None
        return self._set.pop(key)
