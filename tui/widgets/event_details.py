"""Everything recorded about one event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len, chop_cells

from laban.tui.looks.cells import Piece, fit
from laban.tui.looks.theme import MARK_STYLES
from laban.tui.values import DetailRow, RowKind

from .virtual_list import VirtualList

_NAME = re.compile(r'\s*"(?:[^"\\]|\\.)*"(?=: )')  # of an object's member
_LINES = re.compile(r"(?<=\\n)")  # after the escape of a line's end
_MOST = 1_000  # rows that one line of JSON may take
_LABEL = 8  # cells


class EventDetails(VirtualList[DetailRow]):
    """Shows an event's envelope, causes, effects, data and metadata; some rows lead elsewhere."""

    BORDER_TITLE = "4 Event"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._given: Sequence[DetailRow] = ()

    def show(self, rows: Sequence[DetailRow], cursor: int) -> None:
        self._given = rows
        super().show(self._wrapped(), cursor)

    def on_resize(self) -> None:
        self.show(self._given, self.cursor)

    def _wrapped(self) -> list[DetailRow]:
        """Return the rows, long lines of JSON on as many rows as they need."""
        width = max(self.size.width - self.scrollbar_size_vertical - 1, 20)
        return [piece for row in self._given for piece in _pieces(row, width)]

    def pieces(self, row: DetailRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.kind is RowKind.HEADING:
            return [(row.label, "heading")]
        if row.kind is RowKind.NOTE:
            return [(row.label, "faint")]
        if row.kind is RowKind.TEXT:
            name = _NAME.match(row.label)
            end = name.end() if name else 0
            return [(row.label[:end], "name"), (row.label[end:], "")]
        mark = (f"{row.mark.value} ", MARK_STYLES[row.mark]) if row.mark.strip() else ("", "")
        label = f"{fit(row.label, _LABEL)} "
        leads = " ↵" if row.target is not None else ""
        return [(label, "faint"), mark, (row.value, MARK_STYLES[row.mark]), (leads, "key")]


def _pieces(row: DetailRow, width: int) -> Iterator[DetailRow]:
    if row.kind is not RowKind.TEXT or cell_len(row.label) <= width:
        yield row
        return
    indent = " " * min(len(row.label) - len(row.label.lstrip()) + 2, width // 2)
    lead = ""
    for number, piece in enumerate(_broken(row.label, width, width - len(indent))):
        if number == _MOST:
            yield DetailRow(f"{indent}… and more: `laban log --json` prints all", kind=RowKind.NOTE)
            return
        yield replace(row, label=lead + piece)
        lead = indent


def _broken(text: str, width: int, others: int) -> Iterator[str]:
    """Yield *text* in pieces: the first of *width* cells, the others narrower, lines apart."""
    for part in _LINES.split(text):
        start = 0
        while start < len(part):
            ahead = part[start : start + width + 1]
            piece = chop_cells(ahead, width)[0] or ahead[:1]
            yield piece
            start, width = start + len(piece), others
