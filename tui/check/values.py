"""The plain values that the check screen shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding, or the heading of all of one kind."""

    text: str
    count: int = 0  # of a heading: how many there are; 0: this is a finding
    open: bool = True  # of a heading
    position: int | None = None  # the event that shows it
    certain: bool = True  # False: what was found may be harmless
    note: bool = False  # only good to know
