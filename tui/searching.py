"""Searches that may take a while: a job to watch and cancel, and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from laban.replay.expression import Expression
from laban.replay.search import Match, Search
from laban.replay.timeline import Timeline


class Job:
    """A search under way. Any thread may look at it or cancel it."""

    def __init__(self) -> None:
        self.passed = 0  # positions gone by so far
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the search to end; it does within a few milliseconds."""
        self._cancelled = True

    def cancelled(self) -> bool:
        """Tell whether someone asked the search to end."""
        return self._cancelled


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest match of several expressions."""

    position: int | None  # None: no match
    expression: Expression  # the one that matched; the first when none did
    probes: int
    undefined: int  # evaluations without a value

    def effort(self) -> str:
        """Say what was looked at, for a message."""
        undefined = f", {self.undefined:,} of them undefined" if self.undefined else ""
        return f"{self.probes:,} looked at{undefined}"


def nearest(
    timeline: Timeline, expressions: Sequence[Expression], start: int, backward: bool, job: Job
) -> Found:
    """
    Return the match of any of *expressions* that is nearest to position *start*.

    Raises CancelledError when *job* is cancelled.
    """
    best: int | None = None
    which = expressions[0]
    probes = undefined = 0
    for expression in expressions:
        match = _within(timeline, expression, start, backward, job, best)
        probes += match.probes
        undefined += match.undefined
        if match.position is not None and (
            best is None or abs(match.position - start) < abs(best - start)
        ):
            best, which = match.position, expression
    return Found(best, which, probes, undefined)


class _TooFar(Exception):
    """The search has gone farther than a match that is known already."""


def _within(
    timeline: Timeline,
    expression: Expression,
    start: int,
    backward: bool,
    job: Job,
    limit: int | None,
) -> Match:
    """Search for one expression, up to position *limit* when another matched there."""

    def progress(passed: int, _total: int) -> None:
        if limit is not None and passed > abs(limit - start):
            raise _TooFar
        job.passed = max(job.passed, passed)

    search = Search(timeline, expression, job.cancelled, progress)
    try:
        return search.previous(start) if backward else search.next(start)
    except _TooFar:
        return Match(None, 0, 0)
