"""A list that renders only what is in view: a million rows cost no more than a screenful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from laban.tui.actions import LIST_KEYS
from laban.tui.looks.cells import Piece, line
from laban.tui.looks.theme import STYLES

Row = TypeVar("Row")
_MARGIN = 2  # rows kept in view above and below the cursor


class VirtualList(ScrollView, Generic[Row], can_focus=True):
    """
    Shows a sequence of rows, however long, with a cursor on one of them.

    The sequence is asked only for rows in view. Subclasses say what a row looks like.
    """

    DEFAULT_CSS = """
    VirtualList {
        overflow-x: hidden;
        overflow-y: scroll;  /* always, so that no change of length needs a new layout */
        scrollbar-size-vertical: 1;
        border: round $border;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus { border: round $accent; border-title-color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(action.keys), action.id, action.label, show=False, id=action.id)
        for action in LIST_KEYS
    ]
    NOTHING: ClassVar[str] = ""  # what it says when there are no rows
    HEAD: ClassVar[int] = 0  # lines above the rows that do not scroll, as `heading` says
    CURSOR: ClassVar[str] = "▌"  # stands before the selected row: colours may be switched off
    ALLOW_SELECT = False  # a drag of the mouse selects nothing; terminals do it with shift
    # Textual lays the screen out anew when this changes; here the scrollbar is all that moves.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    @dataclass
    class Moved(Message):
        """The user put the cursor on another row."""

        list: VirtualList[Any]
        index: int

        @property
        def control(self) -> VirtualList[Any]:
            return self.list

    @dataclass
    class Chosen(Message):
        """The user chose the row under the cursor."""

        list: VirtualList[Any]
        index: int

        @property
        def control(self) -> VirtualList[Any]:
            return self.list

    @dataclass
    class Scrolled(Message):
        """The user moved the view without the cursor."""

        list: VirtualList[Any]

        @property
        def control(self) -> VirtualList[Any]:
            return self.list

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = rows
        self._cursor = 0
        self._base = Style()

    def pieces(self, row: Row, index: int, width: int) -> list[Piece]:
        """Return what *row* looks like in *width* cells, right of the mark of the cursor."""
        raise NotImplementedError

    def heading(self, width: int) -> list[Piece]:  # noqa: ARG002
        """Return what stands above the rows, in *width* cells."""
        return []

    @property
    def cursor_mark(self) -> str:
        """What stands before the selected row."""
        return self.CURSOR

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are shown."""
        return self._rows

    def show(self, rows: Sequence[Row], cursor: int) -> None:
        """Show other rows, with the cursor on row *cursor*."""
        if rows is not self._rows and rows == self._rows and cursor == self._cursor:
            return  # painting them again is dear
        self._rows = rows
        self._cursor = self._within(cursor)
        self._measure()
        self._keep_in_view()
        self.refresh()

    def grown(self) -> None:
        """Show that there are more rows than before; cursor and view stay where they are."""
        self._measure()
        self.refresh()

    @property
    def cursor(self) -> int:
        """Index of the selected row, 0 when there are none."""
        return self._cursor

    @cursor.setter
    def cursor(self, index: int) -> None:
        self._measure()  # a sequence may grow
        before, self._cursor = self._cursor, self._within(index)
        if before != self._cursor:
            self.refresh_line(before + self.HEAD)
            self.refresh_line(self._cursor + self.HEAD)
            self._keep_in_view()

    @property
    def selected(self) -> Row | None:
        """The row under the cursor, None when there are no rows."""
        return self._rows[self._cursor] if self._rows else None

    def move(self, index: int) -> None:
        """Put the cursor on row *index* on the user's behalf: others hear of it."""
        before, self.cursor = self._cursor, index
        if before != self._cursor:
            self.post_message(self.Moved(self, self._cursor))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style  # dear: once for all lines
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        index = y - self.HEAD + self.scroll_offset.y
        width = self.size.width - self.scrollbar_size_vertical
        if y < self.HEAD:
            return line(self.heading(width), width, self._base)
        if index >= len(self._rows):
            if index == 0 and self.NOTHING:
                return line([(f" {self.NOTHING}", "faint")], width, self._base)
            return Strip.blank(width, self._base)
        base, mark = self._base, (" ", "")
        if index == self._cursor:
            base += STYLES["selected" if self.has_focus else "selected_away"]
            mark = (self.cursor_mark, "here" if self.has_focus else "faint")
        return line([mark, *self.pieces(self._rows[index], index, width - 1)], width, base)

    def action_down(self) -> None:
        self.move(self._cursor + 1)

    def action_up(self) -> None:
        self.move(self._cursor - 1)

    def action_page_down(self) -> None:
        self.move(self._cursor + self._page)

    def action_page_up(self) -> None:
        self.move(self._cursor - self._page)

    def action_top(self) -> None:
        self.move(0)

    def action_bottom(self) -> None:
        self.move(len(self._rows) - 1)

    def action_choose(self) -> None:
        if self._rows:
            self.post_message(self.Chosen(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        row = -1 if offset is None else offset.y - self.HEAD
        if row < 0 or row + self.scroll_offset.y >= len(self._rows):
            return
        self.move(row + self.scroll_offset.y)
        if event.chain == 2:
            self.action_choose()

    def on_mouse_scroll_up(self) -> None:
        self._scrolled()

    def on_scroll_up(self) -> None:
        self._scrolled()

    def on_scroll_to(self) -> None:
        self._scrolled()

    def _scrolled(self) -> None:
        if self.max_scroll_y:
            self.post_message(self.Scrolled(self))

    def on_resize(self) -> None:
        self._measure()
        self._keep_in_view()

    @property
    def _page(self) -> int:
        return max(self.size.height - self.HEAD - 1, 1)

    def _within(self, index: int) -> int:
        return max(min(index, len(self._rows) - 1), 0)

    def _measure(self) -> None:
        size = Size(self.size.width, len(self._rows) + self.HEAD)
        if size != self.virtual_size:
            self.virtual_size = size
            self.vertical_scrollbar.window_virtual_size = size.height

    def _keep_in_view(self) -> None:
        height = self.size.height - self.HEAD
        if height < 1:
            return
        margin = min(_MARGIN, (height - 1) // 2)
        top = self.scroll_offset.y
        if not top - height < self._cursor < top + 2 * height:  # far away: in the middle
            top = self._cursor - height // 2
        top = min(max(top, self._cursor + margin - height + 1), self._cursor - margin)
        last = max(len(self._rows) - height, 0)
        self.scroll_to(y=max(min(top, last), 0), animate=False)
