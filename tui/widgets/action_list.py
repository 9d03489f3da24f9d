"""The keys and what they do."""

from __future__ import annotations

from collections.abc import Callable

from laban.tui.actions import Action
from laban.tui.looks.cells import Piece, fit

from .virtual_list import VirtualList


class ActionList(VirtualList[Action]):
    """Shows actions: their keys, their group and what they do, faint when they cannot now."""

    NOTHING = "no key does that"

    def __init__(self, why_not: Callable[[str], str]) -> None:
        super().__init__()
        self._why_not = why_not

    def pieces(self, row: Action, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        can = not self._why_not(row.id)
        return [
            ("  " if can else "× ", "faint"),
            (fit(row.key_text, 14), "key" if can else "faint"),
            (fit(row.pane, 12), "faint"),
            (row.help, "" if can else "faint"),
        ]
