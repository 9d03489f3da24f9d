"""Two runs side by side, or where there is no room for that, one under the sign of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from laban.tui.compare.values import Cell, CompareKind, CompareRow, Sign
from laban.tui.looks.cells import Piece, fit, plain

from .virtual_list import VirtualList

_BESIDE = 96  # cells from which both runs have a column
_MOST = {"type": 24, "stream": 20}  # cells
_AROUND = 6  # cells of the sign and between the halves
_AFTER = "↓"  # comes after a root
_SIGNS = {
    Sign.SAME: "faint",
    Sign.DIFFERS: "changed",
    Sign.ONLY_A: "removed",
    Sign.ONLY_B: "added",
    Sign.NONE: "",
}


class CompareList(VirtualList[CompareRow]):
    """Shows pairs of events, and in what they differ; the sign of a pair comes first."""

    BORDER_TITLE = "Compare"
    NOTHING = "nothing is compared yet: X asks with what"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._widths = {"position": 2, "type": 8, "stream": 8}
        self._fitted: tuple[int, ...] = ()

    def show(self, rows: Sequence[CompareRow], cursor: int) -> None:
        self._fitted = ()
        super().show(rows, cursor)

    def pieces(self, row: CompareRow, index: int, width: int) -> list[Piece]:  # noqa: ARG002
        if row.kind is CompareKind.HEADING:
            return [(row.label, "heading")]
        if row.kind is CompareKind.OFFER:
            return [(row.label, "key"), (f"  {row.left.text if row.left else ''}", "faint")]
        if row.kind is CompareKind.NOTE:
            return [(f"    {row.label}", "faint"), *_leads(row)]
        self._fit_columns(width)
        beside = width >= _BESIDE
        if row.kind is CompareKind.PART:
            return self._part_beside(row, width) if beside else _part(row, width)
        return self._beside(row, width) if beside else self._under(row, width)

    def _beside(self, row: CompareRow, width: int) -> list[Piece]:
        """Return both events, one in each half."""
        half = (width - _AROUND) // 2
        return [
            _sign(row),
            *self._event(row.left, row, half),
            (" │ ", "faint"),
            *self._event(row.right, row, half),
        ]

    def _event(self, cell: Cell | None, row: CompareRow, width: int) -> list[Piece]:
        if cell is None:
            return [(" " * width, "")]
        room = width - sum(self._widths.values()) - 4
        text = f"{_short(row.label)}  {cell.text}" if row.label else cell.text
        pieces: list[Piece] = [
            (f"{fit(f'@{cell.position}', self._widths['position'], right=True)} ", "faint"),
            (f"{fit(cell.type, self._widths['type'])} ", _weight(row)),
            (f"{fit(cell.stream, self._widths['stream'])}  ", "name"),
            (fit(text, max(room, 0)), _SIGNS[row.sign] if row.label else "faint"),
        ]
        return _dimmed(pieces, row) if row.downstream else pieces

    def _under(self, row: CompareRow, width: int) -> list[Piece]:
        """Return one line for both events: where each is, and in what they differ."""
        cell = row.left or row.right
        assert cell is not None
        digits = self._widths["position"]
        places = [f"@{side.position}" if side else "" for side in (row.left, row.right)]
        first, second = (fit(place, digits, right=True) for place in places)
        what, meaning = cell.text, "faint"
        if row.label and row.left and row.right:
            more = f" and {row.more} more" if row.more else ""
            what = f"{_short(row.label)}  {row.left.text} → {row.right.text}{more}"
            meaning = _SIGNS[row.sign]
        pieces: list[Piece] = [
            (f"{first} {second} ", "faint"),
            (f"{fit(cell.type, min(self._widths['type'], width // 4))} ", _weight(row)),
            (f"{fit(cell.stream, min(self._widths['stream'], width // 5))}  ", "name"),
            (what, meaning),
        ]
        return [_sign(row), *(_dimmed(pieces, row) if row.downstream else pieces)]

    def _part_beside(self, row: CompareRow, width: int) -> list[Piece]:
        half = (width - _AROUND) // 2
        assert row.left is not None
        assert row.right is not None
        label = fit(row.label, min(cell_len(plain(row.label)), half // 2))
        room = half - 3 - cell_len(label)
        left, right = fit(row.left.text, room), fit(row.right.text, room - 1)
        return [
            ("    ", ""), (f"{label}  ", "name"), (left, "removed"),
            (" │   ", "faint"), (f"{label}  ", "faint"), (right, "added"),
        ]  # fmt: skip

    def _fit_columns(self, width: int) -> None:
        """Choose the widths of the columns for the rows in view; they only grow nearby."""
        top, height = self.scroll_offset.y, self.size.height
        fitted = (top, height, width, len(self.rows))
        if fitted == self._fitted:
            return
        near = bool(self._fitted) and abs(top - self._fitted[0]) < height
        self._fitted = fitted
        shown = self.rows[top : top + height]
        cells = [c for row in shown if row.kind is CompareKind.PAIR for c in (row.left, row.right)]
        found = [cell for cell in cells if cell is not None]
        need = {
            "position": _widest(f"@{cell.position}" for cell in found),
            "type": min(_widest(cell.type for cell in found), _MOST["type"]),
            "stream": min(_widest(cell.stream for cell in found), _MOST["stream"]),
        }
        if near:
            need = {name: max(cells, self._widths[name]) for name, cells in need.items()}
        self._widths = need


def _part(row: CompareRow, width: int) -> list[Piece]:
    assert row.left is not None
    assert row.right is not None
    label = fit(row.label, min(cell_len(plain(row.label)), width // 2))
    room = (width - 4 - cell_len(label) - 2 - 3) // 2
    left = row.left.text
    if cell_len(plain(left)) > room:
        left = fit(left, room)
    return [
        ("    ", ""), (f"{label}  ", "name"), (left, "removed"),
        (" → ", "faint"), (row.right.text, "added"),
    ]  # fmt: skip


def _sign(row: CompareRow) -> Piece:
    return (f"{row.sign.value}{_AFTER if row.downstream else ' '} ", _SIGNS[row.sign])


def _dimmed(pieces: list[Piece], row: CompareRow) -> list[Piece]:
    """Return *pieces* faint, but for what differs, the last of them."""
    *others, last = pieces
    return [*((text, "faint") for text, _ in others), last if row.label else (last[0], "faint")]


def _short(pointer: str) -> str:
    return pointer.removeprefix("/data/")


def _weight(row: CompareRow) -> str:
    return "" if row.sign is Sign.SAME else "strong"


def _leads(row: CompareRow) -> list[Piece]:
    return [(" ↵", "key")] if row.a and row.label.startswith("after ") else []


def _widest(texts: Iterable[str]) -> int:
    return max((cell_len(plain(text)) for text in texts), default=2)
