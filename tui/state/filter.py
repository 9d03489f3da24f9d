"""Pinned paths, and the paths of the state that have a text in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laban.replay.pointer import MISSING, format_pointer, parse_pointer
from laban.replay.timeline import Timeline, same
from laban.store.event import Event
from laban.tui.values import Mark, RowKind, StateRow

from .page import StatePage
from .preview import preview
from .rows import mark_of

MOST = 500  # paths that are listed …
LOOKED = 50_000  # … of so many that are looked at
STREAMS = 100  # other streams with the text in their names …
SCANNED = 100_000  # … of so many


def pinned_rows(timeline: Timeline, pins: Sequence[str], position: int) -> list[StateRow]:
    """Return the pinned paths with their values at *position*."""
    if not pins:
        return []
    rows = [_pinned(timeline, pin, position) for pin in pins]
    return [StateRow("pinned", RowKind.HEADING, value="p unpins"), *rows]


class StateFilter:
    """Shows the paths with a text in them, upper and lower case the same."""

    def __init__(self, text: str, timeline: Timeline) -> None:
        self.text = text
        self._wanted = text.lower()
        self._timeline = timeline
        self._names = _named(timeline, text.strip("/"))

    def rows(self, page: StatePage, event: Event, shown: str) -> list[StateRow]:
        """
        Return the changes of *page* with the text in their paths, then the other such paths.

        Those of the event's stream and of stream *shown*, then other streams with such names.
        """
        own = [event.stream, *([shown] if shown and shown != event.stream else [])]
        found, cut = self._found(own, event.position)
        names = [name for name in self._names if name not in own and self._is(name, event)]
        count = f"{len(found) + len(names):,}{'+' * cut}"
        return [
            StateRow(f"paths with {self.text}", RowKind.HEADING, value=f"{count}; \\ shows all"),
            *(row for row in page.changes if self._wanted in row.pointer.lower()),
            *(StateRow(at, pointer=at, value=preview(value)) for at, value in found),
            *([StateRow("… and more: write more of the path", RowKind.NOTE)] if cut else []),
            *([StateRow("other streams", RowKind.HEADING)] if names else []),
            *(StateRow(name, pointer=format_pointer((name,))) for name in names),
        ]

    def _found(self, streams: Sequence[str], position: int) -> tuple[list[tuple[str, Any]], bool]:
        """Return paths and values, and whether there may be more."""
        every = (path for stream in streams for path in _paths(self._timeline, stream, position))
        found: list[tuple[str, Any]] = []
        for number, (at, value) in enumerate(every):
            if number == LOOKED or len(found) == MOST:
                return found, True
            if self._wanted in at.lower():
                found.append((at, value))
        return found, False

    def _is(self, stream: str, event: Event) -> bool:
        start = self._timeline.start_of(stream)
        return start is not None and start <= event.position


def _paths(timeline: Timeline, stream: str, position: int) -> Iterator[tuple[str, Any]]:
    """Yield the paths below *stream* and their values, those of one value together."""
    waiting: list[tuple[str, Any]] = [
        (format_pointer((stream,)), timeline.stream_at(stream, position) or {})
    ]
    while waiting:
        pointer, value = waiting.pop()
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        below = [(pointer + format_pointer((str(key),)), item) for key, item in inner]
        yield from below
        waiting += [pair for pair in reversed(below) if isinstance(pair[1], Mapping | list)]


def _named(timeline: Timeline, text: str) -> list[str]:
    """Return the first streams with *text* in their names."""
    like = "".join(f"\\{letter}" if letter in "%_\\" else letter for letter in text)
    rows = timeline.index.all(
        f"SELECT name FROM (SELECT name FROM streams ORDER BY id LIMIT {SCANNED})"
        " WHERE name LIKE ? ESCAPE '\\' LIMIT ?",
        (f"%{like}%", STREAMS),
    )
    return [name for (name,) in rows]


def _pinned(timeline: Timeline, pointer: str, position: int) -> StateRow:
    """Return the row of a pinned path, marked where the event changed it."""
    tokens = parse_pointer(pointer)
    value = timeline.peek(tokens, position)
    before = timeline.peek(tokens, max(position - 1, 0))
    mark = Mark.NONE if same(before, value) else mark_of(before, value)
    text = "nothing yet" if value is MISSING else preview(value)
    return StateRow(pointer, pointer=pointer, value=text, mark=mark)
