"""What rests on what: the order in which events may leave a log."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from laban.store.event import Event
from laban.store.log import EventLog


class Past:
    """
    Events by position, and of each the earlier ones that it rests on: its parents.

    Those are the events that it names as its causes, in `causation_id` and `metadata.causes`,
    and the writes that its `metadata.reads` name. A set is *causally closed* when it holds the
    parents of all its events. Parents come earlier, so a claim that a log makes of its own
    future binds nothing, and there is no circle.
    """

    def __init__(self, events: Mapping[int, Event], parents: Mapping[int, Sequence[int]]) -> None:
        self.events, self._parents = events, parents
        self.positions = sorted(events)
        self._root: dict[int, int] = {}  # of the tree that an event stands in
        for position in self.positions:
            above = parents[position]
            self._root[position] = self._root[above[0]] if above else position

    @classmethod
    def whole(cls, log: EventLog) -> Past:
        """Read all events of *log*: about a kilobyte of memory each."""
        events, parents, places = dict[int, Event](), dict[int, Sequence[int]](), dict[str, int]()
        for event in log.read():
            events[event.position] = event
            parents[event.position] = rests_on(event, places.get)
            places[event.id] = event.position
        return cls(events, parents)

    @classmethod
    def of(cls, log: EventLog, positions: Iterable[int]) -> Past:
        """Read the events at *positions* and all that they rest on, and nothing else."""
        events, parents = dict[int, Event](), dict[int, Sequence[int]]()
        waiting = list(positions)
        while waiting:
            position = waiting.pop()
            if position in events:
                continue
            event = events[position] = log.get(position)
            parents[position] = rests_on(event, lambda id, p=position: _nearest(log, id, p))  # type: ignore[misc]
            waiting += parents[position]
        return cls(events, parents)

    def parents(self, position: int) -> Sequence[int]:
        """Return what the event at *position* rests on, its cause first."""
        return self._parents[position]

    def without(self, kept: Sequence[int], dropped: Collection[int]) -> list[int]:
        """Return the closed set *kept* without *dropped* and all that rests on these: closed."""
        gone, parents = set(dropped), self._parents
        first = bisect_left(kept, min(gone, default=0))
        left = list(kept[:first])
        for position in kept[first:]:
            if position in gone:
                continue
            for parent in parents[position]:
                if parent in gone:
                    gone.add(position)
                    break
            else:
                left.append(position)
        return left

    def closed(self, positions: Iterable[int]) -> list[int]:
        """Return *positions* with all that they rest on."""
        found, waiting = set[int](), list(positions)
        while waiting:
            position = waiting.pop()
            if position not in found:
                found.add(position)
                waiting += self._parents[position]
        return sorted(found)

    def by_tree(self, kept: Iterable[int]) -> list[int]:
        """Return *kept* with what goes back to one root side by side, what comes first first."""
        return sorted(kept, key=lambda position: (self._root[position], position))


def rests_on(event: Event, place_of: Callable[[str], int | None]) -> tuple[int, ...]:
    """Return the positions of the parents of *event*; *place_of* finds an earlier event's id."""
    found: dict[int, None] = {}
    for name in _named(event):
        place = place_of(name) if isinstance(name, str) else name
        if place is not None and 0 < place < event.position:
            found[place] = None
    return tuple(found)


def reads_of(event: Event) -> Mapping[str, object]:
    """Return what *event* says it has read: pointer -> position or id of the write."""
    if '"reads"' not in event.metadata.text:
        return {}
    reads = event.metadata.get("reads")
    return reads if isinstance(reads, dict) else {}


def _named(event: Event) -> Iterator[str | int]:
    if event.causation_id is not None:
        yield event.causation_id
    if '"causes"' in event.metadata.text:
        causes = event.metadata.get("causes")
        yield from (id for id in causes if isinstance(id, str)) if isinstance(causes, list) else ()
    for version in reads_of(event).values():
        if isinstance(version, (str, int)) and not isinstance(version, bool):
            yield version


def _nearest(log: EventLog, id: str, before: int) -> int | None:
    found = [event.position for event in log.find(id) if event.position < before]
    return found[-1] if found else None
