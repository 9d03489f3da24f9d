"""
The events of two runs side by side: which stands for which, found when they are looked at.

In each pair of lanes all events match in order but those that are known not to, so which one
is the partner of another is told by counting: nothing is kept of the events that are the same.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from msgspec import Struct

from laban.store.event import Event

from .answer import Difference
from .causal import Found
from .chains import Chains
from .differences import event_differences
from .roots import Parting
from .side import Side

How = Literal["same", "root", "changed", "after", "ignored"]

LONG = 10_000  # events from which a lane's are looked up in the log one by one
LANES_KEPT = 500  # lanes of which the members are kept


class Row(Struct, frozen=True):
    """An event of A and the one of B that stands for it, by their positions; 0: there is none."""

    a: int
    b: int
    how: How  # root; changed or missing downstream; the same, but after a root; ignored


class Aligned:
    """
    A row for each event of A, in order, and for each that only B has.

    Such a one stands after the event before it in its stream, else after its cause, else
    after the one before it in B.
    """

    def __init__(self, a: Side, b: Side, found: Found, ignored: Collection[str]) -> None:
        self.sides = (a, b)
        self._ignored = ignored
        self._tracks = _tracks(a.chains, b.chains, found.partings)
        self._equal = _equal_lanes(a.chains, b.chains, found.partings, ignored)
        self._other: tuple[dict[int, int], dict[int, int]] = ({}, {})  # where lanes do not tell
        self._roots = tuple({entry[side] for entry, _ in found.roots} - {0} for side in (0, 1))
        self._members = lru_cache(LANES_KEPT)(
            lambda side, lane: self.sides[side].chains.members(lane)
        )
        for x, y in chain.from_iterable(parting.changed for parting in found.partings):
            self._pair(x, y)
        for (x, y), _ in found.roots:
            self._part(x, y)
            self._pair(x, y)
        placed = self._placed(n for n, x in self._other[1].items() if not x)
        self._alone, self._after = [y for _, y in placed], [after for after, _ in placed]
        self._rows = [after + k for k, after in enumerate(self._after)]
        self._row_alone = dict(zip(self._alone, self._rows, strict=True))
        told = chain((entry for entry, _ in found.roots), found.changed)
        self.differing = sorted({self._row_of(*entry) for entry in told})

    def __len__(self) -> int:
        return len(self.sides[0].chains) + len(self._alone)

    def row(self, index: int) -> Row:
        """Return row *index*, from 0."""
        k = bisect_left(self._rows, index)
        if k < len(self._rows) and self._rows[k] == index:
            x, y = 0, self._alone[k]
        else:
            x = index - k + 1
            y = self._partner(0, x)
        a, b = self.sides
        return Row(a.position(x), b.position(y), self._how(x, y))

    def row_of(self, a: int, b: int = 0) -> int:
        """Return the row of a position of A; of B, when there is none of A."""
        ours, theirs = (side.chains for side in self.sides)
        return self._row_of(ours.number(a) if a else 0, theirs.number(b) if b else 0)

    def differences(self, a: Event, b: Event) -> list[Difference]:
        """Return the parts in which two events differ, as far as these count."""
        return event_differences(self.sides[0].reader, self.sides[1].reader, a, b)

    def _row_of(self, x: int, y: int) -> int:
        if not x and y in self._row_alone:
            return self._row_alone[y]
        x = x or self._partner(1, y)
        return max(x - 1 + bisect_left(self._after, x), 0)

    def _how(self, x: int, y: int) -> How:
        if x in self._roots[0] or y in self._roots[1]:
            return "root"
        side, number = (0, x) if x else (1, y)
        chains = self.sides[side].chains
        lane = chains.row(number).lane
        if chains.lanes[lane].stream in self._ignored:
            return "ignored"
        if number in self._other[side]:
            return "changed"
        track = self._tracks[side].get(lane)
        return "after" if track and chains.row(number).index >= track.start else "same"

    def _pair(self, x: int, y: int) -> None:
        if x:
            self._other[0][x] = y
        if y:
            self._other[1][y] = x

    def _part(self, x: int, y: int) -> None:
        """Let the events that stood for two others until now stand alone."""
        if x and (before := self._partner(0, x)) not in (0, y):
            self._other[1][before] = 0
        if y and (before := self._partner(1, y)) not in (0, x):
            self._other[0][before] = 0

    def _partner(self, side: int, number: int) -> int:
        """Return the number of the event that stands for another one, 0 when none does."""
        known = self._other[side].get(number)
        if known is not None:
            return known
        row = self.sides[side].chains.row(number)
        track = self._tracks[side].get(row.lane)
        if track is None:
            lane, index = self._equal[side][row.lane], row.index
            if lane < 0 or index >= self.sides[1 - side].chains.lanes[lane].count:
                return 0
            return self._member(1 - side, lane, index)
        found = track.other(side, row.index)
        return 0 if found is None else self._member(1 - side, track.lanes[1 - side], found)

    def _placed(self, alone: Iterable[int]) -> list[tuple[int, int]]:
        """Return after which event of A each that only B has stands, and that, in order."""
        after: dict[int, int] = {}
        for y in sorted(alone):
            after[y] = self._place(y, after)
        return sorted((x, y) for y, x in after.items())

    def _place(self, y: int, known: dict[int, int]) -> int:
        row = self.sides[1].chains.row(y)
        for before in (row.previous, row.cause, y - 1):
            after = known.get(before) or (self._partner(1, before) if before else 0)
            if after:
                return after
        return 0

    def _member(self, side: int, lane: int, index: int) -> int:
        """Return the number of an event, given its index in its lane."""
        chains = self.sides[side].chains
        if len(chains.lanes) == 1:
            return index + 1
        entry = chains.lanes[lane]
        if entry.count > LONG and chains.positions is None and entry.stream[:1] != "$":
            events = self.sides[side].timeline.log.read_stream(entry.stream, index, index)
            return next(iter(events)).position
        return self._members(side, lane)[index]


class _Track(NamedTuple):
    """Two lanes that stand for one another."""

    lanes: tuple[int, int]
    start: int  # index of the first difference
    gaps: tuple[list[int], list[int]]  # the indexes that match nothing
    full: tuple[list[int], list[int]]  # how many past *start* match something before each gap

    def other(self, side: int, index: int) -> int | None:
        """Return the index in the other lane of what matches, None when nothing does."""
        if index < self.start:
            return index
        gaps = self.gaps[side]
        k = bisect_left(gaps, index)
        if k < len(gaps) and gaps[k] == index:
            return None
        rank = index - self.start - k
        return self.start + rank + bisect_right(self.full[1 - side], rank)


_Tracks = tuple[dict[int, _Track], dict[int, _Track]]  # by the lane in A, and in B
_Lanes = tuple["array[int]", "array[int]"]  # which lane is which in the other log; -1: none


def _tracks(a: Chains, b: Chains, partings: Sequence[Parting]) -> _Tracks:
    """Return the lanes that differ and are in both logs."""
    found = [track for parting in partings if (track := _track(a, b, parting)) is not None]
    return {t.lanes[0]: t for t in found}, {t.lanes[1]: t for t in found}


def _track(a: Chains, b: Chains, parting: Parting) -> _Track | None:
    x, y = parting.lanes
    if x is None or y is None:
        return None
    gaps = (
        [a.row(n).index for n, _ in parting.changed if n],
        [b.row(m).index for _, m in parting.changed if m],
    )
    full = ([g - parting.start - k for k, g in enumerate(side)] for side in gaps)
    return _Track((x, y), parting.start, gaps, (next(full), next(full)))


def _equal_lanes(
    a: Chains, b: Chains, partings: Sequence[Parting], ignored: Collection[str]
) -> _Lanes:
    """Return which lanes hold the same: those of one name, then those of random names."""
    equal = array("i", [-1]) * len(a.lanes), array("i", [-1]) * len(b.lanes)
    differing: tuple[set[int | None], set[int | None]] = (
        {parting.lanes[0] for parting in partings},
        {parting.lanes[1] for parting in partings},
    )
    unnamed = []
    for number, lane in enumerate(a.lanes):
        other = b.numbers.get(lane.key)
        if number in differing[0]:
            continue
        if other is None:
            unnamed.append(number)
        elif lane.end == b.lanes[other].end or lane.stream in ignored:
            equal[0][number], equal[1][other] = other, number
    free: dict[bytes, list[int]] = defaultdict(list)
    if unnamed:
        for number, other in enumerate(equal[1]):
            if other < 0 and number not in differing[1]:
                free[b.lanes[number].end].append(number)
    for number in unnamed:
        if same := free.get(a.lanes[number].end):
            equal[0][number], equal[1][same[-1]] = same[-1], number
            same.pop()
    return equal
