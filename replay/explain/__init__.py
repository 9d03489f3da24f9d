"""Why a value is what it is: its last write, and the chain of causes behind it."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from msgspec import Struct

from laban.replay.pointer import UnknownPointerError
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .origin import reducer_of, setter_of
from .story import Step, story

__all__ = ["CUT", "INCOMPLETE", "INFERRED", "MISORDERED", "RECORDED", "Why", "causes", "why"]

RECORDED = "recorded"  # every cause was named by the system itself
INFERRED = "inferred"  # an importer worked out at least one of the causes
MISORDERED = "misordered"  # a cause stands later in the log than what it led to
INCOMPLETE = "incomplete"  # a cause is named that the log does not hold
CUT = "cut"  # there are more causes than were asked for


class Why(Struct, frozen=True, kw_only=True):
    """The last write of a path, and what led to it as far as the log knows."""

    pointer: str
    value: Any  # JSON; MISSING when the last write removed it
    position: int  # of the last write
    event: Event  # the one that wrote it
    chain: list[Event]  # the event, its cause, the cause of that, …; the root last
    guarantee: str
    steps: list[Step]  # the chain as a story: who, asked by which rule, having read what
    reducer: str  # what made the value of the event


def why(timeline: Timeline, pointer: str, at: int) -> Why:
    """
    Explain the value of *pointer* at position *at*.

    Raises UnknownPointerError when nothing wrote the path up to there.
    """
    write = timeline.last_write(pointer, at)
    if write is None:
        timeline.value(pointer, at)  # says what is there instead
        raise UnknownPointerError(f"{pointer or 'The whole state'} has no write of its own.")
    chain, guarantee = causes(timeline, write.position)
    return Why(
        pointer=pointer,
        value=write.value,
        position=write.position,
        event=chain[0],
        chain=chain,
        guarantee=guarantee,
        steps=story(timeline, chain),
        reducer=reducer_of(timeline, chain[0]),
    )


def causes(
    timeline: Timeline, position: int, known: Container[int] = (), longest: int | None = None
) -> tuple[list[Event], str]:
    """
    Return the event at *position*, its cause, and so on to the root, and the guarantee.

    The chain ends early with the first cause whose position is *known*, and when it has
    *longest* events.
    """
    chain = [timeline.log.get(position)]
    seen = {position}
    guarantee = RECORDED
    while True:
        inferred = chain[-1].metadata.get("causation_kind") == "inferred"
        if inferred and chain[-1].causation_id and guarantee == RECORDED:
            guarantee = INFERRED
        cause = cause_of(timeline, chain[-1])
        if cause is None:
            return chain, INCOMPLETE if chain[-1].causation_id else guarantee
        if cause.position in seen:  # a log may claim a circle
            return chain, INCOMPLETE
        if len(chain) == longest:
            return chain, CUT
        if cause.position > chain[-1].position:
            guarantee = MISORDERED
        seen.add(cause.position)
        chain.append(cause)
        if cause.position in known:
            return chain, guarantee


def cause_of(timeline: Timeline, event: Event) -> Event | None:
    """Return the cause of *event*; of a timer that fired, the decision that it was set by."""
    return setter_of(timeline, event) or timeline.cause(event.position)
