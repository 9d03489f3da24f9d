"""Which log, where in it, and why it stopped there."""

from __future__ import annotations

from laban.tui.cells import Piece
from laban.tui.values import Where

from .one_line import OneLine


class HeaderLine(OneLine):
    """Names the log and the current position."""

    DEFAULT_CSS = "HeaderLine { background: $panel; }"

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = title
        self._where: Where | None = None

    def show(self, where: Where) -> None:
        """Show that the session stands at *where*."""
        if where != self._where:
            self._where = where
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:  # noqa: ARG002
        pieces: list[Piece] = [(" laban  ", "key"), (self._title, "strong")]
        if where := self._where:
            pieces += [
                (f"   @{where.position:,}", "here"),
                (f" / {where.head:,}", "faint"),
                (f"   {where.elapsed}" if where.elapsed else "", ""),
                (f"   stopped: {where.reason}" if where.reason else "", "faint"),
            ]
        return pieces
