"""How busy a log was over time, for a strip of some columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from .builder import TICK
from .tally import Tally

if TYPE_CHECKING:
    from .timeline import Timeline

FOLD = 5  # columns that a folded idle gap takes
WORTH = 2 * FOLD  # columns that it would take else, from which on it is folded
IDLE = 20  # times as long as what passes between two events elsewhere
FEW = 3  # times as many times as gaps: else no gap is out of the ordinary
MOST_FOLDS = 0.4  # of the columns are folds, at most
ENGINE = "laban"  # the source of decisions, as in explain.origin
UNEVEN = 0.5  # of all events in one column: then columns hold equally many


class Bucket(Struct, frozen=True):
    """A stretch of time and the neighbouring events of it; perhaps none: last < first."""

    first: int  # position
    last: int  # position
    start_ns: int | None  # where it begins on the log's clock: its highest time so far
    end_ns: int | None
    rate: float | None = None  # events a nanosecond, or in proportion to that; None: not known
    errors: int = 0  # events whose type names a failure
    decisions: int = 0  # events that the engine made
    columns: int = 1  # that it takes; more for an idle gap, which is folded

    @property
    def is_idle(self) -> bool:
        """Whether it stands for a folded gap."""
        return self.columns > 1


def density(
    timeline: Timeline, columns: int, first: int = 1, last: int | None = None
) -> list[Bucket]:
    """
    Return buckets for the events from *first* to *last*, oldest first, of *columns* in all.

    Each takes an equal part of the time, but for idle gaps, which are folded. Where that would
    put most of the events into one column, or no clock tells, each holds equally many instead.
    Costs some index look-ups a column, whatever the length of the log.
    """
    last = min(timeline.head if last is None else last, timeline.head)
    if last < first or columns < 1:
        return []
    clock = _Clock(timeline, first, last)
    gaps = list(_gaps(clock, columns)) if clock.span else []
    parts = list(_parts(clock, gaps))
    room = columns - FOLD * len(gaps)
    edges = _edges(clock, parts, _shares([part.span for part in parts], room), by_time=True)
    most = max(after - before for part in edges for before, after in pairwise(part))
    by_time = clock.span > 0 and (most <= 2 or most <= (last - first + 1) * UNEVEN)
    if not by_time:
        shares = _shares([part.stop - part.first for part in parts], min(room, last - first + 1))
        edges = _edges(clock, parts, shares, by_time=False)
    return list(_buckets(timeline, clock, parts, edges, by_time=by_time))


class _Part(Struct, frozen=True):
    """Neighbouring events between two idle gaps."""

    first: int  # position
    stop: int  # the position after its last
    start_ns: int
    end_ns: int

    @property
    def span(self) -> int:
        return self.end_ns - self.start_ns


class _Clock:
    """The log's clock at positions of a range: it never goes back."""

    def __init__(self, timeline: Timeline, first: int, last: int) -> None:
        self.first, self.last = first, last
        self._timeline = timeline
        self._known: dict[int, int | None] = {}
        self._each: list[int | None] = []
        if last - first < 64 * TICK:  # the ticks are too coarse
            self._each = self._read(timeline, first, last)
        self.instants = len(set(self._each)) or last - first + 1  # times, as far as is known
        self.is_known = self._at(last) is not None
        self.start = next((t for t in self._each if t is not None), self._at(first)) or 0
        self.span = self.at(last) - self.at(first)

    def at(self, position: int) -> int:
        """Return the time at *position*; where none is known yet, the first one that is."""
        time = self._at(position)
        return self.start if time is None else time

    def first_at(self, time_ns: int, low: int, high: int) -> int:
        """Return the first position from *low* on that is at *time_ns* or later, else *high*."""
        while low < high:
            middle = (low + high) // 2
            if self.at(middle) >= time_ns:
                high = middle
            else:
                low = middle + 1
        return low

    def _at(self, position: int) -> int | None:
        if self._each:
            return self._each[position - self.first]
        tick = (position - 1) // TICK  # between two ticks nothing more is known
        if tick not in self._known:
            self._known[tick] = self._timeline.clock_at(tick * TICK + 1)
        return self._known[tick]

    def _read(self, timeline: Timeline, first: int, last: int) -> list[int | None]:
        clocks: list[int | None] = []
        before = timeline.clock_at(first - 1) if first > 1 else None
        for event in timeline.log.read(first, last):
            before = max((t for t in (before, event.time_ns) if t is not None), default=None)
            clocks.append(before)
        return clocks


def _gaps(clock: _Clock, columns: int) -> Iterator[tuple[int, int]]:
    """
    Return neighbouring positions between which so little happened that the gap is folded.

    The longest first are folded, as long as that saves columns: what is left is shorter then,
    and gaps in it weigh more.
    """
    left, most = clock.span, int(columns * MOST_FOLDS) // FOLD
    folded: set[tuple[int, int]] = set()
    while most > len(folded):
        worth = left * WORTH // max(columns - FOLD * len(folded), 1)
        found = sorted(_longer(clock, max(worth, 1)), key=lambda gap: -_length(clock, gap))
        new = [gap for gap in found if gap not in folded]
        usual = (left - sum(_length(clock, gap) for gap in new)) / clock.instants
        new = [gap for gap in new if _length(clock, gap) > IDLE * usual][: most - len(folded)]
        if not new or len(new) * FEW > clock.instants:
            break
        folded.update(new)
        left -= sum(_length(clock, gap) for gap in new)
    return iter(sorted(folded))


def _length(clock: _Clock, gap: tuple[int, int]) -> int:
    return clock.at(gap[1]) - clock.at(gap[0])


def _longer(clock: _Clock, span: int) -> Iterator[tuple[int, int]]:
    """Yield the gaps that are longer than *span*: halves that are not cannot hold one."""
    waiting = [(clock.first, clock.last)]
    while waiting:
        low, high = waiting.pop()
        if clock.at(high) - clock.at(low) <= span:
            continue
        if high - low == 1:
            yield low, high
        else:
            middle = (low + high) // 2
            waiting += [(low, middle), (middle, high)]


def _parts(clock: _Clock, gaps: Sequence[tuple[int, int]]) -> Iterator[_Part]:
    """Yield what lies between *gaps*."""
    first = clock.first
    for before, after in (*gaps, (clock.last, clock.last + 1)):
        yield _Part(first, before + 1, clock.at(first), clock.at(before))
        first = after


def _shares(weights: Sequence[int], room: int) -> list[int]:
    """Share *room* columns by *weights*, at least one each, the largest remainders first."""
    spare, total = room - len(weights), sum(weights) or 1
    exact = [spare * weight / total for weight in weights]
    shares = [1 + math.floor(each) for each in exact]
    remainders = sorted(range(len(weights)), key=lambda n: math.floor(exact[n]) - exact[n])
    for number in remainders[: room - sum(shares)]:
        shares[number] += 1
    return shares


def _edges(
    clock: _Clock, parts: Sequence[_Part], shares: Sequence[int], *, by_time: bool
) -> list[list[int]]:
    """Return for each part the positions where its columns begin, and where the last one ends."""
    edges = []
    for part, share in zip(parts, shares, strict=True):
        inner = [part.first]
        for column in range(1, share):
            if by_time:
                time = part.start_ns + part.span * column // share
                inner.append(clock.first_at(time, inner[-1], part.stop))
            else:
                inner.append(part.first + (part.stop - part.first) * column // share)
        edges.append([*inner, part.stop])
    return edges


def _buckets(
    timeline: Timeline,
    clock: _Clock,
    parts: Sequence[_Part],
    edges: Sequence[Sequence[int]],
    *,
    by_time: bool,
) -> Iterator[Bucket]:
    before: _Part | None = None
    tally = Tally(timeline.index)
    decided = tally.until(ENGINE, clock.first - 1)
    for part, inner in zip(parts, edges, strict=True):
        if before is not None:
            yield Bucket(part.first, part.first - 1, before.end_ns, part.start_ns, columns=FOLD)
        before, share = part, len(inner) - 1
        for column, (first, stop) in enumerate(pairwise(inner)):
            if by_time:
                start, end = (part.start_ns + part.span * n // share for n in (column, column + 1))
                rate: float | None = float(stop - first)  # columns are of one width
            else:
                start, end = clock.at(first), clock.at(min(stop, part.stop - 1))
                rate = (stop - first) / (end - start) if end > start else None
            errors = timeline.errors_between(first, stop - 1) if stop > first else 0
            decisions, decided = decided, tally.until(ENGINE, stop - 1)
            yield Bucket(
                first,
                stop - 1,
                start if clock.is_known else None,
                end if clock.is_known else None,
                rate,
                errors,
                decided - decisions,
            )
