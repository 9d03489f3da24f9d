"""
Which events of one sequence are which of another, when some were put in, left out or changed.

A longest common subsequence by E. W. Myers, "An O(ND) Difference Algorithm and Its Variations"
(Algorithmica 1, 1986), over the elements that both sides hold: leaving out the others changes
no common subsequence (as GNU diff does). It gives up beyond a number of edits.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeVar

LIMIT = 1_000  # edits: 1,000,000 steps at most, a third of a second

T = TypeVar("T", bound=Hashable)
Match = tuple[int, int]  # places in both sequences
Pair = tuple[int | None, int | None]  # the same; None where the other stands alone


class Alignment(NamedTuple):
    """The places that are the same, in order, and whether there are as many as can be."""

    matches: list[Match]
    exact: bool


def align(a: Sequence[T], b: Sequence[T], limit: int = LIMIT) -> Alignment:
    """
    Return which elements of *a* and *b* match, as many as possible, in order.

    Beyond *limit* edits, fewer may be found: those at the same place among what is common.
    """
    first = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if first is None:
        first = min(len(a), len(b))
    tail, longest = 0, min(len(a), len(b)) - first
    while tail < longest and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    inner, exact = _inner(a, b, first, len(a) - tail, len(b) - tail, limit)
    matches = [(i, i) for i in range(first)]
    matches += inner
    matches += [(len(a) - k, len(b) - k) for k in range(tail, 0, -1)]
    return Alignment(matches, exact)


def _inner(
    a: Sequence[T], b: Sequence[T], first: int, end_a: int, end_b: int, limit: int
) -> tuple[list[Match], bool]:
    known_a, known_b = set(a[first:end_a]), set(b[first:end_b])
    places_a = [i for i in range(first, end_a) if a[i] in known_b]
    places_b = [j for j in range(first, end_b) if b[j] in known_a]
    found = _myers([a[i] for i in places_a], [b[j] for j in places_b], limit)
    exact = found is not None
    if found is None:
        both = zip(places_a, places_b, strict=False)
        found = [(k, k) for k, (i, j) in enumerate(both) if a[i] == b[j]]
    return [(places_a[x], places_b[y]) for x, y in found], exact


def _myers(a: Sequence[T], b: Sequence[T], limit: int) -> list[Match] | None:
    """Return the matches of a longest common subsequence, None beyond *limit* edits."""
    furthest = {1: 0}  # by diagonal: how far along *a* a path gets
    trace: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), limit) + 1):
        trace.append(furthest)
        furthest = dict(furthest)
        for diagonal in range(-edits, edits + 1, 2):
            x = _step(furthest, diagonal, edits)
            while x < len(a) and x - diagonal < len(b) and a[x] == b[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(a) and x - diagonal >= len(b):
                return _traced(trace, len(a), len(b))
    return None


def _step(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    down = diagonal == -edits or (
        diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
    )
    return furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1


def _traced(trace: list[dict[int, int]], x: int, y: int) -> list[Match]:
    """Go back along the edits and collect what matched between them."""
    matches: list[Match] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        down = diagonal == -edits or (
            diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        before = diagonal + 1 if down else diagonal - 1
        start_x = furthest[before]
        start_y = start_x - before
        middle = start_x if down else start_x + 1
        while x > middle:
            x, y = x - 1, y - 1
            matches.append((x, y))
        x, y = start_x, start_y
    return matches[::-1]


def unmatched(
    a: Sequence[T],
    b: Sequence[T],
    kinds_a: Sequence[int],
    kinds_b: Sequence[int],
    limit: int = LIMIT,
) -> tuple[list[Pair], bool]:
    """
    Return the places of *a* and *b* that match nothing, as pairs of what stands for one another.

    Between two matches, elements of the same kind stand for one another, then the others in
    order; what is left of the longer side stands alone. Where both are of one length and it is
    not more that differs so, elements at the same place stand for one another. The second
    value tells whether no more could match.
    """
    found = align(a, b, limit)
    pairs = _between(found.matches, a, b, kinds_a, kinds_b)
    if len(a) == len(b):
        by_place: list[Pair] = [(i, i) for i in range(len(a)) if a[i] != b[i]]
        if len(by_place) <= len(pairs):
            return by_place, found.exact
    return pairs, found.exact


def _between(
    matches: list[Match],
    a: Sequence[T],
    b: Sequence[T],
    kinds_a: Sequence[int],
    kinds_b: Sequence[int],
) -> list[Pair]:
    pairs: list[Pair] = []
    at_a = at_b = 0
    for i, j in [*matches, (len(a), len(b))]:
        if i > at_a or j > at_b:
            pairs += _gap(range(at_a, i), range(at_b, j), kinds_a, kinds_b)
        at_a, at_b = i + 1, j + 1
    return pairs


def _gap(a: range, b: range, kinds_a: Sequence[int], kinds_b: Sequence[int]) -> Iterator[Pair]:
    if len(a) == len(b) or not a or not b:
        yield from zip_longest(a, b)
        return
    matches = align([kinds_a[i] for i in a], [kinds_b[j] for j in b]).matches
    at_a = at_b = 0
    for i, j in [*matches, (len(a), len(b))]:
        yield from zip_longest(a[at_a:i], b[at_b:j])
        if i < len(a):
            yield a[i], b[j]
        at_a, at_b = i + 1, j + 1
