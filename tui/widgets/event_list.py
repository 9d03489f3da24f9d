"""The events of a log, one a line."""

from __future__ import annotations

from rich.cells import cell_len

from laban.tui.cells import Piece, fit
from laban.tui.theme import MARK_STYLES
from laban.tui.values import EventRow, Mark

from .virtual_list import VirtualList

# Cells that a column grows to: at most these, and this share of the width.
_WIDEST = {"elapsed": (14, 1), "source": (16, 6), "type": (22, 4), "stream": (18, 5)}


class EventList(VirtualList[EventRow]):
    """Shows events; the cursor is the current position."""

    BORDER_TITLE = "1 Events"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._widths = dict.fromkeys(_WIDEST, 4)

    def pieces(self, row: EventRow, index: int, width: int) -> list[Piece]:
        here = Mark.HERE if index == self.cursor else Mark.NONE
        digits = len(str(max(len(self.rows) - 1, 1)))
        head: list[Piece] = [
            (here.value, MARK_STYLES[here]),
            (row.mark.value, MARK_STYLES[row.mark]),
            (f"{row.position:>{digits}} ", "strong" if here is Mark.HERE else "faint"),
        ]
        if row.position == 0:
            return [*head, (row.summary, "faint")]
        widths = self._columns(row, width)
        return [
            *head,
            (fit(row.elapsed, widths["elapsed"], right=True) + " ", "faint"),
            (fit(row.source, widths["source"]) + " ", "source"),
            (fit(row.type, widths["type"]) + " ", "error" if row.mark is Mark.ERROR else ""),
            (fit(row.stream, widths["stream"]) + " ", "name"),
            (row.summary, "faint"),
        ]

    def _columns(self, row: EventRow, width: int) -> dict[str, int]:
        """Return the columns' widths; they only grow, so that stepping shifts nothing back."""
        for name in _WIDEST:
            needed = cell_len(getattr(row, name))
            if needed > self._widths[name]:
                self._widths[name] = needed
                self.refresh()
        return {
            name: min(self._widths[name], most, width // share)
            for name, (most, share) in _WIDEST.items()
        }
