"""Searches that may take a while, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from laban.replay.breakpoints import Breakpoint, Stop, run
from laban.replay.expression import Expression
from laban.replay.search import Search
from laban.replay.timeline import Timeline

from .jobs import Job


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
