"""The keys and what they do."""

from __future__ import annotations

from laban.tui.actions import Action
from laban.tui.cells import Piece, fit

from .virtual_list import VirtualList


class ActionList(VirtualList[Action]):
    """Shows actions: their keys, their group and what they do."""

    NOTHING = "no key does that"

    def pieces(self, row: Action, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        return [
            (fit(row.key_text, 14), "key"),
            (fit(row.pane, 12), "faint"),
            (row.help, ""),
        ]
