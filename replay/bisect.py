"""At which event a test turns true."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from laban.store.event import Event

from .builder import Progress
from .expression import Expression
from .search import Search
from .timeline import Timeline

FIRST = "first"  # the guarantee: no position before it passes the test


class Bisection(Struct, frozen=True):
    """Where a test turned true, and how sure that is."""

    found: bool
    position: int | None  # the first one after which the test is true
    event: Event | None  # the one at that position; None before the first event
    good: int | None  # the last position before it, where the test is not true
    bad: int | None  # the same as position
    probes: int  # evaluations made
    undefined: int  # of these, the ones without a value: counted as not true
    guarantee: str


def first_edge(
    timeline: Timeline,
    expression: Expression,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> Bisection:
    """
    Return the first position after which *expression* is true.

    Exact for any expression, monotone or not. One over the state alone is evaluated only
    where a path that it read was written: O(w) for w such writes, found by index. One that
    reads the event is evaluated at every event up to the first match.
    """
    match = Search(timeline, expression, cancelled, progress).first()
    position = match.position
    return Bisection(
        found=position is not None,
        position=position,
        event=timeline.log.get(position) if position else None,
        good=position - 1 if position else None,
        bad=position,
        probes=match.probes,
        undefined=match.undefined,
        guarantee=FIRST,
    )
