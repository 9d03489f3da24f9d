"""One of the two logs that are compared."""

from __future__ import annotations

from typing import Any

from laban.replay.timeline import Timeline
from laban.store.event import Event

from .chains import Chains
from .content import Reader
from .hashing import earlier_number
from .mask import Mask


class Side:
    """A timeline with its chains: events by their numbers, and what they had read."""

    def __init__(self, timeline: Timeline, chains: Chains, mask: Mask) -> None:
        self.timeline, self.chains = timeline, chains
        self.reader = Reader(mask, chains, self._number)

    def event(self, number: int) -> Event | None:
        """Return an event, None for number 0."""
        return self.timeline.log.get(self.chains.position(number)) if number else None

    def position(self, number: int) -> int:
        """Return the position of an event, 0 for number 0."""
        return self.chains.position(number) if number else 0

    def cause(self, number: int) -> Event | None:
        """Return the first cause that an event names and that is known."""
        return self.event(self.chains.row(number).cause) if number else None

    def state(self, event: Event | None) -> dict[str, Any] | None:
        """Return the state of an event's stream after it."""
        if event is None:
            return None
        return self.timeline.stream_at(event.stream, event.position)

    def knows(self, id: str) -> bool:
        """Tell whether an event has this id."""
        return bool(self.timeline.log.find(id))

    def reads(self, number: int) -> list[int]:
        """Return the numbers of the writes that an event says it had read."""
        event = self.event(number)
        if event is None or '"reads"' not in event.metadata.text:
            return []
        versions = event.metadata.parsed.get("reads")
        named = versions.values() if isinstance(versions, dict) else ()
        return [number for version in named if (number := self._version(version, event))]

    def _version(self, version: object, event: Event) -> int:
        """Return the number of a write, given its position or the id of its event; 0: unknown."""
        if isinstance(version, int) and not isinstance(version, bool):
            return self.chains.number(version) if 0 < version < event.position else 0
        return self._number(version, event) if isinstance(version, str) else 0

    def _number(self, id: str, event: Event) -> int:
        return earlier_number(self.timeline.log, self.chains, id, event)
