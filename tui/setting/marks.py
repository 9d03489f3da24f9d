"""Positions that have a letter."""

from __future__ import annotations

from laban.tui.refusal import Refusal

BACK = "'"  # leads to where the last jump started


class Marks:
    """Positions by letter: `m` and a letter sets one, `'` and the letter goes there."""

    def __init__(self) -> None:
        self.all: dict[str, int] = {}

    def set(self, letter: str, position: int) -> str:
        """Mark *position*; without a letter do nothing. Return what to say."""
        if not letter:
            return ""
        if letter == BACK or not letter.isprintable():
            raise Refusal(f"{letter!r} cannot be a mark: take a letter or a digit.")
        before = self.all.get(letter)
        self.all[letter] = position
        moved = f"; it was @{before:,}" if before not in (None, position) else ""
        return f"marked {letter}: @{position:,}{moved}"

    def at(self, letter: str) -> int:
        """Return the position that has the letter. Raises Refusal."""
        if letter not in self.all:
            known = f"There are {self.names()}." if self.all else "m and a letter sets one."
            raise Refusal(f"No mark is named {letter}. {known}")
        return self.all[letter]

    def letters(self) -> dict[int, str]:
        """Return the marked positions and their letters."""
        return {position: letter for letter, position in sorted(self.all.items())}

    def names(self) -> str:
        """Return all marks in the order of their letters: `a @12  b @1,205`."""
        return "  ".join(f"{letter} @{self.all[letter]:,}" for letter in sorted(self.all))
