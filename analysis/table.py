"""A result as plain text for people, never wider than asked for."""

from __future__ import annotations

from decimal import Decimal

from laban.store.terminal import cells, fit, safe

from .formats import json_text
from .session import Result
from .values import Value

GAP = 2  # cells between two columns
LEAST = 8  # cells that a column keeps; where that is too wide, each row is a block of lines


def render_table(result: Result, width: int) -> str:
    """
    Return *result* as aligned columns at most *width* terminal cells wide.

    Longer values are cut, marked with `…`. With too many columns, each row is a block
    of lines, one a column. A last line says how many rows there are.
    """
    names = [safe(name) for name in result.columns]
    rows = [[text_of(value) for value in row] for row in result.rows]
    natural = [max(map(cells, column)) for column in zip(names, *rows, strict=True)]
    room = width - GAP * (len(names) - 1)
    if sum(min(size, LEAST) for size in natural) > room:
        lines = _blocks(names, rows, width)
    else:
        numeric = [is_numeric(column) for column in zip(*result.rows, strict=True)]
        numeric = numeric or [False] * len(names)
        lines = _columns(names, rows, _shares(natural, room), numeric)
    return "\n".join([*lines, _count(result)])


def _columns(
    names: list[str], rows: list[list[str]], widths: list[int], numeric: list[bool]
) -> list[str]:
    def line(cells: list[str]) -> str:
        padded = [
            _padded(cell, width, right)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return (" " * GAP).join(padded).rstrip()

    rule = (" " * GAP).join("─" * width for width in widths)
    return [line(names), rule, *map(line, rows)]


def _blocks(names: list[str], rows: list[list[str]], width: int) -> list[str]:
    label = min(max(map(cells, names)), width // 3)
    lines: list[str] = []
    for number, row in enumerate(rows, 1):
        head = f"── {number} "
        lines.append(head + "─" * max(0, min(width, 40) - len(head)))
        for name, cell in zip(names, row, strict=True):
            lines.append(fit(f"{_padded(name, label, False)}  {cell}", width).rstrip())
    return lines


def _shares(natural: list[int], room: int) -> list[int]:
    """Cut the widest columns to one width, so that all together take *room* at most."""
    widths = list(natural)
    while (excess := sum(widths) - room) > 0:
        widest = max(widths)
        wide = [number for number, size in enumerate(widths) if size == widest]
        next_size = max((size for size in widths if size < widest), default=0)
        if (widest - next_size) * len(wide) <= excess:
            cut = widest - next_size
        else:
            cut = max(1, excess // len(wide))
        for number in wide:
            widths[number] -= min(cut, max(0, sum(widths) - room))
    return widths


def _count(result: Result) -> str:
    rows = f"{len(result.rows):,} row{'' if len(result.rows) == 1 else 's'}"
    return f"({rows}, and more)" if result.truncated else f"({rows})"


def is_numeric(column: tuple[Value, ...]) -> bool:
    """Tell whether all values of *column* are numbers, and there are some."""
    values = [value for value in column if value is not None]
    return bool(values) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values
    )


def text_of(value: Value) -> str:
    """Return *value* on one line, for people."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    return str(value) if isinstance(value, float) else safe(json_text(value))


def _padded(text: str, width: int, right: bool) -> str:
    text = fit(text, width)
    space = " " * (width - cells(text))
    return space + text if right else text + space
