"""The plain values that the screens show: what a session hands out and widgets take in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from laban.store.clock import SECOND


class Mark(StrEnum):
    """What a row is worth noticing for. The value is its glyph; the theme gives the colour."""

    NONE = " "
    CHANGED = "~"
    ADDED = "+"
    REMOVED = "−"
    BREAK = "●"
    ERROR = "✗"
    HERE = "▶"


CRITICAL = "◆"  # an event on the critical path


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the event list; position 0 stands for "before the first event"."""

    position: int
    elapsed: str = ""  # since the first event, as +12.424s or +3m12s
    source: str = ""
    type: str = ""
    stream: str = ""
    summary: str = ""  # the data on one line
    mark: Mark = Mark.NONE


class RowKind(StrEnum):
    """What a line of the state or of an event's details is."""

    HEADING = "heading"
    CHANGE = "change"  # a path and its value before and after this event
    VALUE = "value"
    TEXT = "text"  # a line of JSON
    NOTE = "note"
    MORE = "more"  # choosing it lists more streams


@dataclass(frozen=True, slots=True)
class StateRow:
    """One line of the state: a path and its value, or what an event did to it."""

    label: str
    kind: RowKind = RowKind.VALUE
    pointer: str = ""
    depth: int = 0
    value: str = ""
    before: str = ""  # only of a change
    mark: Mark = Mark.NONE
    open: bool | None = None  # None: nothing to unfold


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One line about an event; choosing it leads to position *target*."""

    label: str
    value: str = ""
    kind: RowKind = RowKind.VALUE
    target: int | None = None
    mark: Mark = Mark.NONE


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One line of the tree of causes and effects: an event, or something said about it."""

    edges: str = ""  # the lines that lead to it
    position: int | None = None  # of the event; None: something said about the one above
    type: str = ""
    source: str = ""
    after: str = ""  # how long after its cause
    text: str = ""
    kind: RowKind = RowKind.VALUE
    target: int | None = None  # where choosing it leads
    mark: Mark = Mark.NONE
    # Of MORE: of which event, past which position (None: its causes), and how many stand above
    rest: tuple[int, int | None, int] | None = None
    critical: bool = False


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One line of the sequence diagram: an event in the lane of its source."""

    position: int
    elapsed: str = ""
    lane: str = ""  # the source
    order: int = 0  # of the lane among all: sources in the order in which they begin
    type: str = ""
    spent: str = ""  # time, tokens and cost, where they are recorded
    stream: str = ""
    mark: Mark = Mark.NONE
    cause: int | None = None  # its position, and …
    cause_lane: str = ""
    cause_order: int = 0


@dataclass(frozen=True, slots=True)
class BreakpointRow:
    """A breakpoint or a watch, and what is known of it."""

    text: str
    hits: int = 0  # how often runs met it
    enabled: bool = True
    stops: bool = True  # runs stop there
    name: str = ""  # of a watch: w1
    value: str = ""  # of a watch, after the event
    before: str = ""  # its value before the event, where that was another


@dataclass(frozen=True, slots=True)
class Where:
    """What the header says: where the session stands and why it stopped there."""

    position: int
    head: int
    elapsed: str
    reason: str
    live: str = ""  # how it stands to a log that grows: following, 1,204 behind


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the timeline strip."""

    first: int  # positions that fall into it, both included; last < first: none
    last: int
    level: int  # density, 0 (nothing) to 8
    failing: bool = False  # clearly more of its events failed than of the whole log's
    deciding: bool = False  # clearly more of them are decisions
    fold: str = ""  # a letter of the length of an idle gap, which is folded


@dataclass(frozen=True, slots=True)
class LogRow:
    """A log to open; a row without target is a heading or a note."""

    name: str
    target: str = ""  # a path, the name of a demo, or the number of an open log
    kind: str = "heading"  # heading, note, open, recent, demo, path
    events: int | None = None
    agents: int | None = None
    errors: int | None = None
    about: str = ""


def roughly(span_ns: int) -> str:
    """Return a length of time in four letters at most: 80ms, 59s, 2h, 12d."""
    if span_ns < SECOND:
        return f"{span_ns // 1_000_000}ms"
    seconds = span_ns // SECOND
    for unit, length in (("y", 31_557_600), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if seconds >= 1.9 * length:
            return f"{round(seconds / length)}{unit}"
    return f"{seconds}s"


def elapsed(time_ns: int | None, start_ns: int | None, *, brief: bool = False) -> str:
    """
    Return the time since *start_ns* as a short text: +12.424s, +3m12.424s, +5d02h03m04s.

    A *brief* one leaves out what is small beside the rest: +12.424s, +3m12s, +5d02h03m.
    """
    if time_ns is None or start_ns is None:
        return ""
    span = time_ns - start_ns
    sign, span = ("−", -span) if span < 0 else ("+", span)
    seconds, fraction = divmod(span, SECOND)
    millis = f".{fraction // 1_000_000:03}s"
    minutes, seconds = divmod(seconds, 60)
    if not minutes:
        return f"{sign}{seconds}{millis}"
    if brief:
        millis = "s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{sign}{minutes}m{seconds:02}{millis}"
    if hours < 24:
        return f"{sign}{hours}h{minutes:02}m{seconds:02}{millis}"
    days = f"{sign}{hours // 24}d{hours % 24:02}h{minutes:02}m"
    return days if brief else f"{days}{seconds:02}s"
