"""What `/` and `&` look for: an expression, events of a name, or plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from laban.replay.breakpoints import BadBreakpointError, Breakpoint, parse_breakpoint
from laban.replay.builder import CancelledError
from laban.replay.expression import ExpressionError
from laban.replay.pointer import BadPointerError
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog
from laban.tui.jobs import Job

_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)
_WORD = re.compile(r"[\w.:@#%+→-]+")  # what nobody writes to ask for `True` or for `data`
_OPERATORS = re.compile(r"[=<>!()\[\]]")  # without these nobody meant an expression
_PAGE = 250  # events read at a time: others wait for the log as long


class Wanted(Struct, frozen=True):
    """Something to look for, and how to name it."""

    what: Breakpoint | PlainText

    @property
    def name(self) -> str:
        """How a message names it: `type order_failed`, `the text 'no cover'`."""
        return self.what.name if isinstance(self.what, PlainText) else self.what.place


class PlainText(Struct, frozen=True):
    """Text in an event's type, source, stream, id or data."""

    text: str

    @property
    def name(self) -> str:
        return f"the text {self.text!r}"

    def finder(self) -> Callable[[Event], bool]:
        """
        Return a test for events that hold the text.

        Upper and lower case are the same, unless there is an upper case letter in it.
        """
        fold = str.lower if self.text == self.text.lower() else str
        text = fold(self.text)
        escaped = fold(json.dumps(self.text, ensure_ascii=False)[1:-1])  # inside a JSON string

        def holds(event: Event) -> bool:
            if any(text in fold(name) for name in _names(event)):
                return True
            data = event.data.text
            if "\\u" in data:  # a letter may be written in another way than it was typed
                data = to_json(event.data.parsed)
            data = fold(data)
            return escaped in data or text in data

        return holds


def parse_wanted(text: str) -> Wanted:
    """
    Return what *text* asks for.

    Quoted, it is plain text; so is a single word, and what is no expression nor the place of a
    breakpoint such as `type order_failed`. Raises ExpressionError where one was meant.
    """
    text = text.strip()
    if quoted := _QUOTED.fullmatch(text):
        if quoted[1] not in quoted[2]:
            return Wanted(PlainText(quoted[2]))
    elif _WORD.fullmatch(text):
        return Wanted(PlainText(text))
    try:
        return Wanted(parse_breakpoint(text))
    except (ExpressionError, BadBreakpointError, BadPointerError):
        if _OPERATORS.search(text):
            raise
        return Wanted(PlainText(text))


def find_text(
    log: EventLog, wanted: PlainText, start: int, limit: int, job: Job
) -> tuple[int | None, int]:
    """Return the position nearest past *start* that holds the text, and how many were looked at."""
    holds, looked = wanted.finder(), 0
    for page in pages(log, start, limit):
        job.progress(looked, abs(limit - start))
        if job.cancelled():
            raise CancelledError(f"Cancelled after looking at {looked:,} events.")
        for event in page:
            looked += 1
            if holds(event):
                return event.position, looked
    return None, looked


def pages(log: EventLog, start: int, limit: int) -> Iterator[Sequence[Event]]:
    """Yield the events past *start* up to *limit*, in that order, some at a time."""
    if limit >= start:
        for first in range(start + 1, limit + 1, _PAGE):
            yield list(log.read(first, min(first + _PAGE - 1, limit)))
    else:
        for last in range(start - 1, limit - 1, -_PAGE):
            yield list(log.read(max(limit, last - _PAGE + 1), last))[::-1]


def _names(event: Event) -> tuple[str, str, str, str]:
    return event.type, event.source, event.stream, event.id
