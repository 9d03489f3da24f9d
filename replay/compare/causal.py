"""
Where two logs part: the differing events that have no differing event in their causal past.

Equal causal hashes mean equal pasts, so in each lane the events that are the same are its
first ones: the rest is *past its frontier*. Only the first event past a frontier can be a
root; it is one when nothing that caused it, in either log, lies past a frontier too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from laban.replay.builder import CancelledError

from .alignment import LIMIT, unmatched
from .chains import Chains
from .pairing import differing_lanes
from .roots import Entry, Parting, Reads, Roots

PATIENCE = 10_000_000  # steps for the alignment of all lanes, some seconds
INEXACT = "too many edits to align some streams: there, events are paired by their places"
LEAST = 50  # edits that are tried to be aligned in a lane, even so


class Found(NamedTuple):
    """The differences between two logs, by the numbers of events."""

    roots: list[tuple[Entry, Entry]]  # with the last events of the lane that both have
    downstream: int  # all pairs, and events that stand alone, with a root in their past
    changed: list[Entry]  # of those, such that differ by what they say
    lanes: int  # that differ
    notes: list[str]  # what limits the answer
    partings: list[Parting]


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
        finder = Roots(self.sides, self.reads, partings)
        roots = finder.find()
        told = self._joined(roots)
        told_a, told_b = ({entry[side] for entry in told} - {0} for side in (0, 1))
        changed = [
            (number, other)
            for parting in partings
            for number, other in parting.changed
            if number not in told_a and other not in told_b
        ]
        return Found(
            roots=sorted(told.items(), key=lambda root: _when(root[0])),
            downstream=sum(parting.size for parting in partings) - len(roots),
            changed=sorted(changed, key=_when),
            lanes=len(partings),
            notes=finder.notes + ([] if all(p.exact for p in partings) else [INEXACT]),
            partings=partings,
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

    def _part(self, *lanes: int | None) -> Parting:
        """Compare two lanes; None stands for one that a log does not have."""
        a, b = self.sides
        ours, theirs = (
            [] if lane is None else chains.members(lane)
            for chains, lane in zip(self.sides, lanes, strict=True)
        )
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
        place = (ours[0] if ours else 0, theirs[0] if theirs else 0)
        first = changed[0] if changed else place
        if first[0] != place[0] and first[1] != place[1]:
            first = place  # the same by what they say: their causes or ids are other ones
        size = (len(ours) + len(theirs) - alone) // 2 + alone
        return Parting((lanes[0], lanes[1]), start, before, place, first, changed, size, exact)

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


def _when(entry: Entry) -> tuple[int, int]:
    """Order by the place in A; what A does not have, by its place in B."""
    return (entry[0] or entry[1], entry[1])
