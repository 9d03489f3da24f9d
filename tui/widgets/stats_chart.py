"""Charts of plain characters, each with its values beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from laban.tui.looks.cells import Piece, fit, width_of
from laban.tui.stats.values import BAR, LINE, LOW, StatsRow

from .virtual_list import VirtualList

_STYLES = ("ok", "changed", "error")  # of the parts of a bar
_NAME = 28  # cells of a name, at most
_SERIES = 24  # cells of a line over time beside a bar …
_ROOMY = 90  # … in a list of so many
_LEAST_BAR = 6


class StatsChart(VirtualList[StatsRow]):
    """Shows charts one under the other; a row leads to the first event that it counts."""

    NOTHING = "not measured yet"

    def pieces(self, row: StatsRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if not row.widths:
            return list(_sentence(row, width))
        values = [
            fit(value, cells, right=True)
            for value, cells in zip(row.values, row.widths, strict=True)
        ]
        beside = "".join(f"  {value}" for value in values)
        room = width - len(beside)
        series = _SERIES + 2 if width >= _ROOMY else 0
        name = max(min(row.named, _NAME, room - series - _LEAST_BAR - 1), 8)
        bar = max(room - series - name - 1, 0)
        if row.heading:
            over = "  " + fit("over the time", series - 2) if series else ""
            return [
                (fit(row.label, name) + " ", "heading"),
                (" " * bar + over + beside, "faint"),
            ]
        pieces: list[Piece] = [(fit(row.label, name) + " ", "name")]
        pieces += _bar(row.parts, bar)
        if series:
            pieces += [("  ", ""), (_line(row.series, _SERIES, LOW), "faint")]
        return [*pieces, (beside, "")]


def _sentence(row: StatsRow, width: int) -> Iterator[Piece]:
    text: Piece = (row.label, "")
    if row.series:
        text = (f"  {row.label}", "faint")
        yield (_line(row.series, max(width - width_of([text]), 8), LINE), "name")
    yield text


def _bar(parts: Sequence[float], width: int) -> Iterator[Piece]:
    """Yield a bar of *width* cells; a part that is not nothing has at least one of them."""
    if len(parts) == 1:
        cells = [max(round(parts[0] * width), parts[0] > 0)]
        yield (BAR[0] * min(cells[0], width), "added")
    else:
        cells = [max(round(part * width), part > 0) for part in parts]
        while sum(cells) > width > len(cells):
            cells[cells.index(max(cells))] -= 1
        for glyph, style, count in zip(BAR, _STYLES, cells, strict=False):
            yield (glyph * count, style)
    yield (" " * max(width - sum(cells), 0), "")


def _line(series: Sequence[int], width: int, levels: str) -> str:
    """Return *series* as a line of *width* cells, in *levels*: the higher, the more."""
    if not series:
        return " " * width
    edges = [each * len(series) // width for each in range(width + 1)]
    values = [max(series[start : max(stop, start + 1)]) for start, stop in pairwise(edges)]
    most = max(values) or 1
    return "".join(levels[-(-value * (len(levels) - 1) // most)] for value in values)
