"""The watches and the breakpoints."""

from __future__ import annotations

from laban.tui.looks.cells import Piece
from laban.tui.values import BreakpointRow

from .virtual_list import VirtualList


class BreakpointList(VirtualList[BreakpointRow]):
    """Shows what is watched, with its value, and what `c` and `C` run to."""

    BORDER_TITLE = "3 Watches · Breakpoints"
    NOTHING = "none: a watches, b breaks, W does both"

    def pieces(self, row: BreakpointRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        met = f"  met {row.hits:,} time{'s' * (row.hits != 1)}" if row.hits else ""
        dot, style = ("● ", "break") if row.enabled else ("○ ", "faint")
        if not row.stops:
            dot = "  " if row.enabled else "○ "
        value = f"  {row.value}" if row.enabled and row.name else ""
        was = f" (was {row.before})" if row.before and value else ""
        return [
            (dot, style),
            (f"{row.name} " if row.name else "", "faint"),
            (row.text, "" if row.enabled else "faint"),
            (value, "changed" if was else "strong"),
            (was, "faint"),
            (met, "faint"),
        ]
