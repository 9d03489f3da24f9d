"""The first minute: one hint at a time, each until its key is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Hint(NamedTuple):
    """Say *text* until *key*, as it stands on the keyboard, is pressed; "" is any key."""

    text: str
    key: str


FIRST_MINUTE = (
    Hint("n steps to the next event", "n"),
    Hint("N steps back", "N"),
    Hint("b sets a breakpoint here", "b"),
    Hint("c runs to it", "c"),
    Hint("enter on a row of the state goes to its last write", "enter"),
    Hint("? lists all keys", "?"),
)

FOLLOWING = (
    Hint("N looks back while the log goes on", "N"),
    Hint("G follows again", "G"),
    Hint("b pauses at events like this one", "b"),
    Hint("? lists all keys", "?"),
)


class Hints:
    """A row of hints and how far the user has come."""

    def __init__(self, hints: Sequence[tuple[str, str]] = FIRST_MINUTE) -> None:
        self._left = [Hint(*hint) for hint in hints]

    def rename(self, instead: Callable[[str], str]) -> None:
        """Let the hints name the keys that the user has instead."""
        self._left = [
            hint._replace(text=instead(hint.key) + hint.text.removeprefix(hint.key))
            if hint.key and hint.text.startswith(f"{hint.key} ")
            else hint
            for hint in self._left
        ]

    @property
    def current(self) -> str:
        """The hint to show now, empty when all are done."""
        return self._left[0].text if self._left else ""

    def pressed(self, *keys: str) -> bool:
        """Note that one of *keys* did its work; return whether the current hint is done."""
        if self._left and self._left[0].key in (*keys, ""):
            del self._left[0]
            return True
        return False
