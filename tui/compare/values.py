"""What the comparison of two runs shows: rows of events side by side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """How two events stand to one another. The value is its glyph."""

    SAME = "="
    DIFFERS = "≠"
    ONLY_A = "−"
    ONLY_B = "+"
    NONE = " "


class CompareKind(StrEnum):
    """What a line of a comparison is."""

    PAIR = "pair"  # an event, and the one that stands for it
    PART = "part"  # of the events above, or of the state after them
    HEADING = "heading"
    NOTE = "note"
    OFFER = "offer"  # something to compare with


@dataclass(frozen=True, slots=True)
class Cell:
    """An event of one run, or its share of a part that differs."""

    position: int = 0
    type: str = ""
    stream: str = ""
    source: str = ""
    text: str = ""  # the data; of a part, its value


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One line of a comparison; *a* and *b* are positions that it leads to, 0: nowhere."""

    kind: CompareKind
    sign: Sign = Sign.NONE
    left: Cell | None = None
    right: Cell | None = None
    label: str = ""  # what a heading, note or offer says; the pointer of what differs
    more: int = 0  # other parts that differ, too
    downstream: bool = False  # comes after a root
    a: int = 0
    b: int = 0
