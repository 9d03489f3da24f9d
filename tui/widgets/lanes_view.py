"""The events as a sequence diagram: a lane a source, time runs down, arrows lead to effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len, set_cell_size

from laban.tui.looks.cells import Piece, plain
from laban.tui.values import CRITICAL, LaneRow, Mark

from .virtual_list import VirtualList

DOT = "○"
_TEXT = 26  # cells that what happened has at least
_NARROWEST, _WIDEST = 5, 16  # cells of a lane
_LAST = 2  # of the last one: its name has room above what happened
_ROOMY = 90  # cells from which the time has its column
_TIME = 12
Lane = tuple[int, str]  # the order that it has among all, and its name


class LanesView(VirtualList[LaneRow]):
    """
    Shows events in the lanes of their sources; the cursor is the current position.

    The lanes are those of the page in view; lanes of earlier pages stay as long as there is room.
    """

    HEAD = 1
    CURSOR = Mark.HERE

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._first: Sequence[Lane] = ()
        self._breaks: Collection[int] = ()
        self._path: Collection[int] = ()
        self._fitted: tuple[int, ...] = ()  # what the lanes were chosen for
        self._at: dict[str, int] = {}  # where each lane stands, left to right
        self._width = _NARROWEST  # of each
        self._hidden = 0  # lanes of the page that have no room

    def show_lanes(self, rows: Sequence[LaneRow], cursor: int, first: Sequence[Lane]) -> None:
        """Show *rows*; *first* are the lanes that the log begins with."""
        self._first, self._fitted = first, ()
        self.show(rows, cursor)

    def mark(self, breaks: Collection[int], path: Collection[int]) -> None:
        """Mark where breakpoints stopped, and the events of the critical path."""
        if (breaks, path) != (self._breaks, self._path):
            self._breaks, self._path = breaks, path
            self.refresh()

    def heading(self, width: int) -> list[Piece]:
        self._lay_out(width - 1)
        names = [(name + " ", "source") for name in _short(list(self._at), self._width - 1)]
        more = (f"+{self._hidden}", "changed") if self._hidden else ("", "")
        return [(" " * (1 + self._margin(width - 1)), ""), *names, more]

    def pieces(self, row: LaneRow, index: int, width: int) -> list[Piece]:
        self._lay_out(width)
        digits, here = self._digits, index == self.cursor
        place: Piece = (f"{row.position:>{digits}}", "strong" if here else "faint")
        if row.position == 0:
            return [place, ("  before the first event", "faint")]
        critical = row.position in self._path
        time: Piece = (f"{row.elapsed:>{_TIME}} " if width >= _ROOMY else "", "faint")
        type_style = "error" if row.mark is Mark.ERROR else "strong" if here else ""
        return [
            place,
            (CRITICAL if critical else " ", "changed"),
            time,
            *self._drawn(row, here, critical),
            (self._origin(row) or "  ", "name"),
            (row.type, type_style),
            (f"  {row.spent}" if row.spent else "", "changed"),
            (f"  {row.stream}", "faint"),
        ]

    # The lanes.

    @property
    def _digits(self) -> int:
        return len(str(max(len(self.rows) - 1, 1)))

    def _margin(self, width: int) -> int:
        """Return the cells left of the lanes."""
        return self._digits + 1 + (_TIME + 1 if width >= _ROOMY else 0)

    def _lay_out(self, width: int) -> None:
        """Choose the lanes of the page in view, and how wide they are."""
        top, height = self.scroll_offset.y, self.size.height
        fitted = (top, height, width, min(len(self.rows), top + height))
        if fitted == self._fitted:
            return
        before = self._fitted[0] if self._fitted else -height
        kept = self._at if abs(top - before) < height else {}
        self._fitted = fitted
        page = [row for row in self.rows[top : top + height] if row.position]
        here = [self.selected] if self.selected in page else []
        needed = _lanes_of(here) | dict.fromkeys((row.order, row.lane) for row in page)
        needed |= _lanes_of(page)
        room = max(width - self._margin(width) - _TEXT, _NARROWEST)
        most = (room - _LAST) // _NARROWEST + 1
        lanes = list(needed)[:most]
        self._hidden = len(needed) - len(lanes)
        orders = {name: order for order, name in (*self._first, *self._known)}
        spare = dict.fromkeys([*((orders[n], n) for n in kept if n in orders), *self._first])
        lanes += [lane for lane in spare if lane not in needed][: most - len(lanes)]
        self._known = sorted(lanes)
        self._at = {name: place for place, (_, name) in enumerate(self._known)}
        longest = max((cell_len(plain(name)) for name in self._at), default=0) + 1
        self._width = max(
            min(longest, _WIDEST, (room - _LAST) // max(len(lanes) - 1, 1)), _NARROWEST
        )

    _known: Sequence[Lane] = ()  # the lanes, with their orders

    def _keep_in_view(self) -> None:
        super()._keep_in_view()
        if self._hidden:  # lanes that have no room: those of the selected event have
            self._fitted = ()
            self.refresh()

    def _drawn(self, row: LaneRow, here: bool, critical: bool) -> Iterable[Piece]:
        """Draw one event: a dot in its lane, and an arrow from the lane of its cause."""
        cells: list[Piece] = [("│", "faint"), *[(" ", "")] * (self._width - 1)] * len(self._at)
        cells = cells[: _LAST - self._width or None]
        at, cause = self._at.get(row.lane), self._at.get(row.cause_lane)
        if at is None:
            return _joined(cells)
        dot = at * self._width
        if row.cause is not None and cause is not None and cause != at:
            style = "changed" if critical else "name"
            self._arrow(cells, cause * self._width, dot, style)
            label = "" if self._in_view(row.cause) else f"@{row.cause}"
            start, room = min(cause, at) * self._width + 2, abs(at - cause) * self._width - 4
            if len(label) <= room:
                start = start if cause < at else dot + 2 + room - len(label)
                cells[start : start + len(label)] = [(letter, style) for letter in label]
        cells[dot] = self._dot(row, here, critical)
        return _joined(cells)

    def _arrow(self, cells: list[Piece], start: int, end: int, style: str) -> None:
        step = 1 if start < end else -1
        for cell in range(start + step, end, step):
            is_crossing = cell % self._width == 0
            cells[cell] = ("┼", "faint") if is_crossing else ("─", style)
        cells[start] = ("├" if step > 0 else "┤", style)
        cells[end - step] = ("▶" if step > 0 else "◀", style)

    def _dot(self, row: LaneRow, here: bool, critical: bool) -> Piece:
        if row.position in self._breaks:
            return (Mark.BREAK.value, "break")
        if row.mark is Mark.ERROR:
            return (Mark.ERROR.value, "error")
        style = "here" if here else "changed" if critical else "strong"
        return (CRITICAL if critical else DOT, style)

    def _origin(self, row: LaneRow) -> str:
        """Say what the lanes cannot show: a lane that has no room, a cause in the same one."""
        said = "" if row.lane in self._at else f"{row.lane}: "
        if row.cause is None:
            return said
        is_drawn = row.lane in self._at and row.cause_lane in self._at
        crosses = is_drawn and row.cause_lane != row.lane
        gap = abs(self._at[row.lane] - self._at[row.cause_lane]) if crosses else 0
        if self._in_view(row.cause):
            return said if crosses else f"{said}↳ "
        label = f"@{row.cause}"
        return said if crosses and len(label) <= gap * self._width - 4 else f"{said}↳{label} "

    def _in_view(self, position: int) -> bool:
        top = self.scroll_offset.y
        return top <= position < top + self.size.height - self.HEAD


def _lanes_of(rows: Iterable[LaneRow | None]) -> dict[Lane, None]:
    """Return the lanes that *rows* and their causes are in."""
    known = [row for row in rows if row is not None]
    lanes = dict.fromkeys((row.order, row.lane) for row in known)
    return lanes | dict.fromkeys(
        (r.cause_order, r.cause_lane) for r in known if r.cause is not None
    )


def _short(names: Sequence[str], width: int) -> list[str]:
    """Cut *names* to *width* cells: their ends off, or their beginnings where those are alike."""
    names = [plain(name) for name in names]
    cut = [set_cell_size(name, width) for name in names]
    alike = Counter(cut)
    return [
        short if alike[short] == 1 else set_cell_size(name[-width:], width)
        for short, name in zip(cut, names, strict=True)
    ]


def _joined(cells: Sequence[Piece]) -> list[Piece]:
    """Join neighbouring cells of one style into one piece."""
    runs = groupby(cells, key=itemgetter(1))
    return [("".join(text for text, _ in run), style) for style, run in runs]
