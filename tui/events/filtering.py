"""The events that are listed: all of them, or those that a filter lets through."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import overload

from laban.replay.builder import CancelledError
from laban.replay.timeline import Timeline
from laban.tui.jobs import Job
from laban.tui.pages import Pages
from laban.tui.refusal import Refusal
from laban.tui.values import EventRow

from .rows import event_row
from .scanning import scan
from .wanted import parse_wanted

_MADE = 2_000  # rows that are kept


class Positions(Sequence[int]):
    """
    Positions in order that are found outwards from one of them.

    A thread adds to them; what is seen of them changes only by `take_in`.
    """

    def __init__(self) -> None:
        self.before, self.after = array("q"), array("q")  # each outwards
        self._before = self._after = 0  # so many of them are seen

    def take_in(self) -> int | None:
        """See what was added; return how many of it stand before all others, None: no new ones."""
        before, after = len(self.before), len(self.after)
        new = before - self._before
        grew = new or after > self._after
        self._before, self._after = before, after
        return new if grew else None

    def __len__(self) -> int:
        return self._before + self._after

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...

    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(f"There is no item {index} among {len(self)}.")
        if index < self._before:
            return self.before[self._before - 1 - index]
        return self.after[index - self._before]


class Filter:
    """
    What a filter lets through, found from a position outwards, as far as was looked.

    Raises ExpressionError and others for a text that asks for nothing.
    """

    def __init__(
        self, text: str, timeline: Timeline, here: int, start_ns: Callable[[], int | None]
    ) -> None:
        self.text = text
        self.wanted = parse_wanted(text)
        self.positions = Positions()
        self.rows: Pages[EventRow] = Pages(0, self._fetch)
        self._timeline, self._start_ns = timeline, start_ns
        self._made: dict[int, EventRow] = {}  # rows, by position
        self._last = max(here - 1, 0)  # of those looked at
        self._first = self._last + 1

    def look(self, head: int, job: Job) -> None:
        """Look through the rest of the log up to *head*. Raises CancelledError."""
        what = self.wanted.what
        ahead = scan(self._timeline, what, self._last, head, job.cancelled)
        back = scan(self._timeline, what, self._first, 1, job.cancelled)
        ways = [(ahead, self._found_ahead), (back, self._found_back)]
        while ways:
            for way in list(ways):
                chunks, take = way
                if (chunk := next(chunks, None)) is None:
                    ways.remove(way)
                else:
                    take(*chunk)
                job.progress(self.looked, head)
                if job.cancelled():
                    raise CancelledError(f"Cancelled after looking at {self.looked:,} events.")

    @property
    def looked(self) -> int:
        """How many events were looked at."""
        return self._last - self._first + 1

    def complete(self, head: int) -> bool:
        """Tell whether all events up to *head* were looked at."""
        return self.looked >= head

    def take_in(self) -> int | None:
        """List what was found meanwhile, as `Positions.take_in` does."""
        above = self.positions.take_in()
        if above:
            self.rows.clear()
        if above is not None:
            self.rows.grow(len(self.positions))
        return above

    def caption(self, head: int) -> str:
        """Say what it lets through: `type Failed: 1,204 of 48,213`."""
        looked = "" if self.complete(head) else f", {self.looked:,} looked at"
        return f"filter {self.wanted.name}: {len(self.positions):,} of {head:,}{looked}"

    def knows(self, position: int, by: int) -> bool:
        """Tell whether it was looked from *position* to the last event, or to the first."""
        return self._first <= 1 if by < 0 else position <= self._last

    def _found_ahead(self, reached: int, found: Sequence[int]) -> None:
        self.positions.after.extend(found)
        self._last = max(reached, self._last)

    def _found_back(self, reached: int, found: Sequence[int]) -> None:
        self.positions.before.extend(found)
        self._first = min(reached, self._first)

    def _fetch(self, start: int, stop: int) -> list[EventRow]:
        return [self._row(self.positions[row]) for row in range(start, stop)]

    def _row(self, position: int) -> EventRow:
        """Return the row of an event; where more is found, it stands elsewhere, and is the same."""
        row = self._made.get(position)
        if row is None:
            start = self._start_ns()
            row = event_row(self._timeline.log.get(position), start)
            if len(self._made) >= _MADE:
                self._made.clear()
            if start is not None:  # else its time may be known later
                self._made[position] = row
        return row


class Listing:
    """The rows of the event list, and which position each is of. Without a filter: all."""

    def __init__(self) -> None:
        self.filter: Filter | None = None
        self.kept = ""  # the text of a filter to begin with

    def row_of(self, position: int) -> int:
        """Return the row of *position*; where it is not listed, that of the one before."""
        if self.filter is None:
            return position
        return max(bisect_right(self.filter.positions, position) - 1, 0)

    def at(self, row: int) -> int:
        """Return the position of a row."""
        return row if self.filter is None else self.filter.positions[row]

    def lists(self, position: int) -> bool:
        """Tell whether *position* has a row."""
        if self.filter is None:
            return True
        positions = self.filter.positions
        row = bisect_left(positions, position)
        return row < len(positions) and positions[row] == position

    def neighbour(self, position: int, by: int) -> int:
        """Return the listed position next to *position*, or before it. Needs a filter."""
        assert self.filter is not None
        positions = self.filter.positions
        row = bisect_right(positions, position) if by > 0 else bisect_left(positions, position) - 1
        if 0 <= row < len(positions):
            return positions[row]
        way = "after" if by > 0 else "before"
        if self.filter.knows(position, by):
            raise Refusal(f"The filter lets nothing through {way} @{position:,}: \\ shows all.")
        raise Refusal(f"Nothing found {way} @{position:,} so far: the filter is still looking.")
