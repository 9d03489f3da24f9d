"""Which lane of one log is which of another: by name, or where that is random by its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .chains import Chains, Key, lane_name
from .content import named_ids

Pair = tuple[int | None, int | None]  # lane numbers in A and in B; None: it has none


def differing_lanes(a: Chains, b: Chains, *, anonymous: bool = False) -> list[Pair]:
    """
    Return the lanes that do not hold the same in both logs, in the order in which they begin.

    Lanes of one name are one; with *anonymous*, names count for nothing. Of those left, whose
    names hold random ids, such are paired that are equal, then such that begin alike for
    longest, and the rest in the order in which they begin.
    """
    pairs: list[Pair] = []
    left_a, left_b = [], []
    for number, lane in enumerate(a.lanes):
        other = None if anonymous else b.numbers.get(lane.key)
        if other is not None:
            if lane.count != b.lanes[other].count or a.causal(lane.last) != b.causal(
                b.lanes[other].last
            ):
                pairs.append((number, other))
        elif anonymous or _is_random(lane.key):
            left_a.append(number)
        else:
            pairs.append((number, None))
    for number, lane in enumerate(b.lanes):
        if anonymous or lane.key not in a.numbers:
            if anonymous or _is_random(lane.key):
                left_b.append(number)
            else:
                pairs.append((None, number))
    return pairs + _Anonymous(a, b).pairs(left_a, left_b)


def _is_random(key: Key) -> bool:
    return any(named_ids(name) for name in key if name)


class _Anonymous:
    def __init__(self, a: Chains, b: Chains) -> None:
        self.a, self.b = a, b

    def pairs(self, left: list[int], right: list[int]) -> list[Pair]:
        """Return pairs of *left*, lanes of A, and *right*, of B, but for those that are equal."""
        left, right = self._unequal(left, right)
        groups: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for chains, lanes, side in ((self.a, left, 0), (self.b, right, 1)):
            for lane in lanes:
                groups[lane_name(chains, lane)][side].append(lane)
        return [pair for group in groups.values() for pair in self._nearest(*group)]

    def _unequal(self, left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
        heads: dict[bytes, list[int]] = defaultdict(list)
        for lane in reversed(right):
            heads[self.b.causal(self.b.lanes[lane].last)].append(lane)
        rest = []
        for lane in left:
            equal = heads.get(self.a.causal(self.a.lanes[lane].last))
            if equal:
                equal.pop()
            else:
                rest.append(lane)
        return rest, sorted(lane for lanes in heads.values() for lane in lanes)

    def _nearest(self, left: list[int], right: list[int]) -> Iterator[Pair]:
        """Pair lanes by the longest common beginning: the deepest branch of a trie first."""
        begun_by: dict[bytes, list[int]] = defaultdict(list)
        for lane in right:
            for number in self.b.members(lane):
                begun_by[self.b.causal(number)].append(lane)
        depths = [
            (depth, lane, hash)
            for lane in left
            for depth, hash in enumerate(map(self.a.causal, self.a.members(lane)))
            if hash in begun_by
        ]
        free_a, free_b = dict.fromkeys(left), dict.fromkeys(right)
        for _, lane, hash in sorted(depths, key=lambda each: (-each[0], each[1])):
            if lane in free_a and (other := _first(begun_by[hash], free_b)) is not None:
                del free_a[lane], free_b[other]
                yield lane, other
        yield from _in_order(list(free_a), list(free_b))


def _first(lanes: Sequence[int], free: dict[int, None]) -> int | None:
    return next((lane for lane in lanes if lane in free), None)


def _in_order(left: list[int], right: list[int]) -> Iterator[Pair]:
    common = min(len(left), len(right))
    yield from zip(left[:common], right[:common], strict=True)
    yield from ((lane, None) for lane in left[common:])
    yield from ((None, lane) for lane in right[common:])
