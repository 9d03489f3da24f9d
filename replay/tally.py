"""How many events a source had published at a position, counted from the marks of the index."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from threading import Lock

from .index import REMEMBERED, Index


class Tally:
    """Counts of the events of each source; what is kept grows with a log's batches, not events."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._rows: dict[str, _Rows] = {}  # by source
        self._lock = Lock()

    def until(self, source: str, position: int) -> int:
        """Return how many events of *source* there are up to *position*."""
        with self._lock:
            if source not in self._rows:
                if len(self._rows) >= REMEMBERED:
                    self._rows.clear()
                self._rows[source] = _Rows(self._index, source)
            return self._rows[source].until(position)


class _Rows:
    """The rows of `marks` of one source; the positions of one of them are kept."""

    def __init__(self, index: Index, source: str) -> None:
        self._index, self._source = index, source
        self._lasts = array("q")  # the last position of each row
        self._totals = array("q", [0])  # how many positions the rows before it have
        self._kept, self._positions = -1, array("q")

    def until(self, position: int) -> int:
        if not self._lasts or position > self._lasts[-1]:
            self._read_newer()
        row = bisect_left(self._lasts, position)
        if row == len(self._lasts):
            return self._totals[row]
        if row != self._kept:
            self._positions = self._index.marks_of("source", self._source, self._lasts[row])
            self._kept = row
        return self._totals[row] + bisect_right(self._positions, position)

    def _read_newer(self) -> None:
        after = self._lasts[-1] if self._lasts else 0
        rows = self._index.mark_counts("source", self._source, after)
        self._lasts.extend(last for last, _ in rows)
        counts = (count for _, count in rows)
        self._totals.extend(list(accumulate(counts, initial=self._totals[-1]))[1:])
