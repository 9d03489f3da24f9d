"""Narrowing down between a good and a bad position, whoever tests them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import chain, pairwise
from math import ceil, log2

from laban.store.errors import LabanError

AVOIDANCE = 4  # a position this much nearer to a skipped one than to an end is passed over


class Verdict(Enum):
    """What a test says of a position."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"  # it cannot be tested


class ContradictionError(LabanError):
    """Two answers cannot both be right if bad, once there, stays."""


class Narrowing:
    """
    What is known between a good and a bad position, and which one to test next.

    Sound for any test: `good` and `bad` differ, so an edge lies between them. It is the only
    one when the test is monotone: once bad, it stays bad.
    """

    def __init__(self, good: int, bad: int) -> None:
        if good >= bad:
            raise ContradictionError(f"@{bad} is not past @{good}: there is nothing in between.")
        self.good, self.bad = good, bad
        self.skipped: list[int] = []  # between the two, sorted

    @property
    def candidates(self) -> range:
        """The positions where it may have turned bad: one, unless tests are missing."""
        return range(self.good + 1, self.bad + 1)

    @property
    def untested(self) -> int:
        """How many positions could still be tested."""
        return self.bad - self.good - 1 - len(self.skipped)

    @property
    def steps(self) -> int:
        """About how many tests are left."""
        return ceil(log2(self.untested + 1))

    def tell(self, position: int, verdict: Verdict) -> None:
        """
        Take in what a test said of *position*; the last word on it counts.

        Raises ContradictionError for a bad one before a good one.
        """
        if verdict is Verdict.GOOD and position >= self.bad:
            raise ContradictionError(
                f"@{position} cannot be good: @{self.bad} was bad, and it is not after it."
            )
        if verdict is Verdict.BAD and position <= self.good:
            raise ContradictionError(
                f"@{position} cannot be bad: @{self.good} was good, and it is not before it."
            )
        if verdict is Verdict.SKIP:
            self._skip(position)
            return
        if verdict is Verdict.GOOD:
            self.good = max(self.good, position)
        else:
            self.bad = min(self.bad, position)
        self.skipped = [p for p in self.skipped if self.good < p < self.bad and p != position]

    def _skip(self, position: int) -> None:
        place = bisect_left(self.skipped, position)
        known = place < len(self.skipped) and self.skipped[place] == position
        if self.good < position < self.bad and not known:
            insort(self.skipped, position)

    def next(self) -> int | None:
        """
        Return the position to test next, None when nothing is left to test.

        The middle; where positions were skipped, one near it that is well away from those,
        for a neighbour of what cannot be tested can often not be tested either.
        """
        best = (self._best(first, last) for first, last in self._free())
        return max(best, key=self._worth, default=None)

    def _free(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last of each run of positions that were not skipped."""
        for before, after in pairwise(chain([self.good], self.skipped, [self.bad])):
            if after - before > 1:
                yield before + 1, after - 1

    def _best(self, first: int, last: int) -> int:
        """Return the position of most worth in a run; its worth rises, then falls."""
        while first < last:
            middle = (first + last) // 2
            if self._worth(middle) < self._worth(middle + 1):
                first = middle + 1
            else:
                last = middle
        return first

    def _worth(self, position: int) -> int:
        halves = min(position - self.good, self.bad - position)
        place = bisect_left(self.skipped, position)
        around = self.skipped[max(place - 1, 0) : place + 1]
        return min([halves, *(AVOIDANCE * abs(position - each) for each in around)])


def narrow(narrowing: Narrowing, test: Callable[[int], Verdict]) -> int:
    """Test until nothing is left to test, and return how many tests that took."""
    probes = 0
    while (position := narrowing.next()) is not None:
        narrowing.tell(position, test(position))
        probes += 1
    return probes


def wrong_end(narrowing: Narrowing, test: Callable[[int], Verdict]) -> tuple[int, Verdict] | None:
    """
    Test the two ends, which so far were only taken to be good and bad.

    Return the first one that is not what it was taken for, with its verdict; None when both are.
    """
    for position, expected in ((narrowing.good, Verdict.GOOD), (narrowing.bad, Verdict.BAD)):
        verdict = test(position)
        if verdict is not expected:
            return position, verdict
    return None
