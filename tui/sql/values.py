"""The plain values that the SQL screen shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Columns that hold positions in the log: not stream_position, which counts in a stream.
_POSITIONS = re.compile(
    r"(?:position|valid_from|valid_to|(?!stream_position)\w+_position"
    r"|(?:min|max)\((?:\w+\.)?\"?(?:position|valid_from|valid_to)\"?\))\Z",  # DuckDB quotes some
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table, or a column of one."""

    name: str  # to be put into a query
    type: str = ""  # of a column
    comment: str = ""

    @property
    def is_table(self) -> bool:
        """Whether it is a table or a function that gives one."""
        return not self.type


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a query as text, at most so many, and what is known of them."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[int] = ()  # cells that the widest value or the name of a column takes
    numeric: Sequence[bool] = ()  # columns of numbers
    truncated: bool = False  # there were more rows
    seconds: float = 0.0

    @property
    def positions(self) -> list[int]:
        """Return which columns hold positions in the log."""
        return [n for n, name in enumerate(self.columns) if _POSITIONS.match(name)]

    def position(self, row: int, column: int) -> int | None:
        """Return the position in a cell, or else in the first cell of its row that has one."""
        for each in (column, *self.positions):
            if each in self.positions and self.rows[row][each].isdecimal():
                return int(self.rows[row][each])
        return None
