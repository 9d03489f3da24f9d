"""What the event changed, in one line: for screens that have room for one pane only."""

from __future__ import annotations

from collections.abc import Sequence

from laban.tui.looks.cells import Piece
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import Mark, StateRow

from .one_line import OneLine


class ChangeLine(OneLine):
    """Shows an event's changes one after the other, as many as fit."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._changes: Sequence[StateRow] = ()
        self._nothing = ""

    def show(self, changes: Sequence[StateRow], nothing: str) -> None:
        """Show these rows, changes all of them; say *nothing* when there are none."""
        self._changes, self._nothing = changes, nothing
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:  # noqa: ARG002
        if not self._changes:
            return [(" " + self._nothing, "faint")]
        pieces: list[Piece] = []
        for row in self._changes[:20]:
            style = MARK_STYLES[row.mark]
            value = f"{row.before} → {row.value}" if row.mark is Mark.CHANGED else row.value
            pieces += [(f" {row.mark.value} ", style), (f"{row.label} ", "name")]
            pieces += [(f"{value} ", style)] if row.mark is not Mark.REMOVED else []
        return pieces
