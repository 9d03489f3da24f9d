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
    fold: bool = False  # stands for a folded idle gap


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
