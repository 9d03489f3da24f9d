"""
Delta debugging over causally closed sets.

As ddmin (Zeller and Hildebrandt, IEEE TSE 28(2), 2002) takes ever smaller chunks away, and in
the end single events. What is taken away takes along all that rests on it, so no event of a set
that is tested lacks what it rests on (compare Scott et al., NSDI 2016).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

from .past import Past

Ask = Callable[[Sequence[int]], bool | None]  # of a closed set: shows, does not, cannot be said


class Reduction:
    """
    Takes away from *kept*, a closed set that shows the failure, for as long as the rest shows it.

    `kept` is always the least set so far, and `minimal` becomes True in the end: then each of
    its events was tried to be taken away, with all that rests on it. About k log n tests for k
    of n events that are needed each by itself; at worst n².
    """

    def __init__(self, past: Past, kept: Sequence[int], ask: Ask) -> None:
        self.kept, self.minimal = list(kept), False
        self.unresolved = 0  # of the tries since something was taken away last
        self.tests_left = 2 * len(kept)  # at most, while nothing more can be taken away
        self._past, self._ask = past, ask

    def run(self) -> None:
        """Go on to the end; what *ask* raises leaves `kept` as it is."""
        if self.kept and not self._take(self.kept):
            size = len(self.kept)
            while (size := (min(size, len(self.kept)) + 1) // 2) > 1:
                self._sweep(size)
            self._settle()
        self.minimal = True

    def _sweep(self, size: int) -> None:
        """Try to take away each chunk of *size* neighbours."""
        order = self._past.by_tree(self.kept)
        for start in range(0, len(order), size):
            left = set(self.kept)
            chunk = [position for position in order[start : start + size] if position in left]
            self.tests_left = (len(order) - start) // size + 2 * len(self.kept)
            if chunk:
                self._take(chunk)

    def _settle(self) -> None:
        """Try each event in turn, until all were tried since one could go."""
        queue, left, tried = deque(self._past.by_tree(self.kept)), set(self.kept), 0
        self.unresolved = 0
        while tried < len(self.kept):
            position = queue.popleft()
            if position not in left:
                continue
            queue.append(position)
            tried += 1
            self.tests_left = len(self.kept) - tried + 1
            if self._take([position]):
                left, tried = set(self.kept), 0

    def _take(self, chunk: Collection[int]) -> bool:
        rest = self._past.without(self.kept, chunk)
        outcome = self._ask(rest)
        if outcome:
            self.kept, self.unresolved = rest, 0
        elif outcome is None:
            self.unresolved += 1
        return bool(outcome)
