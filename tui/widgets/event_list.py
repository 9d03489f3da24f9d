"""The events of a log, one a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content

from laban.tui.looks.cells import Piece, fit, plain
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import CRITICAL, EventRow, Mark

from .virtual_list import VirtualList

_WIDEST = {"elapsed": 14, "source": 16, "type": 22, "stream": 18, "summary": 24}  # cells
_LEAST = 10  # a column that would be cut to less …
_FIRST_TO_GO = ("elapsed", "source", "summary")  # … drives one of these out


class EventList(VirtualList[EventRow]):
    """Shows events; the cursor is the current position."""

    BORDER_TITLE = "1 Events"
    NOTHING = "nothing so far; \\ shows all events"
    CURSOR = Mark.HERE
    BESIDE: ClassVar[str] = "▷"  # the cursor where the current position is not listed

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._needed: dict[str, int] = {}
        self._widths: dict[str, int] = {}
        self._fitted: tuple[int, ...] = ()  # what the widths were chosen for
        self._highest = 0  # position that is listed, where a filter leaves some out
        self._caption = ""
        self._path: Collection[int] = ()
        self._letters: Mapping[int, str] = {}
        self._away = False

    def mark_path(self, path: Collection[int]) -> None:
        """Mark the events of the critical path."""
        if path != self._path:
            self._path = path
            self.refresh()

    def mark_letters(self, letters: Mapping[int, str]) -> None:
        """Show these letters at their positions."""
        if letters != self._letters:
            self._letters = letters
            self.refresh()

    def filtered(self, caption: str, highest: int) -> None:
        """Say what a filter lets through, of positions up to *highest*; nothing: all events."""
        self._highest = highest if caption else 0
        if caption != self._caption:
            self._caption = caption
            self.border_subtitle = Content(plain(caption))

    def stand(self, index: int, *, away: bool) -> None:
        """Put the cursor on row *index*; *away*: the current position is not listed."""
        if away != self._away:
            self._away = away
            self.refresh()
        self.cursor = index

    @property
    def cursor_mark(self) -> str:
        return self.BESIDE if self._away else self.CURSOR

    def pieces(self, row: EventRow, index: int, width: int) -> list[Piece]:
        digits = len(str(max(self._highest or len(self.rows) - 1, 1)))
        head: list[Piece] = [
            self._mark(row),
            (f"{row.position:>{digits}}", "strong" if index == self.cursor else "faint"),
            (CRITICAL if row.position in self._path else " ", "changed"),
        ]
        if row.position == 0:
            return [*head, (row.summary, "faint")]
        widths = self._columns(width, digits + 2)
        type_ = "error" if row.mark is Mark.ERROR else ""
        meanings = {"elapsed": "faint", "source": "source", "type": type_, "stream": "name"}
        columns: list[Piece] = [
            (fit(getattr(row, name), cells, right=name == "elapsed") + " ", meanings[name])
            for name, cells in widths.items()
            if name != "summary"
        ]
        return [*head, *columns, (row.summary if "summary" in widths else "", "faint")]

    def _mark(self, row: EventRow) -> Piece:
        """Return the letter of a row that is marked, or what else it is worth noticing for."""
        if letter := self._letters.get(row.position):
            return (letter, "here")
        return (row.mark.value, MARK_STYLES[row.mark])

    def _columns(self, width: int, taken: int) -> dict[str, int]:
        """Return the widths of the columns that have room beside the *taken* cells."""
        top, height = self.scroll_offset.y, self.size.height
        fitted = (top, height, width, taken, min(len(self.rows), top + height))
        if self._fitted != fitted:
            before = self._fitted[0] if self._fitted else -height
            needed = self._page_needs(top, height)
            if abs(top - before) < height:  # still partly the same page: columns only grow
                needed = {name: max(needed[name], self._needed.get(name, 0)) for name in needed}
            self._needed, self._fitted = needed, fitted
            self._widths = share(needed, width - taken)
        return self._widths

    def _page_needs(self, top: int, height: int) -> dict[str, int]:
        """Return the cells that each column of the page from row *top* on would fill."""
        page = self.rows[top : top + height]
        return {
            name: min(max((cell_len(plain(getattr(row, name))) for row in page), default=0), most)
            for name, most in _WIDEST.items()
        }


def share(needed: dict[str, int], room: int) -> dict[str, int]:
    """
    Return how many of *room* cells each column gets, one more stands between two columns.

    The widest give way first; columns that would be cut too short are left out.
    """
    names = [name for name, cells in needed.items() if cells]
    while True:
        widths = {name: needed[name] for name in names}
        over = sum(widths.values()) + len(widths) - 1 - room
        for _ in range(over):
            widest = max(widths, key=lambda name: (widths[name], name == "summary"))
            widths[widest] -= 1
        cut = any(cells < min(needed[name], _LEAST) for name, cells in widths.items())
        out = next((name for name in _FIRST_TO_GO if name in names), None)
        if not cut or out is None:
            return widths
        names.remove(out)
