"""A chain of causes as a story: the engine's own decisions say how one event led to the next."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from laban.replay.timeline import Timeline
from laban.store.event import Event

from .origin import Origin, is_decision, origin_of
from .reads import Read, reads_of


class Step(Struct, frozen=True):
    """An event, and how it came of the next one in the chain."""

    event: Event
    by: list[Origin]  # the decisions that led to it, the last one first
    reads: list[Read]  # what its source had read
    also: list[int] = []  # positions of its other causes: those that a join waited for


def story(timeline: Timeline, chain: Sequence[Event]) -> list[Step]:
    """Return a step for each event of *chain* but the decisions, which belong to the step before.

    A decision that *chain* begins with is a step of its own.
    """
    steps: list[Step] = []
    for event in chain:
        if steps and is_decision(event):
            steps[-1].by.append(origin_of(event))
        else:
            own = [origin_of(event)] if is_decision(event) else []
            steps.append(Step(event, own, reads_of(timeline, event), other_causes(timeline, event)))
    return steps


def other_causes(timeline: Timeline, event: Event) -> list[int]:
    """Return where the causes are that *event* names in `metadata.causes`, but for its first."""
    named = event.metadata.get("causes") if '"causes"' in event.metadata.text else None
    found: set[int] = set()
    for id in named if isinstance(named, list) else ():
        if isinstance(id, str) and id != event.causation_id:
            earlier = [e.position for e in timeline.log.find(id) if e.position < event.position]
            found.update(earlier[-1:])
    return sorted(found)
