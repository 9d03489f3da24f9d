"""Where SQL is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.text import Text
from textual.events import Key
from textual.message import Message
from textual.widgets import TextArea

from laban.tui.looks.theme import STYLES

Highlights = Iterable[tuple[int, int, str]]  # start, end and meaning in the whole text


class SqlEditor(TextArea):
    """
    A few lines of SQL. Letters typed here run no action; esc leaves.

    Enter runs what *is_complete*, and else begins a line. Up on the first line and down on the
    last one ask for earlier and later queries.
    """

    DEFAULT_CSS = """
    SqlEditor {
        border: round $border; padding: 0; background: $background;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus { border: round $accent; border-title-color: $text; }
        & .text-area--cursor-line { background: $background; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The user ended a query with enter."""

    @dataclass
    class Recalled(Message):
        """The user wants the query before, or the one after."""

        by: int

    def __init__(
        self,
        *,
        highlights: Callable[[str], Highlights],
        completion: Callable[[str], str],
        is_complete: Callable[[str], bool],
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        self._find_highlights, self._complete = highlights, completion
        self._is_complete = is_complete
        self._coloured = ("", [Text()])  # a text, and its lines
        super().__init__(
            id=id, placeholder=placeholder, soft_wrap=True, highlight_cursor_line=False
        )
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Hold *text*, with the cursor at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def put_in(self, name: str) -> None:
        """Put *name* where the cursor is, apart from the word before it."""
        row, column = self.cursor_location
        before = self.document[row][:column]
        self.insert(f" {name}" if before and (before[-1].isalnum() or before[-1] in ",*") else name)

    def get_line(self, line_index: int) -> Text:
        if self._coloured[0] != self.text:
            self._coloured = (self.text, self._colour(self.text))
        return self._coloured[1][line_index].copy()

    def update_suggestion(self) -> None:
        row, column = self.cursor_location
        at_end = column == len(self.document[row])
        before = self.get_text_range((0, 0), (row, column))
        self.suggestion = self._complete(before) if at_end else ""

    async def _on_key(self, event: Key) -> None:
        if event.key == "enter" and self._is_complete(self.text):
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted())
        elif event.key == "tab" and self.suggestion:
            event.stop()
            event.prevent_default()
            self.insert(self.suggestion)

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and self.cursor_location[0] == 0:
            self.post_message(self.Recalled(-1))
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and self.cursor_location[0] == self.document.line_count - 1:
            self.post_message(self.Recalled(1))
        else:
            super().action_cursor_down(select)

    def _colour(self, text: str) -> list[Text]:
        whole = Text(text, end="", no_wrap=True)
        for start, end, meaning in self._find_highlights(text):
            whole.stylize(STYLES[meaning], start, end)
        lines, start = [], 0
        for line in self.document.lines:
            lines.append(whole[start : start + len(line)])
            start += len(line) + len(self.document.newline)
        return lines
