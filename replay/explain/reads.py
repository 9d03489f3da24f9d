"""What an event's source had read, and whether it was still so when it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from laban.replay.pointer import MISSING, BadPointerError, parse_pointer
from laban.replay.timeline import Timeline, same
from laban.store.event import Event

Verdict = Literal["current", "stale", "future", "unknown"]


class Newer(Struct, frozen=True):
    """A write that a reader did not see."""

    position: int
    value: Any  # JSON; MISSING when it removed the path
    source: str
    type: str


class Read(Struct, frozen=True):
    """A value that an event's source says it had seen."""

    pointer: str
    version: Any  # as recorded: a position, or an event's id
    position: int | None  # as of which it was read; None: the log has no such event
    value: Any  # JSON; MISSING where there was none
    written: int | None  # the position of the write that made it so
    newer: Newer | None  # the newest write by somebody else before the event
    verdict: Verdict


def reads_of(timeline: Timeline, event: Event) -> list[Read]:
    """
    Return what *event* says that its source had read, in `metadata.reads`.

    A read is stale when somebody else wrote the path after the version that was seen and
    before *event*. What the same source wrote in the same reaction counts as seen.
    """
    if '"reads"' not in event.metadata.text:
        return []
    reads = event.metadata.get("reads")
    if not isinstance(reads, dict):
        return []
    return [_read(timeline, event, pointer, version) for pointer, version in reads.items()]


def _read(timeline: Timeline, event: Event, pointer: str, version: Any) -> Read:
    tokens, position = _tokens(pointer), _position(timeline, event, version)
    if position is None or not tokens:
        return Read(pointer, version, position, MISSING, None, None, "unknown")
    field = tokens[1] if len(tokens) > 1 else None
    value = timeline.peek(tokens, position)
    written = timeline.last_write_of(tokens[0], field, position)
    if position >= event.position:
        return Read(pointer, version, position, value, written, None, "future")
    newer = _newer(timeline, event, tokens, position, value)
    verdict: Verdict = "current" if newer is None else "stale"
    return Read(pointer, version, position, value, written, newer, verdict)


def _newer(
    timeline: Timeline, event: Event, tokens: Sequence[str], position: int, value: Any
) -> Newer | None:
    """Return the newest write of the path past *position*, by another than who made *event*."""
    field, before = tokens[1] if len(tokens) > 1 else None, event.position
    while (at := timeline.last_write_of(tokens[0], field, before - 1) or 0) > position:
        writer = timeline.log.get(at)
        if _unit(writer) != _unit(event):
            now = timeline.peek(tokens, at)
            if len(tokens) > 2 and same(now, value):  # the field was written, this part was not
                return None
            return Newer(at, now, writer.source, writer.type)
        before = at
    return None


def _unit(event: Event) -> tuple[str, str]:
    """Return who made *event*, in reaction to what: such a unit sees its own writes."""
    return event.source, event.causation_id or event.id


def _tokens(pointer: str) -> tuple[str, ...]:
    try:
        return parse_pointer(pointer)
    except BadPointerError:
        return ()


def _position(timeline: Timeline, event: Event, version: Any) -> int | None:
    """Return the position that a recorded version means, None when the log has none such."""
    if isinstance(version, int) and not isinstance(version, bool):
        return version if 0 <= version <= timeline.head else None
    if not isinstance(version, str):
        return None
    found = [other.position for other in timeline.log.find(version)]
    before = [position for position in found if position < event.position]
    return before[-1] if before else next(iter(found), None)
