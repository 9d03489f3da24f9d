"""The tables and their columns."""

from __future__ import annotations

from laban.tui.looks.cells import Piece, fit, width_of
from laban.tui.sql.values import TableRow

from .virtual_list import VirtualList

_NAME, _TYPE = 17, 14  # cells of the columns' names and types where comments have room, too


class TableList(VirtualList[TableRow]):
    """Shows what can be asked: names, types, and what they mean where there is room."""

    BORDER_TITLE = "1 Tables"

    def pieces(self, row: TableRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.is_table:
            return [(row.name, "heading"), (f"  {row.comment}", "faint")]
        if width > _NAME + _TYPE:
            return [
                (f"  {fit(row.name, _NAME)} ", "name"),
                (fit(row.type, _TYPE), "faint"),
                (row.comment, ""),
            ]
        name: list[Piece] = [(f"  {row.name} ", "name")]
        room = max(width - width_of(name), 0)
        return [*name, (fit(row.type.lower(), room, right=True), "faint")]
