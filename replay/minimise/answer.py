"""What a minimisation left of a log, and how sure that is."""

from __future__ import annotations

from msgspec import Struct

MINIMAL = "1-minimal"  # no event can go, with all that rests on it: each was tried
UNRESOLVED = "unresolved"  # the same, except that the test could not judge some of these tries
STOPPED = "stopped"  # it shows the failure, and less might do: it was stopped before the end

MEANINGS = {
    MINIMAL: "no event can go, with all that rests on it, and leave the failure",
    UNRESOLVED: "no event is known to be able to go: the test could not judge some tries",
    STOPPED: "stopped before the end: less may do",
}


class Minimised(Struct, frozen=True, kw_only=True):
    """The events that still show the failure: with each event, all that it rests on."""

    kept: list[int]  # their positions in the log that was minimised
    dropped: int
    probes: int  # sets of events tested, those of an earlier run that this one went on from too
    replayed: int  # events in the sets that were tested now
    unresolved: int  # of the last tries, those that the test could not judge
    guarantee: str  # a key of MEANINGS
