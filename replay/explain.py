"""Why a value is what it is: its last write, and the chain of causes behind it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from laban.store.event import Event

from .pointer import UnknownPointerError
from .timeline import Timeline

RECORDED = "recorded"  # every cause was named by the system itself
INFERRED = "inferred"  # an importer worked out at least one of the causes
INCOMPLETE = "incomplete"  # a cause is named that the log does not hold


class Why(Struct, frozen=True):
    """The last write of a path, and what led to it as far as the log knows."""

    pointer: str
    value: Any  # JSON; MISSING when the last write removed it
    position: int  # of the last write
    event: Event  # the one that wrote it
    chain: list[Event]  # the event, its cause, the cause of that, …; the root last
    guarantee: str


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
    return Why(pointer, write.value, write.position, chain[0], chain, guarantee)


def causes(timeline: Timeline, position: int) -> tuple[list[Event], str]:
    """Return the event at *position*, its cause, and so on to the root, and the guarantee."""
    chain = [timeline.log.get(position)]
    seen = {position}
    guarantee = RECORDED
    while True:
        if chain[-1].metadata.get("causation_kind") == "inferred" and chain[-1].causation_id:
            guarantee = INFERRED
        cause = timeline.cause(chain[-1].position)
        if cause is None:
            return chain, INCOMPLETE if chain[-1].causation_id else guarantee
        if cause.position in seen:  # a log may claim a circle
            return chain, INCOMPLETE
        seen.add(cause.position)
        chain.append(cause)
