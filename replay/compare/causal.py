"""
Where two logs part: the differing events that have no differing event in their causal past.

Equal causal hashes mean equal pasts, so in each lane the events that are the same are its
first ones: the rest is *past its frontier*. Only the first event past a frontier can be a
root; it is one when nothing that caused it, in either log, lies past a frontier too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from laban.replay.builder import CancelledError

from .alignment import LIMIT, unmatched
from .chains import Chains
from .pairing import differing_lanes

PATIENCE = 10_000_000  # steps for the alignment of all lanes, some seconds
LEAST = 50  # edits that are tried to be aligned in a lane, even so
READS_LOOKED_UP = 2_000  # possible roots of which it is looked up what they had read

Entry = tuple[int, int]  # numbers of an event in A and in B that stand for one another; 0: none
Reads = Callable[[int], Iterable[int]]  # number of an event -> numbers of the writes it had read


class Parting(NamedTuple):
    """Two lanes from the first difference on."""

    lane_a: int | None
    lane_b: int | None
    start: int  # index in the lanes of the first difference
    before: Entry  # the last events that both have
    first: Entry  # the events at the first difference
    changed: list[Entry]  # events that differ by what they say, or stand alone; the first too
    size: int  # pairs, and events that stand alone
    exact: bool  # whether the alignment is


class Found(NamedTuple):
    """The differences between two logs, by the numbers of events."""

    roots: list[tuple[Entry, Entry]]  # with the last events of the lane that both have
    downstream: int  # all pairs, and events that stand alone, with a root in their past
    changed: list[Entry]  # of those, such that differ by what they say
    lanes: int  # that differ
    exact: bool


class Causal:
    """Finds the roots, given two logs as chains."""

    def __init__(
        self,
        sides: tuple[Chains, Chains],
        reads: tuple[Reads, Reads],
        ignored: Collection[str],
        cancelled: Callable[[], bool],
    ) -> None:
        """*ignored* are streams in which nothing counts."""
        self.sides, self.reads, self.ignored = sides, reads, ignored
        self.cancelled = cancelled
        self._patience = PATIENCE

    def find(self) -> Found:
        """Return where the logs part."""
        partings: list[Parting] = []
        for pair in differing_lanes(*self.sides, self.ignored):
            if self.cancelled():
                raise CancelledError(f"Cancelled after {len(partings):,} streams that differ.")
            partings.append(self._part(*pair))
        roots = _sources(self._dependencies(partings), [_when(p.first) for p in partings])
        chosen = self._joined({partings[i].first: partings[i].before for i in roots})
        told_a, told_b = ({entry[side] for entry in chosen} - {0} for side in (0, 1))
        changed = [
            (number, other)
            for parting in partings
            for number, other in parting.changed
            if number not in told_a and other not in told_b
        ]
        return Found(
            roots=sorted(chosen.items(), key=lambda root: _when(root[0])),
            downstream=sum(p.size for p in partings) - len(roots),
            changed=sorted(changed, key=_when),
            lanes=len(partings),
            exact=all(p.exact for p in partings),
        )

    def _joined(self, roots: dict[Entry, Entry]) -> dict[Entry, Entry]:
        """Make one root of two where an event of A, alone in its lane, is in another one in B."""
        a, b = self.sides
        alone = {b.own(other): (0, other) for number, other in roots if not number}
        joined = dict(roots)
        for entry, before in roots.items():
            if not entry[1] and (other := alone.pop(a.own(entry[0]), None)):
                del joined[entry], joined[other]
                joined[entry[0], other[1]] = before
        return joined

    def _part(self, lane_a: int | None, lane_b: int | None) -> Parting:
        a, b = self.sides
        ours = a.members(lane_a) if lane_a is not None else []
        theirs = b.members(lane_b) if lane_b is not None else []
        start = self._frontier(ours, theirs)
        before = (ours[start - 1], theirs[start - 1]) if start else (0, 0)
        ours, theirs = ours[start:], theirs[start:]
        pairs, exact = unmatched(
            [a.own(n) for n in ours],
            [b.own(n) for n in theirs],
            [a.row(n).kind for n in ours],
            [b.row(n).kind for n in theirs],
            LIMIT if self._patience > 0 else LEAST,
        )
        self._patience -= min(len(pairs), LIMIT) ** 2
        changed = [(0 if i is None else ours[i], 0 if j is None else theirs[j]) for i, j in pairs]
        alone = sum(1 for x, y in changed if not (x and y))
        count = (len(ours) + len(theirs) - alone) // 2 + alone
        first = changed[0] if changed else (0, 0)
        if ours and theirs and first[0] != ours[0] and first[1] != theirs[0]:
            first = (ours[0], theirs[0])  # the same by itself: its causes or ids are other ones
        return Parting(lane_a, lane_b, start, before, first, changed, count, exact)

    def _frontier(self, ours: list[int], theirs: list[int]) -> int:
        """Return how many events two lanes have in common, found by halving."""
        a, b = self.sides
        low, high = 0, min(len(ours), len(theirs))
        while low < high:
            middle = (low + high) // 2
            if a.causal(ours[middle]) == b.causal(theirs[middle]):
                low = middle + 1
            else:
                high = middle
        return low

    def _dependencies(self, partings: list[Parting]) -> list[set[int]]:
        """Return, for each parting, those that its first events come after."""
        past: tuple[dict[int, tuple[int, int]], ...] = ({}, {})
        for i, parting in enumerate(partings):
            for side, lane in enumerate((parting.lane_a, parting.lane_b)):
                if lane is not None:
                    past[side][lane] = (i, parting.start)
        needs: list[set[int]] = []
        looked_up = 0
        for i, parting in enumerate(partings):
            found = self._past(parting, past, Chains.causes) - {i}
            if not found and looked_up < READS_LOOKED_UP:
                looked_up += 1
                found = self._past(parting, past, self._read) - {i}
            needs.append(found)
        return needs

    def _past(
        self,
        parting: Parting,
        past: tuple[dict[int, tuple[int, int]], ...],
        look: Callable[[Chains, int], Iterable[int]],
    ) -> set[int]:
        """Return the partings that the first events of one lie behind, by what *look* names."""
        found = set()
        for chains, frontiers, number in zip(self.sides, past, parting.first, strict=True):
            for cause in look(chains, number) if number else ():
                row = chains.row(cause)
                i, start = frontiers.get(row.lane, (-1, 0))
                if i >= 0 and row.index >= start:
                    found.add(i)
        return found

    def _read(self, chains: Chains, number: int) -> Iterable[int]:
        return self.reads[self.sides.index(chains)](number)


def _when(entry: Entry) -> tuple[int, int]:
    """Order by the place in A; what A does not have, by its place in B."""
    return (entry[0] or entry[1], entry[1])


def _sources(needs: list[set[int]], order: list[tuple[int, int]]) -> list[int]:
    """
    Return the nodes that need no other, and where nodes need one another, the first of them.

    Logs may claim circles: then every event still lies behind a root.
    """
    followers: dict[int, list[int]] = defaultdict(list)
    for node, needed in enumerate(needs):
        for each in needed:
            followers[each].append(node)
    reached: set[int] = set()
    sources = []
    by_order = sorted(range(len(needs)), key=order.__getitem__)
    for node in sorted(by_order, key=lambda node: bool(needs[node])):
        if node in reached:
            continue
        sources.append(node)
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each not in reached:
                reached.add(each)
                waiting += followers[each]
    return sources
