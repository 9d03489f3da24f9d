"""A widget of one line that never lays the screen out anew."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from laban.tui.looks.cells import Piece, line


class OneLine(Widget):
    """Shows pieces of text in one row; subclasses say which."""

    DEFAULT_CSS = "OneLine { height: 1; }"
    ALLOW_SELECT = False

    def pieces(self, width: int) -> list[Piece]:
        """Return what to show in *width* cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        return line(self.pieces(width), width, self.rich_style)
