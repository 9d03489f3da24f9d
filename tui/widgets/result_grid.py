"""The rows of a query, with a cursor on one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from laban.tui.looks.cells import Piece, fit
from laban.tui.sql.values import Table

from .one_line import OneLine
from .virtual_list import VirtualList

_GAP = 2  # cells between two columns: a mark and a space
_WIDEST = 40  # cells of a column when there is not room for all


class _Names(OneLine):
    """The names of the columns in view."""

    shown: Sequence[Piece] = ()

    def pieces(self, width: int) -> list[Piece]:  # noqa: ARG002
        return [(" ", ""), *self.shown]


class _Rows(VirtualList[Sequence[str]]):
    """The rows; columns scroll one by one."""

    NOTHING = "no rows"

    def __init__(self, grid: ResultGrid) -> None:
        super().__init__(id="rows")
        self.styles.border = ("none", "black")  # the grid has one, in every look
        self._grid = grid

    def on_click(self, event: events.Click) -> None:
        if (offset := event.get_content_offset(self)) is not None:
            self._grid.pick(offset.x)

    def pieces(self, row: Sequence[str], index: int, width: int) -> list[Piece]:  # noqa: ARG002
        return self._grid.cells_of(row, "" if index != self.cursor else "strong")


class ResultGrid(Vertical):
    """Shows a table under the names of its columns; left and right select a column."""

    DEFAULT_CSS = """
    ResultGrid {
        border: round $border;
        border-title-color: $text-muted;
        &:focus-within { border: round $accent; border-title-color: $text; }
    }
    """

    @dataclass
    class Picked(Message):
        """The user clicked on a column."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table = Table()
        self.column = 0  # the selected one
        self._first = 0  # the leftmost one in view
        self.names = _Names()
        self.rows = _Rows(self)

    def compose(self) -> ComposeResult:
        yield self.names
        yield self.rows

    def show(self, table: Table) -> None:
        """Show another table; the cursor begins on a position, if one is in view."""
        self.table, self._first, self.column = table, 0, 0
        in_view = [column for column, width in self._in_view() if width == self._width(column)]
        self.column = next((each for each in table.positions if each in in_view), 0)
        self.rows.show(table.rows, 0)
        self._keep_in_view()

    def move(self, by: int) -> None:
        """Select another column."""
        self.column = max(min(self.column + by, len(self.table.columns) - 1), 0)
        self._keep_in_view()

    def pick(self, x: int) -> None:
        """Select the column at cell *x*."""
        end = 1  # after the mark of the cursor
        for column, width in self._in_view():
            end += width + _GAP
            if x < end:
                self.move(column - self.column)
                self.post_message(self.Picked())
                return

    @property
    def position(self) -> int | None:
        """The position that the selected cell, or else its row, tells."""
        if not self.table.rows:
            return None
        return self.table.position(self.rows.cursor, self.column)

    @property
    def hidden(self) -> str:
        """The selected value, when its column is too narrow for it."""
        if not self.table.rows:
            return ""
        text = self.table.rows[self.rows.cursor][self.column]
        cut = self.table.widths[self.column] > self._width(self.column)
        return text if cut and fit(text, self._width(self.column)).endswith("…") else ""

    def cells_of(self, row: Sequence[str], meaning: str) -> list[Piece]:
        """Return the cells of *row* that are in view; the selected one stands out."""
        pieces: list[Piece] = []
        for column, width in self._in_view():
            here = column == self.column and bool(meaning)
            pieces.append(("▸" if here else " ", "here"))
            text = fit(row[column], width, right=self.table.numeric[column])
            pieces.append((f"{text} ", "here" if here else ""))
        return pieces

    def on_resize(self) -> None:
        self._keep_in_view()

    @property
    def _room(self) -> int:
        return max(self.size.width - 2, 10)  # besides the cursor's mark and the scrollbar

    def _width(self, column: int) -> int:
        """Return the cells of a column: all it needs, when the others leave them."""
        widths = self.table.widths
        spare = self._room - sum(min(width, _WIDEST) + _GAP for width in widths)
        most = _WIDEST + max(spare, 0)
        return min(widths[column], most, self._room - _GAP)

    def _in_view(self) -> list[tuple[int, int]]:
        """Return the columns in view and their cells; the last one may have fewer than it needs."""
        left, found = self._room, []
        for column in range(self._first, len(self.table.columns)):
            width = min(self._width(column), left - _GAP)
            if width < 1:
                break
            found.append((column, width))
            left -= width + _GAP
        return found

    def _keep_in_view(self) -> None:
        self._first = min(self._first, self.column)
        while self._first < self.column and self._end(self.column) > self._room:
            self._first += 1
        names: list[Piece] = []
        for column, width in self._in_view():
            mark = "▾" if column == self.column else " "
            text = fit(self.table.columns[column], width, right=self.table.numeric[column])
            names += [(mark, "here"), (f"{text} ", "heading")]
        self.names.shown = names
        self.names.refresh()
        self.rows.refresh()

    def _end(self, column: int) -> int:
        return sum(self._width(each) + _GAP for each in range(self._first, column + 1))
