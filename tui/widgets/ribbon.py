"""The whole log in two lines: where an expression is true, and where not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from laban.tui.bisect.values import RibbonColumn
from laban.tui.looks.cells import Piece, line

_LEGEND = "  ▼here ─good █bad ▒both ░unknown"
_ROOMY = 110  # cells from which the legend has its place


class Ribbon(Widget):
    """Shows good and bad over the log's positions; a click picks one."""

    DEFAULT_CSS = "Ribbon { height: 2; padding: 0 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Wanted(Message):
        """There is room for this many columns: please show them."""

        columns: int

    @dataclass
    class Picked(Message):
        """The user picked a column, which holds these positions."""

        first: int
        last: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: Sequence[RibbonColumn] = ()
        self._here = 0

    @property
    def columns(self) -> int:
        """For how many columns there is room."""
        width = self.size.width
        return width - len(_LEGEND) if width >= _ROOMY else width

    def show(self, columns: Sequence[RibbonColumn]) -> None:
        """Show these columns, first positions ascending."""
        self._columns = columns
        self.refresh()

    def point(self, position: int) -> None:
        """Mark a position."""
        self._here = position
        self.refresh()

    def render_line(self, y: int) -> Strip:
        return line(self._bar() if y else self._mark(), self.size.width, self.rich_style)

    def on_resize(self) -> None:
        self.post_message(self.Wanted(self.columns))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < len(self._columns):
            column = self._columns[offset.x]
            self.post_message(self.Picked(column.first, column.last))

    def _mark(self) -> list[Piece]:
        if not self._columns:
            return []
        firsts = [column.first for column in self._columns]
        here = max(bisect_right(firsts, self._here) - 1, 0)
        space = " " * (len(firsts) - here - 1)
        legend = _LEGEND if self.size.width - len(firsts) >= len(_LEGEND) else ""
        return [(" " * here, ""), ("▼", "here"), (space + legend, "faint")]

    def _bar(self) -> list[Piece]:
        return [_cell(column) for column in self._columns]


def _cell(column: RibbonColumn) -> Piece:
    if column.good and column.bad:
        return ("▒", "error")
    if column.bad:
        return ("█", "error")
    if column.good:
        return ("─", "ok")
    return ("×", "changed") if column.skipped else ("░", "faint")
