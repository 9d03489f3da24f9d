"""What a check finds, and what comes first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from msgspec import Struct

from laban.store.event import Event
from laban.store.finding import Finding

Certainty = Literal["certain", "possible"]

# The worst comes first: results that are wrong and look right, then work that was lost
# without a word, then what was noticed as it happened, then what may be meant.
SEVERITY = {
    "lost update": 0,
    "write skew": 0,
    "read skew": 0,
    "circular read": 0,
    "interleaved writes": 0,
    "dirty read": 0,
    "stale read": 0,
    "future read": 0,
    "contract": 1,
    "not taken in": 2,
    "unanswered request": 2,
    "compensation failed": 2,
    "event loop": 3,
    "dead letter": 4,
    "timeout": 5,
    "sequence timed out": 5,
    "incomplete sequence": 6,
    "unfinished saga": 6,
    "possible race": 7,
    "rule cycle": 8,
    "unhandled event": 9,
    "rule never fired": 9,
    "rounds": 10,
    "conditional cycle": 10,
    "taken in otherwise": 11,
}
# Good to know, and most likely meant so.
NOTES = frozenset({"rounds", "conditional cycle", "taken in otherwise"})


class Edge(Struct, frozen=True, kw_only=True):
    """
    Why one event comes before another in any order that explains what was read and written.

    ww: *then* overwrote what *first* wrote; wr: *then* read it; rw: *first* read the version
    that *then* overwrote.
    """

    kind: Literal["ww", "wr", "rw"]
    pointer: str  # what both touched
    first: int  # positions of events
    then: int
    version: int  # the write that was overwritten or read; 0: before any


class Flaw(Struct, frozen=True, kw_only=True):
    """Something that is wrong, or looks so."""

    rule: str | None  # the rule that it concerns, None when it concerns none
    kind: str  # one of SEVERITY
    position: int | None  # the event that shows it; None when none does
    detail: str
    certainty: Certainty = "certain"
    edges: tuple[Edge, ...] = ()  # of a race: the events, the paths and the versions
    downstream: int = 0  # of a race: how many events its own led to
    rank: int = 0  # of a race: its place among all races, from 1
    kept: Finding | None = None  # what an import or a run could not take in as it was

    @property
    def is_note(self) -> bool:
        """Whether this is only good to know."""
        return self.kind in NOTES


class Check(Protocol):
    """Finds flaws of some kinds in one pass over a log."""

    def take_in(self, event: Event) -> Iterable[Flaw]:
        """Take in the next event, and return what is now known to be wrong."""
        ...

    def finish(self, last: Event | None) -> Iterable[Flaw]:
        """Return what the end of the log shows; *last* is its last event."""
        ...


def ranked(flaws: Iterable[Flaw]) -> list[Flaw]:
    """Return *flaws*, the worst first, those of one severity by rank, then in order of position."""
    return sorted(
        flaws, key=lambda f: (SEVERITY[f.kind], f.rank, f.position is None, f.position or 0)
    )
