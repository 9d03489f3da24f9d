"""The log in two lines: how dense it is, where we are, where it broke."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from laban.tui.looks.cells import Piece, line
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import Column, Mark

_BARS = " ▁▂▃▄▅▆▇█"
_HERE, _LEFT, _RIGHT, _DECISION = "▼", "◀", "▶", "◇"
_GOOD, _BAD = "─", "━"
_LEGEND = "▼here ●break ✗failing"  # more than elsewhere in the log
_RIBBON_LEGEND = f"{_GOOD} good {_BAD} bad"
_BESIDE = 2  # cells between the strip and what is said beside it
_ROOMY = 100  # cells from which the legend has its place


class TimelineStrip(Widget):
    """
    Shows the density of events over time, marks above it; a click goes to a column.

    Dragging goes along with the mouse. A bisection's ribbon takes a third line.
    """

    DEFAULT_CSS = "TimelineStrip { height: 2; padding: 0 1; &.-ribbon { height: 3; } }"
    ALLOW_SELECT = False

    @dataclass
    class Wanted(Message):
        """There is another number of columns to fill: please do."""

    @dataclass
    class Picked(Message):
        """The user picked a position, or drags the mouse along it."""

        position: int
        dragging: bool = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: Sequence[Column] = ()
        self._firsts: list[int] = []
        self._label: tuple[str, str] | None = None
        self._position = 0
        self._breaks: Sequence[int] = ()
        self._marked: tuple[object, ...] = ()  # what the marks were last drawn for
        self._edges: Sequence[tuple[int, bool]] = ()
        self._dragged: int | None = None  # the column that the mouse was last dragged to

    def room(self, label: tuple[str, str] | None) -> int:
        """Return how many columns there is room for beside *label*."""
        beside = self._beside(label)
        taken = max(map(cell_len, beside)) + _BESIDE if any(beside) else 0
        return max(self.size.width - taken, 0)

    def show(self, columns: Sequence[Column], label: tuple[str, str] | None = None) -> None:
        """Show these columns, first positions ascending; *label* names them if not all."""
        self._columns, self._label = columns, label
        self._firsts = [column.first for column in columns]
        self.refresh()

    def mark(self, position: int, breaks: Sequence[int]) -> None:
        """Mark the current position, and those where a breakpoint is known to hold."""
        self._position, self._breaks = position, breaks
        marked = (self._here(), {self._column(each) for each in breaks})
        if marked != self._marked:
            self._marked = marked
            self.refresh()

    def ribbon(self, edges: Sequence[tuple[int, bool]]) -> None:
        """
        Show where the log is good and where it is bad; no edges: show that no more.

        An edge is a position, in order, and whether it is bad from there on. What is ahead of
        the first one is the other.
        """
        self._edges = edges
        self.set_class(bool(edges), "-ribbon")
        self.refresh()

    def render_line(self, y: int) -> Strip:
        rows = (self._marks, self._bars, self._ribbon)
        pieces = rows[y]() if y < len(rows) else []
        beside = self._beside(self._label)[y] if y < 3 else ""
        if beside and len(self._columns) <= self.size.width - cell_len(beside) - _BESIDE:
            space = self.size.width - len(self._columns) - cell_len(beside)
            pieces = [*pieces, (" " * space, ""), (beside, "faint")]
        return line(pieces, self.size.width, self.rich_style)

    # The mouse.

    def on_resize(self) -> None:
        self.post_message(self.Wanted())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if (column := self._under(event)) is not None:
            self.capture_mouse()
            self._dragged = column
            self.post_message(self.Picked(self._columns[column].first))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        column = self._under(event)
        if self._dragged is not None and column is not None and column != self._dragged:
            self._dragged = column
            self.post_message(self.Picked(self._columns[column].first, dragging=True))

    def on_mouse_up(self) -> None:
        self._dragged = None
        self.release_mouse()

    def _under(self, event: events.MouseEvent) -> int | None:
        """Return the column under the mouse; while it is dragged, the nearest."""
        x = int(event.screen_x) - self.content_region.x
        if self._dragged is not None:
            return min(max(x, 0), len(self._columns) - 1)
        return x if 0 <= x < len(self._columns) else None

    # The lines.

    def _beside(self, label: tuple[str, str] | None) -> tuple[str, str, str]:
        """Return what stands right of each line."""
        is_wide = self.size.width >= _ROOMY - 2
        above, below = label or (_LEGEND if is_wide else "", "")
        return above, below, _RIBBON_LEGEND if self._edges and is_wide else ""

    def _column(self, position: int) -> int:
        """Return the column of *position*; one before the first, or past the last: not in view."""
        if not self._columns or position > self._columns[-1].last:
            return len(self._columns)
        return bisect_right(self._firsts, max(position, 1)) - 1

    def _here(self) -> int:
        return self._column(self._position)

    def _bars(self) -> list[Piece]:
        here = self._here()
        return [
            (column.fold or _BARS[column.level], "here" if index == here else "bar")
            for index, column in enumerate(self._columns)
        ]

    def _marks(self) -> list[Piece]:
        here, breaks = self._here(), {self._column(each) for each in self._breaks}
        pieces = [self._mark_of(index, here, breaks) for index in range(len(self._columns))]
        if pieces and here < 0:
            pieces[0] = (_LEFT, "here")
        elif pieces and here >= len(pieces):
            pieces[-1] = (_RIGHT, "here")
        return pieces

    def _mark_of(self, index: int, here: int, breaks: set[int]) -> Piece:
        if index == here:
            return (_HERE, "here")
        if index in breaks:
            return (Mark.BREAK.value, MARK_STYLES[Mark.BREAK])
        if self._columns[index].failing:
            return (Mark.ERROR.value, MARK_STYLES[Mark.ERROR])
        return (_DECISION, "name") if self._columns[index].deciding else (" ", "")

    def _ribbon(self) -> list[Piece]:
        """Draw each column good or bad; one that an edge is in: as it ends."""
        positions = [position for position, _ in self._edges]
        pieces = []
        for column in self._columns:
            known = bisect_right(positions, max(column.last, column.first))
            is_bad = self._edges[known - 1][1] if known else not self._edges[0][1]
            pieces.append((_BAD, "error") if is_bad else (_GOOD, "ok"))
        return pieces
