"""Searches that may take a while, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from laban.replay.breakpoints import Breakpoint, Stop, run
from laban.replay.breakpoints.finders import finder
from laban.replay.expression import compile_expression
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.tui.jobs import Job

from .wanted import PlainText, Wanted, find_text


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
        return f"{self.probes:,} looked at{undefined}" if self.probes else "by the index"


def find(timeline: Timeline, wanted: Wanted, start: int, backward: bool, job: Job) -> Found:
    """Return the match of *wanted* nearest to *start*. Raises CancelledError."""
    what, limit = wanted.what, 1 if backward else timeline.head
    if isinstance(what, PlainText):
        position, looked = find_text(timeline.log, what, start, limit, job)
        return Found(position, wanted.name, looked)
    if what.kind == "when":
        search = Search(timeline, compile_expression(what.target), job.cancelled, job.progress)
        match = search.previous(start) if backward else search.next(start)
        return Found(match.position, wanted.name, match.probes, match.undefined)
    found = finder(timeline, what, job.cancelled, lambda at: job.progress(abs(at - start), 0))
    return Found(found.find(start, limit), wanted.name)


def run_to(
    timeline: Timeline, armed: Sequence[Breakpoint], start: int, backward: bool, job: Job
) -> Found:
    """Return where a run from *start* stops. Raises CancelledError and BadAddressError."""
    stop = run(
        timeline, armed, start, backward=backward, cancelled=job.cancelled, progress=job.progress
    )
    text = armed[stop.by[0]].place if stop.by else ""
    return Found(stop.position, text, armed=armed, stop=stop)
