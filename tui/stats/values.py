"""The plain values that the stats screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatsRow:
    """One line of the charts: a heading, a sentence, a line over time, or a bar and its values."""

    label: str
    values: Sequence[str] = ()  # of a heading: the names of the columns
    widths: Sequence[int] = ()  # cells of each value
    named: int = 0  # cells of the longest name in the chart
    heading: bool = False
    parts: Sequence[float] = ()  # of a bar: shares of the whole width, see BAR
    series: Sequence[int] = ()  # events in equal parts of the time
    first: int | None = None  # position of the first event that it counts
    last: int | None = None


# The parts of a bar, in this order: told apart without colours, and from bars above and below.
BAR = ("▆", "▒", "░")
LINE = " ▁▂▃▄▅▆▇█"
LOW = LINE[:-2]  # of lines below each other
