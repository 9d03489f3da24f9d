"""What the bisect screen shows: edges, probes, and the log as a ribbon of good and bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What is known of a position. The value is its glyph in the list."""

    GOOD = "○"  # the expression is not true
    BAD = "●"  # it is
    SKIP = "×"
    NEXT = "▶"  # to be answered by hand
    OPEN = "?"  # no test tells


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One line of a bisection: a position where the answer changes, or a probe."""

    position: int
    answer: Answer
    said: str = ""  # true, not true, good, is next …
    last: int = 0  # how far it stays so, where that is known
    group: str = ""  # of the events that are searched by themselves
    elapsed: str = ""
    source: str = ""
    type: str = ""
    stream: str = ""
    text: str = ""  # the data


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring positions of which the same is known."""

    first: int
    last: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class RibbonColumn:
    """The positions under one cell of the ribbon, and what is known of any of them."""

    first: int
    last: int
    good: bool = False
    bad: bool = False
    skipped: bool = False
