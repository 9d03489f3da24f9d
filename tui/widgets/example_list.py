"""Queries to begin with."""

from __future__ import annotations

from laban.tui.looks.cells import Piece

from .virtual_list import VirtualList


class ExampleList(VirtualList[str]):
    """Shows queries, each on one line."""

    def pieces(self, row: str, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        return [(" ".join(row.split()), "")]
