"""Where an expression turns true or stops being so, and what was answered by hand."""

from __future__ import annotations

from rich.cells import cell_len

from laban.tui.bisect_values import Answer, EdgeRow
from laban.tui.cells import Piece, fit, plain

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

    def pieces(self, row: EdgeRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        shown = self.rows[self.scroll_offset.y :][: self.size.height]
        places = max((len(_place(each)) for each in shown), default=4)
        saids = max((len(each.said) for each in shown), default=4)
        head: list[Piece] = [
            (f"{row.answer.value} ", _ANSWERS[row.answer]),
            (f"{fit(_place(row), places)} ", "strong"),
            (f"{fit(row.said, saids)}  ", _ANSWERS[row.answer]),
        ]
        if not row.type:
            return [*head, (row.text, "faint")]
        needed = {
            name: min(max(cell_len(plain(getattr(each, name))) for each in shown), most)
            for name, most in _WIDEST.items()
            if width >= _ROOM.get(name, 0)
        }
        widths = share(needed, width - places - saids - 5)
        columns: list[Piece] = [
            (fit(getattr(row, name), cells, right=name == "elapsed") + " ", _MEANINGS.get(name, ""))
            for name, cells in widths.items()
            if name != "text"
        ]
        return [*head, *columns, (row.text if "text" in widths else "", "faint")]


def _place(row: EdgeRow) -> str:
    return f"@{row.position}" + (f"–@{row.last}" if row.last > row.position else "")
