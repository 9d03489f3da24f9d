"""Logs to open, one a line."""

from __future__ import annotations

from laban.tui.looks.cells import Piece, fit, width_of
from laban.tui.values import LogRow

from .virtual_list import VirtualList

_NAME = 30  # cells of a name, at the least a third of the line


class LogList(VirtualList[LogRow]):
    """Shows logs under headings, with how much is in each as far as that is known."""

    BORDER_TITLE = "Logs"

    def pieces(self, row: LogRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if not row.target:
            return [(row.name, "heading" if row.kind == "heading" else "faint")]
        name = max(_NAME, width // 3)
        about = _counts(row) or [(row.about, "faint")]
        return [("  ", ""), (_end(row.name, name), "name"), ("  ", ""), *about]


def _counts(row: LogRow) -> list[Piece]:
    if row.events is None:
        return []
    pieces: list[Piece] = [(f"{row.events:>10,} events", "")]
    if row.agents is not None:
        pieces.append((f"  {row.agents:>2,} agents", "faint"))
    if row.errors:
        pieces.append((f"  ✗ {row.errors:,}", "error"))
    return pieces


def _end(text: str, width: int) -> str:
    """Return *text* in *width* cells; of a long path the end is what tells."""
    while width_of([(text, "")]) > width:
        text = "…" + text.lstrip("…")[1:]
    return fit(text, width)
