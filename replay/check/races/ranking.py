"""What of the races comes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from laban.replay.check.flaw import Flaw

from .reads import Race

# The worst first: what is gone for good, what broke a rule over several values, what is old.
_KINDS = (
    "lost update", "write skew", "read skew", "stale read", "future read", "dirty read",
    "circular read", "interleaved writes", "possible race",
)  # fmt: skip

_Pattern = tuple[str, str, str, str]


def ranked(races: Sequence[Race], causes: Sequence[int]) -> list[Flaw]:
    """
    Return *races* in order, the worst first.

    Certain ones come before possible ones, those whose value differs from the newer one before
    those where it says the same, then by kind; among equals, the pattern (who, on which type
    of event, which field) that most events rest on comes first, and the earliest of each.
    """
    led_to = _downstream(causes) if races else causes
    rest: defaultdict[_Pattern, int] = defaultdict(int)
    first: dict[_Pattern, int] = {}
    for race in races:
        pattern = _pattern(race)
        rest[pattern] += led_to[race.position]
        first[pattern] = min(race.position, first.get(pattern, race.position))

    def weight(race: Race) -> tuple[bool, bool, int, int, int, int]:
        pattern = _pattern(race)
        return (
            race.certainty == "possible", not race.harmful, _KINDS.index(race.kind),
            -rest[pattern], first[pattern], race.position,
        )  # fmt: skip

    order = enumerate(sorted(races, key=weight), 1)
    return [_flaw(race, rank, led_to[race.position]) for rank, race in order]


def _downstream(causes: Sequence[int]) -> Sequence[int]:
    """Return how many events each one led to, directly or not, from their causes by position."""
    led_to = [0] * len(causes)
    positions = range(len(causes) - 1, -1, -1)
    for position, cause in zip(positions, reversed(causes), strict=True):
        if cause:
            led_to[cause if cause > 0 else -cause] += led_to[position] + 1
    return led_to


def _pattern(race: Race) -> _Pattern:
    return race.kind, race.source, race.type, race.pointer.split("/", 2)[-1]


def _flaw(race: Race, rank: int, downstream: int) -> Flaw:
    return Flaw(
        rule=None,
        kind=race.kind,
        position=race.position,
        detail=race.detail,
        certainty=race.certainty,
        edges=race.edges,
        downstream=downstream,
        rank=rank,
    )
