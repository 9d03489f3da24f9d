"""How busy a log was along its positions, for a strip of some columns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from .builder import TICK

if TYPE_CHECKING:
    from .timeline import Timeline


class Bucket(Struct, frozen=True):
    """Neighbouring events that share a column."""

    first: int  # position
    last: int  # position
    start_ns: int | None  # the log's clock at the first event: its highest time so far
    end_ns: int | None  # the log's clock where the next bucket begins, about
    errors: int  # events whose type names a failure


def density(timeline: Timeline, columns: int) -> list[Bucket]:
    """
    Return at most *columns* buckets of equally many events, oldest first.

    Costs O(columns) index look-ups, whatever the length of the log.
    """
    head = timeline.head
    columns = min(columns, head)
    edges = [1 + head * column // columns for column in range(columns + 1)] if columns else []
    clocks = _clocks(timeline, edges)
    return [
        Bucket(
            first,
            following - 1,
            clocks[column],
            clocks[column + 1],
            timeline.errors_between(first, following - 1),
        )
        for column, (first, following) in enumerate(pairwise(edges))
    ]


def _clocks(timeline: Timeline, edges: list[int]) -> list[int | None]:
    """Return the log's clock at each of *edges*; the ticks are too coarse for a short log."""
    if timeline.head > TICK * len(edges):
        return [timeline.clock_at(edge) for edge in edges]
    clocks: list[int | None] = []
    for event in timeline.log.read(1, timeline.head):
        before = clocks[-1] if clocks else None
        clocks.append(max((t for t in (before, event.time_ns) if t is not None), default=None))
    return [clocks[min(edge, len(clocks)) - 1] for edge in edges]
