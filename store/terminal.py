"""Text for a terminal: how wide it is, cut to fit, and without anything that could steer it."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import accumulate


def cells(text: str) -> int:
    """Return how many terminal cells *text* takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def fit(text: str, width: int | None) -> str:
    """Return *text* cut to *width* terminal cells, the cut marked with `…`."""
    if width is None or (text.isascii() and len(text) <= width):
        return text
    ends = list(accumulate(map(_cells, text), initial=0))
    if ends[-1] <= width:
        return text
    return text[: bisect_right(ends, width - 1) - 1] + "…" if width > 0 else ""


def safe(text: str) -> str:
    """Return *text* on one line, control characters escaped."""
    if text.isprintable():
        return text
    return "".join(mark if _harmless(mark) else _escaped(mark) for mark in text)


def counted(count: int, noun: str) -> str:
    """Return `1 event`, `2 events`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _cells(mark: str) -> int:
    if unicodedata.combining(mark):
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def _harmless(mark: str) -> bool:
    return mark.isprintable() or unicodedata.category(mark) == "Zs"


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape").decode()
