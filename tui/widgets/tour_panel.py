"""The step of the guided tour, in a few lines above the status line."""

from __future__ import annotations

from textwrap import wrap

from textual.strip import Strip
from textual.widget import Widget

from laban.tui.looks.cells import Piece, line

_ROWS = 3  # that a step may take


class TourPanel(Widget):
    """Shows how far the tour is, and what to look at and to press now."""

    DEFAULT_CSS = "TourPanel { height: 3; display: none; background: $panel; }"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._text = self._progress = ""

    def show(self, text: str, progress: str) -> None:
        """Show a step; nothing at all when *text* is empty."""
        self._text, self._progress = text, progress
        self.display = bool(text)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        label = f" Tour {self._progress}  "
        rows = wrap(self._text, max(width - len(label) - 1, 20), max_lines=_ROWS, placeholder=" …")
        pieces: list[Piece] = [(label if y == 0 else " " * len(label), "key")]
        pieces.append((rows[y] if y < len(rows) else "", ""))
        return line(pieces, width, self.rich_style)
