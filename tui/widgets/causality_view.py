"""The tree of causes and effects around the current event."""

from __future__ import annotations

from laban.tui.looks.cells import Piece
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import CRITICAL, Mark, RowKind, TreeRow

from .virtual_list import VirtualList

DOT = "○"  # an event; ● is a breakpoint


class CausalityView(VirtualList[TreeRow]):
    """Shows causes from the root down to an event, and its effects below."""

    NOTHING = "nothing has happened yet"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._position = 0

    def show_around(self, rows: list[TreeRow], cursor: int, position: int) -> None:
        """Show the tree of the event at *position*, with the cursor on row *cursor*."""
        self._position = position
        self.show(rows, cursor)

    def pieces(self, row: TreeRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        edges: Piece = (row.edges, "faint")
        if row.kind is RowKind.HEADING:
            return [(row.text, "heading")]
        if row.position is None:
            mark = f"{row.mark.value} " if row.mark.strip() else ""
            leads = " ↵" if row.target is not None or row.kind is RowKind.MORE else ""
            style = MARK_STYLES[row.mark] if mark else "faint"
            return [edges, (mark, style), (row.text, style), (leads, "key")]
        here = row.position == self._position
        type_style = "error" if row.mark is Mark.ERROR else "strong" if here else ""
        return [
            edges,
            _dot(row, here),
            (f" @{row.position}", "strong" if here else "faint"),
            (f" {row.type}", type_style),
            (f"  {row.source}", "source"),
            (f"  {row.after}" if row.after else "", "changed" if row.critical else ""),
            (f"  {row.text}", "faint"),
        ]


def _dot(row: TreeRow, here: bool) -> Piece:
    if here:
        return (Mark.HERE.value, "here")
    if row.critical:
        return (CRITICAL, "changed")
    if row.mark is Mark.ERROR:
        return (Mark.ERROR.value, "error")
    return (DOT, "faint")
