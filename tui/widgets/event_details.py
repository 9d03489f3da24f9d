"""Everything recorded about one event."""

from __future__ import annotations

import re

from laban.tui.cells import Piece, fit
from laban.tui.theme import MARK_STYLES
from laban.tui.values import DetailRow, RowKind

from .virtual_list import VirtualList

_NAME = re.compile(r'\s*"(?:[^"\\]|\\.)*"(?=: )')  # of an object's member
_LABEL = 8  # cells


class EventDetails(VirtualList[DetailRow]):
    """Shows an event's envelope, causes, effects, data and metadata; some rows lead elsewhere."""

    BORDER_TITLE = "4 Event"

    def pieces(self, row: DetailRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.kind is RowKind.HEADING:
            return [(" " + row.label, "heading")]
        if row.kind is RowKind.NOTE:
            return [(" " + row.label, "faint")]
        if row.kind is RowKind.TEXT:
            name = _NAME.match(row.label)
            end = name.end() if name else 0
            return [(" " + row.label[:end], "name"), (row.label[end:], "")]
        mark = (f"{row.mark.value} ", MARK_STYLES[row.mark]) if row.mark.strip() else ("", "")
        label = f" {fit(row.label, _LABEL)} "
        leads = " ↵" if row.target is not None else ""
        return [(label, "faint"), mark, (row.value, MARK_STYLES[row.mark]), (leads, "key")]
