"""The line that says what happened, why a key did nothing, and what to try next."""

from __future__ import annotations

from textwrap import wrap
from time import monotonic

from textual.strip import Strip

from laban.tui.looks.cells import Piece, line, width_of

from .one_line import OneLine

_AROUND = 6  # cells beside and between a message and a hint
_READ = 4.0  # seconds that a message keeps a hint away
_MOST = 3  # rows that a refusal may take …
_ROOM = 10  # … on a screen of so many


class StatusLine(OneLine):
    """
    Shows a message at the left and a hint at the right.

    Without room for both a message goes first, for a while; one with a meaning stays, and
    takes as many lines as it needs.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._message: Piece = ("", "")
        self._hint = ""
        self._last_hint = ""
        self._said = 0.0  # when, on the monotonic clock

    @property
    def message(self) -> str:
        """What it says now."""
        return self._message[0]

    def say(self, message: str, meaning: str = "") -> None:
        """Show *message*; *meaning* is one of theme.STYLES."""
        self._message = (message, meaning)
        self._said = monotonic()
        self._grow()
        self.refresh()
        if self._hint and not meaning and not self._fits_both():
            self.set_timer(_READ, self.refresh)  # then the hint comes back

    def hint(self, text: str) -> None:
        """Show *text* as the next thing to try, nothing when it is empty."""
        self._hint = text
        if text not in ("", self._last_hint):
            self._last_hint = text
            self._said = 0.0  # a new hint goes before the message it came with
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        text, meaning = self._message
        message: list[Piece] = [(f" {text}", meaning)]
        hint: list[Piece] = [("▸ ", "key"), (self._hint + " ", "")] if self._hint else []
        if not hint or self._fits_both():
            space = " " * (width - width_of(message) - width_of(hint))
            return [*message, (space, ""), *hint]
        keep = bool(meaning) or monotonic() - self._said < _READ
        return message if keep and text else [(" ", ""), *hint]

    def render_line(self, y: int) -> Strip:
        rows = self._rows()
        if len(rows) < 2:
            return super().render_line(y)
        text = rows[y] if y < len(rows) else ""
        return line([(f" {text}", self._message[1])], self.size.width, self.rich_style)

    def on_resize(self) -> None:
        self._grow()

    def _grow(self) -> None:
        """Take the rows that the message needs; only a change of them lays the screen out."""
        if self.styles.height is None or self.styles.height.value != len(self._rows()):
            self.styles.height = len(self._rows())

    def _rows(self) -> list[str]:
        text, meaning = self._message
        if not meaning or not self.size.width or self.app.size.height < _ROOM:
            return [text]
        return wrap(text, max(self.size.width - 2, 10), max_lines=_MOST, placeholder=" …") or [""]

    def _fits_both(self) -> bool:
        return width_of([self._message, (self._hint, "")]) + _AROUND <= self.size.width
