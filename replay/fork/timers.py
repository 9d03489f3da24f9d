"""Timers of the original, watched; and timers of a fork, that go off when those did."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable

from laban.replay.choreography.timers import Timer, Timers

NEVER = 2**62  # a position past every log

Fate = Callable[[Timer], int]  # the position where a timer of the original ended; 0: unknown


class WatchedTimers(Timers):
    """Remembers, of every timer that was set, at which position it fired or was called off."""

    def __init__(self) -> None:
        super().__init__()
        self.position = 0  # of the event that the engine takes in
        self.fates: dict[tuple[str, int], int] = {}  # by key and due
        self.fired: set[int] = set()  # positions where one did

    def set(self, due_ns: int, kind: str, subject: str, correlation: str) -> None:
        self._end(f"{kind}:{subject}")
        super().set(due_ns, kind, subject, correlation)
        timer = self._set[f"{kind}:{subject}"]
        self.fates[timer.key, timer.due_ns] = NEVER

    def cancel(self, kind: str, subject: str) -> None:
        self._end(f"{kind}:{subject}")
        super().cancel(kind, subject)

    def take(self, key: str, now_ns: int | None) -> Timer | None:
        timer = super().take(key, now_ns)
        if timer is not None:
            self.fates[key, timer.due_ns] = self.position
            self.fired.add(self.position)
        return timer

    def _end(self, key: str) -> None:
        if (timer := self._set.get(key)) is not None:
            self.fates[key, timer.due_ns] = self.position


class HeldTimers(Timers):
    """
    Leaves a timer that the original knew too until the original's has ended.

    So it fires where that was recorded, however late; or is called off by what called that off.
    """

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate
        self._held: list[tuple[int, Timer]] = []  # a heap: held up to a position
        self._position = 0

    def advance(self, position: int) -> None:
        """Let go what the original has ended before *position*, which is next."""
        self._position = position
        while self._held and self._held[0][0] < position:
            heapq.heappush(self._heap, heapq.heappop(self._held)[1])

    def next(self) -> Timer | None:
        while (timer := super().next()) is not None:
            fate = self._fate(timer)
            if fate < self._position:
                break
            heapq.heappop(self._heap)
            heapq.heappush(self._held, (fate, timer))
        return timer

    def due_of(self, key: str) -> int | None:
        """Return when a timer is due, None when it is not set."""
        timer = self._set.get(key)
        return None if timer is None else timer.due_ns


class FiredIds:
    """The ids under which the original recorded that timers fired: the same ones are given out."""

    def __init__(self) -> None:
        self._recorded: dict[str, list[str]] = defaultdict(list)  # by key, in order
        self._given: set[str] = set()

    def recorded(self, key: str, id: str) -> None:
        self._recorded[key].append(id)

    def is_given(self, id: str) -> bool:
        return id in self._given

    def give(self, id: str) -> None:
        """Take in that *id* is used."""
        self._given.add(id)

    def next(self, key: str, otherwise: str) -> str:
        """Return an id for a firing: the first recorded one that is left, else a fresh one."""
        known = self._recorded.get(key, [])
        for id in known:
            if id not in self._given:
                break
        else:
            id = otherwise
            while id in self._given or id in known:
                id += "~"
        self._given.add(id)
        return id
