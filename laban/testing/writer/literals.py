"""Python text as Black and Ruff would write it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

LINE = 88  # columns


def literal(value: Any, column: int = 0, indent: int = 0) -> str:
    """
    Return a JSON value as Python, from *column* on, in lines that are indented by *indent*.

    Raises ValueError for a number that Python has no literal for.
    """
    if isinstance(value, dict):
        parts = [(f"{_string(key)}: ", part) for key, part in value.items()]
        return bracketed("{", parts, "}", column, indent)
    if isinstance(value, list):
        return bracketed("[", [("", part) for part in value], "]", column, indent)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} has no literal")
    return repr(value).replace("e+", "e")


class Code(str):
    """A value that is Python text already."""

    __slots__ = ()


def bracketed(
    opening: str, parts: Iterable[tuple[str, Any]], closing: str, column: int, indent: int
) -> str:
    """Return parts, each after its prefix, on one line if they fit in it, else on one each."""
    parts, inner = list(parts), indent + 4
    line = f"{opening}{', '.join(prefix + _one_line(part) for prefix, part in parts)}{closing}"
    if column + len(line) < LINE or not parts:  # a comma may follow
        return line
    rows = [
        f"{'':{inner}}{prefix}{_text(part, inner + len(prefix), inner)},\n"
        for prefix, part in parts
    ]
    return f"{opening}\n{''.join(rows)}{'':{indent}}{closing}"


def _text(value: Any, column: int, indent: int) -> str:
    return str(value) if isinstance(value, Code) else literal(value, column, indent)


def _one_line(value: Any) -> str:
    return _text(value, -(10**9), 0)


def _string(text: str) -> str:
    """Return *text* in double quotes, or in single ones where that takes fewer backslashes."""
    quote = '"' if text.count('"') <= text.count("'") else "'"
    inner = "".join(
        f"\\{mark}" if mark == quote else "'" if mark == "'" else repr(mark)[1:-1] for mark in text
    )
    return f"{quote}{inner}{quote}"
