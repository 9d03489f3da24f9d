"""Which part of a log the timeline strip shows: all of it, or the positions around one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from laban.tui.refusal import Refusal
from laban.tui.values import Column

LEAST = 8  # positions that are worth a strip


class Window:
    """A range of positions, which zooming narrows and widens and panning moves."""

    def __init__(self) -> None:
        self.first = 1
        self.last: int | None = None  # None: all that there is, however much it grows
        self._wider: list[tuple[int, int | None]] = []

    @property
    def is_whole(self) -> bool:
        """Whether the whole log is in view."""
        return self.last is None

    def narrow(self, columns: Sequence[Column], position: int) -> None:
        """Zoom in to half of the *columns* that are shown, those around *position*."""
        if not columns or columns[-1].last - columns[0].first < LEAST:
            raise Refusal("There is nothing between these events: - shows more of the log.")
        half = max(len(columns) // 4, 1)
        here = bisect_right([column.first for column in columns], position) - 1
        start = min(max(here - half, 0), max(len(columns) - 2 * half, 0))
        stop = min(start + 2 * half, len(columns)) - 1
        self._wider.append((self.first, self.last))
        self.first = columns[start].first
        self.last = max(columns[stop].last, min(self.first + LEAST, columns[-1].last))

    def widen(self) -> None:
        """Zoom out to what was shown before."""
        if self.last is None:
            raise Refusal("The whole log is in view: + shows less of it, larger.")
        first, last = self._wider.pop()
        self.first = min(first, self.first)
        self.last = None if last is None else max(last, self.last)

    def pan(self, by: int, head: int) -> None:
        """Move on by half of what is in view, or back."""
        if self.last is None:
            raise Refusal("The whole log is in view: + zooms in, then < and > move.")
        length = self.last - self.first
        first = min(max(self.first + by * max(length // 2, 1), 1), max(head - length, 1))
        if first == self.first:
            raise Refusal(f"This is the {'end' if by > 0 else 'beginning'} of the log.")
        self.first, self.last = first, min(first + length, head)

    def follow(self, position: int, head: int) -> bool:
        """Move so that *position* is in view; tell whether that was needed."""
        if self.last is None or self.first <= max(position, 1) <= self.last:
            return False
        length = self.last - self.first
        self.first = min(max(position - length // 2, 1), max(head - length, 1))
        self.last = min(self.first + length, head)
        return True
