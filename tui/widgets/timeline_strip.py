"""The whole log in two lines: how dense it is, where we are, where it broke."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from laban.tui.cells import Piece, line
from laban.tui.theme import MARK_STYLES
from laban.tui.values import Column, Mark

_BARS = " ▁▂▃▄▅▆▇█"
_HERE = "▼"
_LEGEND = "  ▼here ●break ✗failing"  # more than elsewhere in the log
_ROOMY = 100  # cells from which the legend has its place


class TimelineStrip(Widget):
    """Shows the density of events over time, marks above it; a click goes to a column."""

    DEFAULT_CSS = "TimelineStrip { height: 2; padding: 0 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Wanted(Message):
        """There is room for this many columns: please show them."""

        columns: int

    @dataclass
    class Picked(Message):
        """The user picked a position."""

        position: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: Sequence[Column] = ()
        self._firsts: list[int] = []
        self._position = 0
        self._breaks: set[int] = set()

    def show(self, columns: Sequence[Column]) -> None:
        """Show these columns, first positions ascending."""
        self._columns = columns
        self._firsts = [column.first for column in columns]
        self.refresh()

    def mark(self, position: int, breaks: Sequence[int]) -> None:
        """Mark the current position, and those where a breakpoint is known to hold."""
        here = self._column(position) != self._column(self._position)
        columns = {self._column(each) for each in breaks}
        self._position = position
        if here or columns != self._breaks:
            self._breaks = columns
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        pieces = self._bars() if y else self._marks(width)
        return line(pieces, width, self.rich_style)

    def on_resize(self) -> None:
        width = self.size.width
        self.post_message(self.Wanted(width - len(_LEGEND) if width >= _ROOMY - 2 else width))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < len(self._columns):
            self.post_message(self.Picked(self._columns[offset.x].first))

    def _column(self, position: int) -> int:
        return max(bisect_right(self._firsts, position) - 1, 0)

    def _bars(self) -> list[Piece]:
        here = self._column(self._position)
        return [
            ("⋯" if column.fold else _BARS[column.level], "here" if index == here else "faint")
            for index, column in enumerate(self._columns)
        ]

    def _marks(self, width: int) -> list[Piece]:
        here = self._column(self._position)
        pieces = [self._mark_of(index, here) for index in range(len(self._columns))]
        if width - len(pieces) >= len(_LEGEND):
            pieces.append((_LEGEND, "faint"))
        return pieces

    def _mark_of(self, index: int, here: int) -> Piece:
        if index == here:
            return (_HERE, "here")
        if index in self._breaks:
            return (Mark.BREAK.value, MARK_STYLES[Mark.BREAK])
        if self._columns[index].failing:
            return (Mark.ERROR.value, MARK_STYLES[Mark.ERROR])
        return (" ", "")
