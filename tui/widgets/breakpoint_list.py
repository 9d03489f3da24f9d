"""The breakpoints."""

from __future__ import annotations

from laban.tui.cells import Piece
from laban.tui.values import BreakpointRow

from .virtual_list import VirtualList


class BreakpointList(VirtualList[BreakpointRow]):
    """Shows what `c` and `C` run to."""

    BORDER_TITLE = "3 Breakpoints"
    NOTHING = "none yet: b sets one, W watches a path"

    def pieces(self, row: BreakpointRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        met = f"  met {row.hits:,} time{'s' * (row.hits != 1)}" if row.hits else ""
        dot, style = ("● ", "break") if row.enabled else ("○ ", "faint")
        return [(dot, style), (row.text, "" if row.enabled else "faint"), (met, "faint")]
