"""Aligning sequences: as much as can be matches, and what is left over is paired."""

from __future__ import annotations

from functools import cache
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.compare.alignment import align, unmatched

words = st.text(alphabet="abcd", max_size=10)


def longest_common(a: str, b: str) -> int:
    """The length of a longest common subsequence, by its definition."""

    @cache
    def length(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + length(i + 1, j + 1)
        return max(length(i + 1, j), length(i, j + 1))

    return length(0, 0)


@given(words, words)
def test_as_much_matches_as_can(a: str, b: str) -> None:
    found = align(a, b)

    places_a, places_b = [i for i, _ in found.matches], [j for _, j in found.matches]
    assert found.exact
    assert all(a[i] == b[j] for i, j in found.matches)
    assert places_a == sorted(set(places_a))
    assert places_b == sorted(set(places_b))
    assert len(found.matches) == longest_common(a, b)


@given(words, words, st.integers(0, 3))
def test_what_gives_up_early_still_gives_an_alignment(a: str, b: str, limit: int) -> None:
    found = align(a, b, limit)

    assert all(a[i] == b[j] for i, j in found.matches)
    assert found.matches == sorted(found.matches)
    assert not found.exact or len(found.matches) == longest_common(a, b)


@given(words, words)
def test_every_place_matches_or_is_left_over_exactly_once(a: str, b: str) -> None:
    pairs, _ = unmatched(a, b, [0] * len(a), [0] * len(b))

    left_a, left_b = ({p[side] for p in pairs} - {None} for side in (0, 1))
    kept_a = [x for i, x in enumerate(a) if i not in left_a]
    kept_b = [x for j, x in enumerate(b) if j not in left_b]
    assert kept_a == kept_b
    assert len(a) != len(b) or len(pairs) <= sum(x != y for x, y in zip(a, b, strict=True))


def left_over(a: str, b: str) -> list[str]:
    """What is left over of two texts; capital letters are changed small ones, of their kind."""
    kinds_a, kinds_b = ([ord(x.lower()) for x in text] for text in (a, b))
    pairs, _ = unmatched(a, b, kinds_a, kinds_b)
    return [f"{'-' if i is None else a[i]}{'-' if j is None else b[j]}" for i, j in pairs]


def test_what_is_left_over_is_paired_with_its_own_kind() -> None:
    assert left_over("abcd", "abcd") == []
    assert left_over("abcd", "aBcd") == ["bB"]
    assert left_over("abd", "abcd") == ["-c"]
    assert left_over("abcd", "abd") == ["c-"]
    assert left_over("abcd", "axBcd") == ["-x", "bB"]
    assert left_over("aaa", "AaA") == ["aA", "aA"]


def test_long_sequences_are_aligned_in_bounded_steps() -> None:
    random = Random(1)
    a, b = ([random.randrange(50) for _ in range(length)] for length in (20_000, 19_900))

    found = align(a, b)

    assert not found.exact
    assert all(a[i] == b[j] for i, j in found.matches)
