"""Where an expression turns true or stops being so, and what was answered by hand."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from laban.tui.bisect.values import Answer, EdgeRow
from laban.tui.looks.cells import Piece, fit, plain

from .event_list import share
from .virtual_list import VirtualList

_WIDEST = {"group": 16, "type": 22, "stream": 18, "elapsed": 14, "source": 16, "text": 24}  # cells
_ROOM = {"elapsed": 90, "source": 110}  # cells of the list from which there is room for these
_MEANINGS = {"group": "strong", "elapsed": "faint", "source": "source", "stream": "name"}
_ANSWERS = {
    Answer.GOOD: "ok",
    Answer.BAD: "error",
    Answer.SKIP: "changed",
    Answer.NEXT: "here",
    Answer.OPEN: "changed",
}


class EdgeList(VirtualList[EdgeRow]):
    """Shows positions, what is true of them, and their events."""

    BORDER_TITLE = "Edges"
    NOTHING = "no position to show"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fitted: tuple[int, ...] = ()  # what the widths were chosen for
        self._widths: dict[str, int] = {}
        self._place = self._said = 4  # cells

    def show(self, rows: Sequence[EdgeRow], cursor: int) -> None:
        self._fitted = ()
        super().show(rows, cursor)

    def pieces(self, row: EdgeRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        self._fit_columns(width)
        head: list[Piece] = [
            (f"{row.answer.value} ", _ANSWERS[row.answer]),
            (f"{fit(_place(row), self._place)} ", "strong"),
            (f"{fit(row.said, self._said)}  ", _ANSWERS[row.answer]),
        ]
        if not row.type:
            return [*head, (row.text, "faint")]
        columns: list[Piece] = [
            (fit(getattr(row, name), cells, right=name == "elapsed") + " ", _MEANINGS.get(name, ""))
            for name, cells in self._widths.items()
            if name != "text"
        ]
        return [*head, *columns, (row.text if "text" in self._widths else "", "faint")]

    def _fit_columns(self, width: int) -> None:
        """Choose the widths of the columns for the rows in view."""
        top, height = self.scroll_offset.y, self.size.height
        if self._fitted == (top, height, width):
            return
        self._fitted = (top, height, width)
        shown = self.rows[top : top + height]
        self._place = max((len(_place(row)) for row in shown), default=4)
        self._said = max((len(row.said) for row in shown), default=4)
        needed = {
            name: min(max((cell_len(plain(getattr(row, name))) for row in shown), default=0), most)
            for name, most in _WIDEST.items()
            if width >= _ROOM.get(name, 0)
        }
        self._widths = share(needed, width - self._place - self._said - 5)


def _place(row: EdgeRow) -> str:
    return f"@{row.position}" + (f"–@{row.last}" if row.last > row.position else "")
