"""Decisions between the moment they are made and the moment they are recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from laban.store.event import NewEvent

Queue = dict[str, None]  # ids, in the order they were made


class Unrecorded:
    """
    Keeps the order that replay expects: of one correlation, and on one cause.

    What was made at another moment, or concerns others, may be recorded in between.
    """

    def __init__(self) -> None:
        self._made: dict[str, NewEvent] = {}
        self._queues: dict[tuple[str, str | None], Queue] = defaultdict(dict)

    def add(self, decision: NewEvent) -> None:
        """Take in a decision that was just made."""
        self._made[decision.id] = decision
        for name in _queues(decision):
            self._queues[name][decision.id] = None

    def take(self, id: str) -> NewEvent | None:
        """Return and let go a decision, None when there is none of this id."""
        decision = self._made.pop(id, None)
        if decision is not None:
            for name in _queues(decision):
                queue = self._queues[name]
                del queue[id]
                if not queue:
                    del self._queues[name]
        return decision

    def up_to(self, id: str) -> Iterator[NewEvent]:
        """Yield and let go a decision, after those that have to come before it."""
        while (decision := self._made.get(id)) is not None:
            firsts = (next(iter(self._queues[name])) for name in _queues(decision))
            before = next((first for first in firsts if first != id), None)
            if before is not None:
                yield from self.up_to(before)
            elif (taken := self.take(id)) is not None:
                yield taken

    def rest(self) -> Iterator[NewEvent]:
        """Yield and let go all decisions, in the order they were made."""
        while self._made:
            yield from self.up_to(next(iter(self._made)))


def _queues(decision: NewEvent) -> list[tuple[str, str | None]]:
    return [("correlation", decision.correlation_id), ("cause", decision.causation_id)]
