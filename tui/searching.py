"""Searches that may take a while: a job to watch and cancel, and what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from laban.replay.breakpoints import Breakpoint, Stop, run
from laban.replay.expression import Expression
from laban.replay.search import Search
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

    def progress(self, passed: int, _total: int) -> None:
        """Take in how far the search is."""
        self.passed = max(self.passed, passed)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search or a run ended."""

    position: int | None  # None: nowhere
    text: str  # of what matched, or of the breakpoint that stopped it
    probes: int = 0
    undefined: int = 0  # evaluations without a value
    armed: Sequence[Breakpoint] = ()  # what was run to
    stop: Stop | None = None  # of a run

    def effort(self) -> str:
        """Say what was looked at, for a message."""
        undefined = f", {self.undefined:,} of them undefined" if self.undefined else ""
        return f"{self.probes:,} looked at{undefined}"


def find(timeline: Timeline, expression: Expression, start: int, backward: bool, job: Job) -> Found:
    """Return the match of *expression* nearest to *start*. Raises CancelledError."""
    search = Search(timeline, expression, job.cancelled, job.progress)
    match = search.previous(start) if backward else search.next(start)
    return Found(match.position, expression.text, match.probes, match.undefined)


def run_to(
    timeline: Timeline, armed: Sequence[Breakpoint], start: int, backward: bool, job: Job
) -> Found:
    """Return where a run from *start* stops. Raises CancelledError and BadAddressError."""
    stop = run(
        timeline, armed, start, backward=backward, cancelled=job.cancelled, progress=job.progress
    )
    text = armed[stop.by[0]].place if stop.by else ""
    return Found(stop.position, text, armed=armed, stop=stop)
