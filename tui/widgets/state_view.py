"""What the event changed, and the state after it."""

from __future__ import annotations

from laban.tui.looks.cells import Piece
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import Mark, RowKind, StateRow

from .virtual_list import VirtualList


class StateView(VirtualList[StateRow]):
    """Shows paths and their values; changes come first, as before → after."""

    BORDER_TITLE = "2 State"

    def pieces(self, row: StateRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.kind is RowKind.HEADING:
            return [(_fold(row), "faint"), (row.label, "heading"), (f"  {row.value}", "faint")]
        if row.kind is not RowKind.VALUE and row.kind is not RowKind.CHANGE:
            return [("  " + row.label, "faint")]
        mark = (f"{row.mark.value} ", MARK_STYLES[row.mark])
        indent = "  " * row.depth
        if row.kind is RowKind.CHANGE:
            return [mark, (f"{indent}{row.label}  ", "name"), *_change(row)]
        return [
            mark,
            (indent + _fold(row), "faint"),
            (f"{row.label}  ", "name"),
            (row.value, MARK_STYLES[row.mark]),
        ]


def _fold(row: StateRow) -> str:
    if row.open is None:
        return "  " if row.kind is RowKind.VALUE else ""
    return "▾ " if row.open else "▸ "


def _change(row: StateRow) -> list[Piece]:
    if row.mark is Mark.ADDED:
        return [(row.value, "added")]
    if row.mark is Mark.REMOVED:
        return [("was ", "faint"), (row.before, "removed")]
    return [(row.before, "faint"), (" → ", "faint"), (row.value, "changed")]
