"""What came of an event, a part at a time: some causes have a hundred thousand effects."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from laban.store.event import Event

from .timeline import Timeline


def count_effects(timeline: Timeline, event: Event) -> int:
    """Return how many events name *event* as their cause."""
    if _is_one_of_several(timeline, event):
        return len(timeline.effects(event.position))
    return timeline.log.count_caused_by(event.id)


def some_effects(timeline: Timeline, event: Event, after: int, limit: int) -> Sequence[Event]:
    """Return the events past position *after* that name *event* as cause, the first *limit*."""
    if _is_one_of_several(timeline, event):
        past = (e for e in timeline.effects(event.position) if e.position > after)
        return list(islice(past, limit))
    return timeline.log.caused_by(event.id, after=after, limit=limit)


def _is_one_of_several(timeline: Timeline, event: Event) -> bool:
    """Tell whether another source has an event of the same id: then the nearest one is meant."""
    return len(timeline.log.find(event.id)) > 1
