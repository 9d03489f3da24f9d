"""The state at a position: what the event changed, its stream, then the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from laban.replay.pointer import format_pointer, parse_pointer
from laban.store.event import Event
from laban.tui.pages import Joined
from laban.tui.values import RowKind, StateRow

from .near import NearStates
from .rows import change_rows
from .tree import Folds, StreamTree


class Listed(list[StateRow]):
    """Rows that are few."""

    def find(self, tokens: Sequence[str]) -> tuple[int, int]:
        """Return the row of the path *tokens*, or of the nearest around it, and its tokens."""
        pointers = [row.pointer for row in self]
        for length in range(len(tokens), 0, -1):
            if (pointer := format_pointer(tokens[:length])) in pointers:
                return pointers.index(pointer), length
        return -1, 0


Part = Listed | StreamTree


@dataclass(frozen=True, slots=True)
class StatePage:
    """Rows of the state pane; *changes* are those of them that the event changed."""

    rows: Joined[StateRow]  # made when they are looked at
    parts: Sequence[Part]  # of the rows
    changes: Sequence[StateRow]
    counts: str  # ~2 +1 −1
    lead: int = 0  # rows that stand before the changes

    def below(self, rows: Sequence[StateRow]) -> StatePage:
        """Return the page with *rows* before all others."""
        parts = [Listed(rows), *self.parts]
        return replace(self, rows=Joined(parts), parts=parts, lead=self.lead + len(rows))

    def narrowed(self, rows: Sequence[StateRow]) -> StatePage:
        """Return the page with *rows* in place of its own."""
        parts = [Listed(rows)]
        return replace(self, rows=Joined(parts), parts=parts)

    def find(self, pointer: str) -> int:
        """Return the row of *pointer*, or of the nearest path around it; else the first change."""
        tokens = parse_pointer(pointer)
        row, most = 0, 0
        start = 0
        for part in self.parts:
            found, named = part.find(tokens)
            if named > most:
                row, most = start + found, named
            start += len(part)
        return row if most >= min(len(tokens), 2) > 0 else self.lead + bool(self.changes)


def state_page(
    states: NearStates, event: Event | None, folds: Folds, shown: str, listed: int
) -> StatePage:
    """
    Return the state after *event*: changes, its stream, stream *shown*, *listed* other streams.
    """
    if event is None:
        return _page([Listed([StateRow("No state before the first event.", RowKind.NOTE)])], [], "")
    own = format_pointer((event.stream,))
    changes, marks = change_rows(
        [(c.pointer, c.before, c.after) for c in states.timeline.changes(event.position)], own
    )
    counts = " ".join(f"{mark}{count:,}" for mark, count in marks.items() if count)
    heading = StateRow("changed here", RowKind.HEADING, value=counts or "nothing")
    parts: list[Part] = [Listed([heading, *changes])]
    if shown and shown != event.stream:
        parts.append(_stream(states, shown, event.position, folds, "esc hides it"))
    parts.append(_stream(states, event.stream, event.position, folds, f"@{event.stream_position}"))
    parts += _others(states, event, folds, shown, listed)
    return _page(parts, [row for row in changes if row.kind is RowKind.CHANGE], counts)


def _page(parts: Sequence[Part], changes: Sequence[StateRow], counts: str) -> StatePage:
    return StatePage(Joined(parts), parts, changes, counts)


def _stream(states: NearStates, stream: str, position: int, folds: Folds, note: str) -> Part:
    state = states.at(stream, position)
    if state is None:
        pointer = format_pointer((stream,))
        return Listed([StateRow(stream, RowKind.HEADING, pointer, value="does not exist yet")])
    return StreamTree(stream, state, folds, note)


def _others(
    states: NearStates, event: Event, folds: Folds, shown: str, listed: int
) -> Iterator[Part]:
    """Yield the other streams, folded unless the user unfolded them."""
    names = [
        name
        for name in states.timeline.streams(event.position, limit=listed + 3)
        if name not in (event.stream, shown)
    ]
    closed = Listed()
    if names:
        closed.append(StateRow("other streams", RowKind.HEADING, value="l unfolds"))
    for name in names[:listed]:
        pointer = format_pointer((name,))
        if folds.is_open(pointer):
            yield closed
            yield _stream(states, name, event.position, folds, "")
            closed = Listed()
        else:
            closed.append(StateRow(name, pointer=pointer, open=False))
    if len(names) > listed:
        closed.append(StateRow("more streams: enter lists them, : /STREAM shows one", RowKind.MORE))
    yield closed
