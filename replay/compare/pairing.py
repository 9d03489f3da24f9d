"""Which lane of one log is which of another: by name, or where that is random by its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from .chains import Chains, lane_name

Pair = tuple[int | None, int | None]  # lane numbers in A and in B; None: it has none


def differing_lanes(a: Chains, b: Chains, ignored: Collection[str] = ()) -> list[Pair]:
    """
    Return the lanes, but those of *ignored* streams, that do not hold the same in both logs.

    Lanes of one name are one. Of the others whose names hold random ids, such are paired that
    are equal, then such that begin alike for longest, and the rest in the order in which they
    begin.
    """
    pairs: list[Pair] = []
    left, right = _unequal(a, b, ignored), _unequal(b, a, ignored)
    named = {b.lanes[lane].key: lane for lane in right}
    for lane in left:
        other = named.pop(a.lanes[lane].key, None)
        if other is not None or not _is_random(a, lane):
            pairs.append((lane, other))
    paired = {lane for lane, _ in pairs}
    pairs += [(None, lane) for lane in named.values() if not _is_random(b, lane)]
    return pairs + _Anonymous(a, b).pairs(
        [lane for lane in left if lane not in paired],
        [lane for lane in named.values() if _is_random(b, lane)],
    )


def _unequal(chains: Chains, others: Chains, ignored: Collection[str]) -> list[int]:
    """Return the lanes of which *others* have none that is called the same and holds the same."""
    known = {(lane.stream, lane.correlation, lane.count, lane.end) for lane in others.lanes}
    return [
        number
        for number, lane in enumerate(chains.lanes)
        if (lane.stream, lane.correlation, lane.count, lane.end) not in known
        and lane.stream not in ignored
    ]


def _is_random(chains: Chains, lane: int) -> bool:
    return any(chains.finder.named(name) for name in chains.lanes[lane].key if name)


class _Anonymous:
    def __init__(self, a: Chains, b: Chains) -> None:
        self.a, self.b = a, b

    def pairs(self, left: list[int], right: list[int]) -> list[Pair]:
        """Return pairs of *left*, lanes of A, and *right*, of B, but for those that are equal."""
        left, right = self._left_over(left, right)
        groups: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for chains, lanes, side in ((self.a, left, 0), (self.b, right, 1)):
            for lane in lanes:
                groups[lane_name(chains, lane)][side].append(lane)
        return [pair for group in groups.values() for pair in self._nearest(*group)]

    def _left_over(self, left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
        heads: dict[bytes, list[int]] = defaultdict(list)
        for lane in reversed(right):
            heads[self.b.lanes[lane].end].append(lane)
        rest = []
        for lane in left:
            equal = heads.get(self.a.lanes[lane].end)
            if equal:
                equal.pop()
            else:
                rest.append(lane)
        return rest, sorted(lane for lanes in heads.values() for lane in lanes)

    def _nearest(self, left: list[int], right: list[int]) -> Iterator[Pair]:
        """Pair lanes by the longest common beginning: the deepest branch of a trie first."""
        begun_by: dict[bytes, list[int]] = defaultdict(list)
        for lane in reversed(right):
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


def _first(lanes: list[int], free: dict[int, None]) -> int | None:
    """Return the last of *lanes* that is free; those that are not any more are left out."""
    while lanes and lanes[-1] not in free:
        lanes.pop()
    return lanes[-1] if lanes else None


def _in_order(left: list[int], right: list[int]) -> Iterator[Pair]:
    common = min(len(left), len(right))
    yield from zip(left[:common], right[:common], strict=True)
    yield from ((lane, None) for lane in left[common:])
    yield from ((None, lane) for lane in right[common:])
