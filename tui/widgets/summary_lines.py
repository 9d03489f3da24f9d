"""A few lines of text above a list: what was found, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

from textual.strip import Strip
from textual.widget import Widget

from laban.tui.looks.cells import Piece, line

_MOST = 6  # rows


class SummaryLines(Widget):
    """Shows lines with what they mean, wrapped, in as many rows as they need."""

    DEFAULT_CSS = "SummaryLines { height: 1; padding: 0 1; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Piece] = ()

    def show(self, lines: Iterable[Piece]) -> None:
        """Show *lines*; the meaning of each is one of theme.STYLES."""
        self._lines = list(lines)
        self._grow()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        rows = self._rows()
        pieces = [rows[y]] if y < len(rows) else []
        return line(pieces, self.size.width, self.rich_style)

    def on_resize(self) -> None:
        self._grow()

    def _grow(self) -> None:
        """Take the rows that are needed; only a change of them lays the screen out."""
        rows = max(len(self._rows()), 1)
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows

    def _rows(self) -> list[Piece]:
        width = max(self.size.width, 20)
        wrapped = [(part, meaning) for text, meaning in self._lines for part in wrap(text, width)]
        return wrapped[:_MOST]
