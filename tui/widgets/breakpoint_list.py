"""The breakpoints."""

from __future__ import annotations

from laban.tui.cells import Piece
from laban.tui.values import BreakpointRow

from .virtual_list import VirtualList


class BreakpointList(VirtualList[BreakpointRow]):
    """Shows the expressions that `c` and `C` run to."""

    BORDER_TITLE = "3 Breakpoints"
    NOTHING = "none yet: b sets one"

    def pieces(self, row: BreakpointRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        found = f"  seen at {row.found:,}" if row.found else ""
        return [("● ", "break"), (row.text, ""), (found, "faint")]
