"""What a path has been, from its first write to its last."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from laban.replay.builder import CancelledError
from laban.replay.pointer import MISSING
from laban.replay.timeline import Timeline
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from laban.tui.values import DetailRow, Mark, RowKind

from .preview import preview

COLUMNS = 40  # of the sparkline
LISTED = 500  # writes that are listed, the last ones
_POLL = 200  # writes between two looks at whether it is cancelled
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class History:
    """The writes of a path, in brief."""

    pointer: str
    count: int
    first: int  # position
    line: str  # a sparkline over all positions of the log
    range: str  # of its numbers, "" when other values are among them
    last: Sequence[tuple[int, str]]  # the last writes, newest first: position and value

    def rows(self, position: int) -> list[DetailRow]:
        """Return it as rows, the write that is in force at *position* marked."""
        here = next((at for at, _ in self.last if at <= position), 0)
        what = "values" if self.range else "writes"
        more = self.count - len(self.last)
        last = self.last[0][0]
        return [
            DetailRow(f"history of {self.pointer}", kind=RowKind.HEADING),
            DetailRow(what, self.line),
            *([DetailRow("range", self.range)] if self.range else []),
            DetailRow("written", _often(self.count, self.first, last)),
            DetailRow("last values first; enter goes there, H shows the event", kind=RowKind.NOTE),
            *(_entry(at, text, here) for at, text in self.last),
            *([DetailRow(f"… and {more:,} earlier writes", kind=RowKind.NOTE)] if more else []),
        ]

    def row_of(self, position: int) -> int:
        """Return the row that is marked, 0 when the path was not written yet."""
        rows = self.rows(position)
        return next((n for n, row in enumerate(rows) if row.mark is Mark.HERE), 0)


def history_of(timeline: Timeline, pointer: str, job: Job) -> History:
    """Read the history of a path. Raises CancelledError, UnknownPointerError and Refusal."""
    if pointer in ("", "/"):
        raise Refusal("Select a path in the state first: 2 goes there.")
    head = max(timeline.head, 1)
    last: deque[tuple[int, Any]] = deque(maxlen=LISTED)
    values: list[Any] = [None] * COLUMNS  # the last one in each
    writes = [0] * COLUMNS
    numbers: list[float] | None = []  # the least and the greatest; None: there are others
    first = count = 0
    for write in timeline.history(pointer):
        if count % _POLL == 0:
            job.progress(count, 0)
            if job.cancelled():
                raise CancelledError(f"Cancelled after {count:,} writes.")
        count, first = count + 1, first or write.position
        column = min((write.position - 1) * COLUMNS // head, COLUMNS - 1)
        values[column], writes[column] = write.value, writes[column] + 1
        last.appendleft((write.position, write.value))
        numbers = _with(numbers, write.value)
    texts = [(at, "removed" if value is MISSING else preview(value)) for at, value in last]
    if numbers:
        low, high = numbers
        return History(pointer, count, first, _curve(values, low, high), f"{low} to {high}", texts)
    return History(pointer, count, first, _density(writes), "", texts)


def _with(numbers: list[float] | None, value: Any) -> list[float] | None:
    """Return the least and the greatest number with *value*, None when that is no number."""
    if value is MISSING or value is None:
        return numbers
    if numbers is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return [min([*numbers, value]), max([*numbers, value])]


def _curve(values: Sequence[Any], low: float, high: float) -> str:
    """Draw numbers from *low* to *high*; each stays until the next."""
    line, now = "", " "
    for value in values:
        if value is MISSING:
            now = " "
        elif value is not None:
            share = (value - low) / (high - low) if high > low else 0.5
            now = _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]
        line += now
    return line


def _density(writes: Sequence[int]) -> str:
    """Draw how often there was a write."""
    most = max(writes)
    return "".join(_BARS[(count * len(_BARS) - 1) // most] if count else "·" for count in writes)


def _often(count: int, first: int, last: int) -> str:
    return f"once, @{first:,}" if count == 1 else f"{count:,} times, @{first:,} to @{last:,}"


def _entry(at: int, text: str, here: int) -> DetailRow:
    return DetailRow(f"@{at:,}", text, target=at, mark=Mark.HERE if at == here else Mark.NONE)
