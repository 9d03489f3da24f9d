"""
Running forwards and backwards to the nearest breakpoint.

Types, sources, streams, correlations, addresses and writes are answered from the index: a run
takes as long for a million events as for a thousand. Expressions over the state are evaluated
only where what they read was written; others at every event, but no farther than to where
another breakpoint stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from laban.replay.builder import Progress
from laban.replay.timeline import Timeline

from .finders import Finder, Writes, finder
from .text import BadBreakpointError, Breakpoint, Kind, parse_breakpoint

__all__ = [
    "BadBreakpointError",
    "Breakpoint",
    "Kind",
    "Stop",
    "Writes",
    "parse_breakpoint",
    "run",
]


class Stop(Struct, frozen=True):
    """Where a run stopped, if it did."""

    position: int | None
    by: list[int]  # indexes of the breakpoints that stopped it
    breakpoints: list[Breakpoint | None]  # as they are after it; None: it was for once


class _Armed:
    """A breakpoint during a run: where it is met next, and how far was looked."""

    def __init__(self, breakpoint: Breakpoint, found: Finder, start: int, way: int) -> None:
        self.breakpoint, self._finder = breakpoint, found
        self._looked, self._way = start, way  # nothing more up to here; 1 forward, -1 backward
        self.next: int | None = None

    def look(self, limit: int) -> int | None:
        """Return where it is met next, up to *limit*."""
        if self.next is None and (limit - self._looked) * self._way > 0:
            self.next = self._finder.find(self._looked, limit)
            self._looked = limit if self.next is None else self.next
        return self.next

    def meet(self) -> bool:
        """Take in that it was met; tell whether it stops the run."""
        self.next = None
        met = replace(self.breakpoint, hits=self.breakpoint.hits + 1)
        stops = not met.ignore
        self.breakpoint = met if stops else replace(met, ignore=met.ignore - 1)
        return stops


def run(
    timeline: Timeline,
    breakpoints: Sequence[Breakpoint],
    start: int,
    *,
    backward: bool = False,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> Stop:
    """
    Return where a run from position *start* stops first.

    What was met on the way and passed over is counted, also when it stops nowhere. Raises
    CancelledError, and BadAddressError for an address that this log does not have.
    """
    end, way = (0, -1) if backward else (timeline.head, 1)

    def advance(position: int) -> None:
        if progress is not None:
            progress(abs(position - start), timeline.head)

    armed = {
        index: _Armed(
            each, finder(timeline, each, cancelled or (lambda: False), advance), start, way
        )
        for index, each in enumerate(breakpoints)
        if each.enabled
    }
    while (position := _nearest(list(armed.values()), end, way)) is not None:
        met = [index for index, each in armed.items() if each.next == position]
        if by := [index for index in met if armed[index].meet()]:
            return _stop(position, by, breakpoints, armed)
    return _stop(None, [], breakpoints, armed)


def _nearest(armed: list[_Armed], end: int, way: int) -> int | None:
    """Return the nearest position where any is met: those that take long look no farther."""
    limit, found = end, list[int]()
    for each in sorted(armed, key=lambda one: one.breakpoint.kind == "when"):
        if (position := each.look(limit)) is not None:
            found.append(position)
            limit = min(found) if way > 0 else max(found)
    return limit if found else None


def _stop(
    position: int | None, by: list[int], breakpoints: Sequence[Breakpoint], armed: dict[int, _Armed]
) -> Stop:
    now: list[Breakpoint | None] = [
        armed[index].breakpoint if index in armed else each
        for index, each in enumerate(breakpoints)
    ]
    for index in by:
        if breakpoints[index].once:
            now[index] = None
    return Stop(position, by, now)
