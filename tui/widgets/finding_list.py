"""What a check found."""

from __future__ import annotations

from laban.tui.check.values import FindingRow
from laban.tui.looks.cells import Piece, fit

from .virtual_list import VirtualList

_PLACE = 9  # cells


class FindingList(VirtualList[FindingRow]):
    """Shows findings under their kinds: certain ones ✗, possible ones ?, notes ·."""

    BORDER_TITLE = "1 Findings"
    NOTHING = "none"

    def pieces(self, row: FindingRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.count:
            fold = "▾ " if row.open else "▸ "
            return [(fold, "faint"), (row.text, "heading"), (f"  {row.count:,}", "faint")]
        mark = (
            ("· ", "faint") if row.note else ("✗ ", "error") if row.certain else ("? ", "changed")
        )
        place = "" if row.position is None else f"@{row.position}"
        return [("  ", ""), mark, (fit(place, _PLACE) + " ", "name"), (row.text, "")]
