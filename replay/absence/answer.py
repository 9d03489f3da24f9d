"""The words of an answer to why something was not observed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from .conditions import Part
from .leads import Lead

Kind = Literal[
    "condition",  # the event came, and the rule's condition did not hold
    "refused",  # the event came, and was not reacted to: contract, authorisation, reducer
    "duplicate",  # the event came, and was taken for one that had come before
    "undecided",  # the event came, nothing stood against it, and no decision is recorded
    "answered",  # the rule fired, and whoever was asked published something else, or nothing
    "failed",  # the rule fired, and the request failed for good
    "waiting",  # the rule fired, and the request is not over: unanswered, or to be tried again
    "incomplete",  # the rule waits for more events
    "over",  # the rule's time was over before all events came
    "missing",  # what the rule waits for was not observed either
    "unknown",  # nothing in the log, nor in the rules, tells what leads there
]


class Found(Struct, kw_only=True):
    """What stood between one way and its end."""

    kind: Kind
    position: int | None  # where to look; None for what is nowhere
    since: int  # position of the event that could have led on, 0 for none
    detail: str  # one line
    condition: str | None = None
    parts: list[Part] = field(default_factory=list)  # of a condition
    more: list[str] = field(default_factory=list)  # what else happened on the way, in order
    absent: list[Absent] = field(default_factory=list)  # what would have had to come first


class Way(Struct):
    """One way that leads to the type elsewhere, and what became of it here."""

    lead: Lead
    found: list[Found]  # in order
    before: int = 0  # more of them, earlier


class Absent(Struct):
    """An event type that was not observed in a correlation."""

    type: str
    ways: list[Way]
    learned_from: int  # events of the type elsewhere
    again: bool = False  # it is told of already, farther up


class Absence(Struct):
    """Why something was not observed."""

    pointer: str | None  # when it was asked for
    types: list[str]
    correlation: str
    at: int
    observed: int | None  # the position where it is, after all
    events: int  # of the correlation
    last: int | None  # position of its last event that is no decision
    absent: list[Absent]
    decisive: Found | None  # the latest that stood in the way
    decisive_way: Way | None
    guarantee: str = "not-observed"


def leaves(absent: Absent) -> list[tuple[Way, Found]]:
    """Return what stood in the way, the nested ones too."""
    found = list[tuple[Way, Found]]()
    for way in absent.ways:
        for one in way.found:
            found.append((way, one))
            for inner in one.absent:
                found += leaves(inner)
    return found
