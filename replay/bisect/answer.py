"""What a bisection found, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from laban.store.event import Event

FIRST = "first"  # exact: no position before it passes the test
LAST = "last"  # exact: no position after it fails the test
EDGE = "edge"  # both sides were tested and differ; there may be other edges
MONOTONE_ASSUMED = "monotone-assumed"  # the first, if the test, once true, stays true
ENDS_ASSUMED = "ends-assumed"  # an edge, if the ends that nobody tested are as they were taken
FLAKY = "flaky"  # an edge, if the answers that were given most often are right


class Edge(Struct, frozen=True):
    """Two neighbouring positions between which a test changes its answer."""

    position: int  # the later one of the two
    turns: bool  # what the test is there
    good: int  # the one where the test is not true
    bad: int  # the one where it is


class Interval(Struct, frozen=True):
    """Neighbouring positions where a test has one answer."""

    first: int
    last: int
    holds: bool


class Bisection(Struct, frozen=True, kw_only=True):
    """Where a test turned true, and how sure that is."""

    found: bool
    position: int | None  # the one after which the test is true
    event: Event | None  # the one at that position; None before the first event
    good: int | None  # the position before it, where the test is not true; None at the start
    bad: int | None  # the same as position
    probes: int  # positions tested
    undefined: int  # of these, the ones without a value: counted as not true
    guarantee: str
    first: int  # the range that was searched, both ends included
    last: int
    edges: Sequence[Edge] = ()
    edge_count: int = 0  # there may be more than were asked for
    intervals: Sequence[Interval] = ()  # as many as were asked for, when all edges were
    candidates: Sequence[int] = ()  # where it may be, when skips leave more than one
    contradiction: str = ""  # what was seen that a monotone test cannot do
