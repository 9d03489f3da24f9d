"""A field to write in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.widgets import Input


class Field(Input):
    """Hands over what was written at once: the next key may mean something else already."""

    def __init__(self, submitted: Callable[[str], None], **options: Any) -> None:
        super().__init__(select_on_focus=False, **options)
        self.cursor_blink = False
        self._submitted = submitted
        self.one_letter = False  # the first letter is the answer

    def watch_value(self, before: str, value: str) -> None:
        if self.one_letter and len(value) > len(before):
            self._submitted(value[-1])

    async def action_submit(self) -> None:
        self._submitted(self.value)
