"""Comparing the log with another, or parts of logs, and walking through what differs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from laban.replay.compare import Aligned, Compared, side_by_side
from laban.replay.compare.telling import headline, notes
from laban.replay.timeline import Timeline
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal

from .request import Request
from .rows import CompareRows


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, and what came out."""

    request: Request
    a: Timeline
    b: Timeline
    answer: Compared
    aligned: Aligned
    rows: CompareRows

    def summary(self) -> Iterator[tuple[str, str]]:
        """Yield what was found, as lines and what they mean."""
        answer = self.answer
        ignoring = f" · ignoring {', '.join(self.request.ignore)}" if self.request.ignore else ""
        baseline = f" · baseline {self.request.baseline}" if self.request.baseline else ""
        yield headline(answer), "ok" if answer.identical else "strong"
        yield answer.guarantee, ""
        yield f"order {answer.order} · mask {answer.mask}{ignoring}{baseline}", "faint"
        for note in notes(answer):
            if not note.startswith("mask: "):
                yield note, "changed"

    def next_difference(self, row: int) -> int:
        """Return the row of the next difference. Raises Refusal."""
        stops = self.rows.stops
        k = bisect_right(stops, row)
        if k < len(stops):
            return stops[k]
        index = bisect_right(self.aligned.differing, row - self.rows.offset)
        if index < len(self.aligned.differing):
            return self.aligned.differing[index] + self.rows.offset
        raise Refusal("Nothing differs after this." if stops else "Nothing differs.")

    def previous_difference(self, row: int) -> int:
        """Return the row of the difference before. Raises Refusal."""
        index = bisect_left(self.aligned.differing, row - self.rows.offset)
        if index:
            return self.aligned.differing[index - 1] + self.rows.offset
        stops = self.rows.stops
        if k := bisect_left(stops, row):
            return stops[k - 1]
        raise Refusal("Nothing differs before this." if stops else "Nothing differs.")

    def count_at(self, row: int) -> str:
        """Say which difference a row is."""
        stops, differing = self.rows.stops, self.aligned.differing
        if row < self.rows.offset:
            number = bisect_right(stops, row)
            return f"root {number:,} of {self.answer.root_count:,}"
        number = bisect_right(differing, row - self.rows.offset)
        return f"difference {number:,} of {len(differing):,}"

    def pointer_at(self, row: int) -> str:
        """Return the first part in which the events of a row differ, "" for none."""
        for shown in self.rows[row : row + 2]:  # the parts of a root are the rows below it
            if shown.label.startswith(_COUNTED):
                return shown.label
        return ""


_COUNTED = ("/data", "/metadata", "/source", "/correlation_id")


def compared(
    request: Request, a: Timeline, b: Timeline, baseline: Timeline | None, job: Job
) -> Comparison:
    """Compare as *request* says. Raises CancelledError and LabanError."""
    answer, aligned = side_by_side(
        request.part(a, 0),
        request.part(b, 1),
        order=request.order,
        mask=request.mask_for(a, b),
        baseline=None if baseline is None else (a, baseline),
        progress=_both(job, a.head + b.head),
        cancelled=job.cancelled,
    )
    return Comparison(request, a, b, answer, aligned, CompareRows(answer, aligned, (a, b)))


def _both(job: Job, total: int) -> Callable[[int, int], None]:
    """Return what counts the events of one log after the other."""
    job.passed, job.total = 0, total
    before = last = 0

    def advance(passed: int, _: int) -> None:
        nonlocal before, last
        if passed <= last:  # it counts the next log
            before += last
        last = passed
        job.total = max(job.total, before + passed)
        job.progress(before + passed, job.total)

    return advance
