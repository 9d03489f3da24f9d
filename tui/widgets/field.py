"""A field to write in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


class Field(Input):
    """Hands over what was written at once: the next key may mean something else already."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "submit", "submit", show=False)  # the end of a line in what is pasted
    ]

    def __init__(self, submitted: Callable[[str], None], **options: Any) -> None:
        super().__init__(select_on_focus=False, **options)
        self.cursor_blink = False
        self._submitted = submitted
        self.one_letter = False  # the first letter is the answer

    def on_click(self, event: events.Click) -> None:
        """Take the letter of what was clicked among the `e event  p path` that are shown."""
        offset = event.get_content_offset(self)
        start = 0
        for choice in self.placeholder.split("  ") if self.one_letter and offset else ():
            if offset is not None and start <= offset.x < start + len(choice):
                self._submitted(choice[0])
            start += len(choice) + 2

    def insert_text_at_cursor(self, text: str) -> None:
        if self.one_letter:
            self._submitted(text[-1:])
        else:
            super().insert_text_at_cursor(text)

    async def action_submit(self) -> None:
        self._submitted(self.value)
