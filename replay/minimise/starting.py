"""Where to begin: the events that could have led to the failure, and more if these do not do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from laban.replay.bisect import first_edge
from laban.replay.builder import Progress
from laban.replay.expression import Expression
from laban.replay.index import position_of
from laban.replay.scope import STATE_NAMES, Reads, Scope
from laban.replay.timeline import Timeline
from laban.store.log import EventLog

from .past import Past


def focus_of(
    timeline: Timeline, expression: Expression, progress: Progress | None = None
) -> set[int] | None:
    """
    Return the positions of the events that *expression* rests on where it is first true.

    That is the event itself where it reads it, and the last writes of all that it reads of the
    state: found by index. None when it is never true.
    """
    position = first_edge(timeline, expression, progress=progress).position
    if position is None:
        return None
    scope = Scope(timeline, position)
    expression.holds(scope)
    found = _writers(timeline, scope.reads, position)
    found |= _writers(timeline, scope.before_reads, max(position - 1, 0))
    if position and not expression.names <= STATE_NAMES:
        found.add(position)
    return found


def starts(log: EventLog, focus: Iterable[int]) -> Iterator[tuple[Past, list[int]]]:
    """
    Yield closed sets that may show the failure, each larger than the one before, all at last.

    First what the events at *focus* rest on, which is all that is read for it; then the whole
    of the streams that these write, then all up to the last of *focus*.
    """
    focus = set(focus)
    if focus:
        slice = Past.of(log, focus)
        yield slice, slice.positions
    past = Past.whole(log)
    if focus:
        streams = {event.stream for event in slice.events.values()}
        last = max(focus)
        up_to = past.positions[:last]
        yield past, past.closed(p for p in up_to if past.events[p].stream in streams)
        yield past, up_to
    yield past, past.positions


def _writers(timeline: Timeline, reads: Reads, up_to: int) -> set[int]:
    """Return the positions of the last writes of what was read, as far as it says what."""
    found = {timeline.last_write_of(*field, up_to) for field in reads.fields}
    for stream in reads.streams:
        known = timeline.index.stream(stream)
        rows = timeline.index.fields_of(known[0], up_to) if known else ()
        found |= {position_of(id) for _, id, _ in rows}
    for stream in reads.existence:
        start = timeline.start_of(stream)
        found.add(start if start is not None and start <= up_to else None)
    return {position for position in found if position is not None}
