"""Which log, where in it, and why it stopped there."""

from __future__ import annotations

from dataclasses import replace

from laban.tui.looks.cells import Piece, fit, width_of
from laban.tui.values import Where

from .one_line import OneLine

_NAMED = 30  # cells beside the position from which the program has room for its name


class HeaderLine(OneLine):
    """Names the log and the current position, which stays whole on a narrow screen."""

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

    def tell(self, live: str) -> None:
        """Show how the session stands to a log that grows, all else as it is."""
        if self._where is not None:
            self.show(replace(self._where, live=live))

    def pieces(self, width: int) -> list[Piece]:
        if (where := self._where) is None:
            return [(" laban  ", "key"), (self._title, "strong")]
        place: list[Piece] = [
            (f" @{where.position:,}", "here"),
            (f" / {where.head:,}", "faint"),
            (f"   {where.elapsed}" if where.elapsed else "", ""),
            (f"   {where.live}" if where.live else "", "changed"),
        ]
        room = width - width_of(place)
        name: list[Piece] = [(" laban  ", "key")] if room > _NAMED else []
        title = min(max(room - width_of(name) - 3, 0), width_of([(self._title, "")]))
        if title:
            name += [(" " * (not name) + fit(self._title, title) + "  ", "strong")]
        return [*name, *place, (f"   stopped: {where.reason}" if where.reason else "", "faint")]
