"""Which of the first differences of lanes have no other one in their causal past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .chains import Chains

READS_LOOKED_UP = 2_000  # possible roots of which it is looked up what they had read
CIRCULAR = (
    "some differences lie in the past of one another, one way in A and the other way in B: "
    "of these, the first in A is told as a root"
)
UNREAD = f"what was read was looked at for the first {READS_LOOKED_UP:,} differences only"

Entry = tuple[int, int]  # numbers of an event in A and in B that stand for one another; 0: none
Reads = Callable[[int], Iterable[int]]  # number of an event -> numbers of the writes it had read


class Parting(NamedTuple):
    """Two lanes from the first difference on."""

    lanes: tuple[int | None, int | None]  # None: that log has none
    start: int  # index in the lanes of the first difference
    before: Entry  # the last events that both have
    place: Entry  # the events at the first difference, as they stand
    first: Entry  # the events there, as they are aligned
    changed: list[Entry]  # events that differ by what they say, or stand alone; the first too
    size: int  # pairs, and events that stand alone
    exact: bool  # whether the alignment is


class Roots:
    """Finds roots among *partings* of two logs."""

    def __init__(
        self,
        sides: tuple[Chains, Chains],
        reads: tuple[Reads, Reads],
        partings: list[Parting],
    ) -> None:
        self.sides, self.reads, self.partings = sides, reads, partings
        self._frontiers: tuple[dict[int, tuple[int, int]], ...] = ({}, {})
        for i, parting in enumerate(partings):
            for frontiers, lane in zip(self._frontiers, parting.lanes, strict=True):
                if lane is not None:
                    frontiers[lane] = (i, parting.start)
        self._looked_up = 0
        self.notes: list[str] = []  # what limits the answer

    def find(self) -> dict[Entry, Entry]:
        """
        Return the roots, each with the last events of its lane that both logs have.

        Where differences are each in the past of another, in one log or the other, the first
        event of A among them is a root: all that is before it in A is the same.
        """
        needs = [self._needs(i) for i in range(len(self.partings))]
        reach = _Reach(needs)
        roots: dict[Entry, Entry] = {}
        for i, needed in enumerate(needs):
            if not needed:
                roots[self.partings[i].first] = self.partings[i].before
                reach.from_(i)
        for i in sorted(range(len(needs)), key=self._order):
            if i not in reach.reached:
                self._note(CIRCULAR)
                place = self.partings[i].place
                one_side = (place[0], 0) if place[0] else place
                if not self._past(one_side, Chains.causes) & reach.reached:
                    roots[place] = self.partings[i].before
                reach.from_(i)
        return roots

    def _order(self, i: int) -> tuple[bool, int]:
        """Order by the place in A; what A does not have comes last, by its place in B."""
        a, b = self.partings[i].place
        return (not a, a or b)

    def _needs(self, i: int) -> set[int]:
        """Return the partings that the first events of one come after."""
        first = self.partings[i].first
        needed = self._past(first, Chains.causes) - {i}
        if needed:
            return needed
        if self._looked_up == READS_LOOKED_UP:
            self._note(UNREAD)
            return needed
        self._looked_up += 1
        return self._past(first, self._read) - {i}

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _past(self, entry: Entry, look: Callable[[Chains, int], Iterable[int]]) -> set[int]:
        """Return the partings past whose frontiers lies what *look* names for the events."""
        found = set()
        for chains, frontiers, number in zip(self.sides, self._frontiers, entry, strict=True):
            for cause in look(chains, number) if number else ():
                row = chains.row(cause)
                i, start = frontiers.get(row.lane, (-1, 0))
                if i >= 0 and row.index >= start:
                    found.add(i)
        return found

    def _read(self, chains: Chains, number: int) -> Iterable[int]:
        return self.reads[self.sides.index(chains)](number)


class _Reach:
    """What comes after a node, directly or not."""

    def __init__(self, needs: list[set[int]]) -> None:
        self.reached: set[int] = set()
        self._followers: dict[int, list[int]] = defaultdict(list)
        for node, needed in enumerate(needs):
            for each in needed:
                self._followers[each].append(node)

    def from_(self, node: int) -> None:
        """Add a node, and all that comes after it."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each not in self.reached:
                self.reached.add(each)
                waiting += self._followers[each]
