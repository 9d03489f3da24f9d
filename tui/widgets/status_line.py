"""The line that says what happened, why a key did nothing, and what to try next."""

from __future__ import annotations

from laban.tui.cells import Piece, width_of

from .one_line import OneLine


class StatusLine(OneLine):
    """Shows a message at the left and, where there is room, a hint at the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._message: Piece = ("", "")
        self._hint = ""

    @property
    def message(self) -> str:
        """What it says now."""
        return self._message[0]

    def say(self, message: str, meaning: str = "") -> None:
        """Show *message*; meaning "error" or "changed" puts it before any hint."""
        self._message = (message, meaning)
        self.refresh()

    def hint(self, text: str) -> None:
        """Show *text* as the next thing to try, nothing when it is empty."""
        self._hint = text
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        message = [(" " + self._message[0], self._message[1])]
        if not self._hint:
            return message
        hint: list[Piece] = [("▸ ", "key"), (self._hint + " ", "")]
        room = width - width_of(message) - width_of(hint)
        if room >= 2:
            return [*message, (" " * room, ""), *hint]
        return message if self._message[1] else [(" ", ""), *hint]
