"""The state at a position: what the event changed, its stream, then the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from laban.replay.pointer import format_pointer, parse_pointer
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .state_rows import Folds, change_rows, tree_rows
from .values import RowKind, StateRow


@dataclass(frozen=True, slots=True)
class StatePage:
    """Rows of the state pane; *changes* are those of them that the event changed."""

    rows: list[StateRow]
    changes: list[StateRow]
    counts: str  # ~2 +1 −1

    def find(self, pointer: str) -> int:
        """Return the row of *pointer*, or of the nearest path around it; else the first change."""
        named = [(row.pointer, index) for index, row in enumerate(self.rows) if row.pointer]
        rows = dict(reversed(named))
        tokens = parse_pointer(pointer)
        for length in range(len(tokens), min(len(tokens), 2) - 1, -1):
            if (index := rows.get(format_pointer(tokens[:length]))) is not None:
                return index
        return 1 if self.changes else 0


def state_page(
    timeline: Timeline, event: Event | None, folds: Folds, shown: str, listed: int
) -> StatePage:
    """
    Return the state after *event*: changes, its stream, stream *shown*, *listed* other streams.
    """
    if event is None:
        rows = [StateRow("No state before the first event.", RowKind.NOTE)]
        return StatePage(rows, [], "")
    own = format_pointer((event.stream,))
    changes, marks = change_rows(
        [(c.pointer, c.before, c.after) for c in timeline.changes(event.position)], own
    )
    counts = " ".join(f"{mark}{count:,}" for mark, count in marks.items() if count)
    rows = [StateRow("changed here", RowKind.HEADING, value=counts or "nothing"), *changes]
    if shown and shown != event.stream:
        rows += _stream(timeline, shown, event.position, folds, "esc hides it")
    rows += _stream(timeline, event.stream, event.position, folds, f"@{event.stream_position}")
    rows += _others(timeline, event, folds, shown, listed)
    return StatePage(rows, [row for row in changes if row.kind is RowKind.CHANGE], counts)


def _stream(
    timeline: Timeline, stream: str, position: int, folds: Folds, note: str
) -> Iterator[StateRow]:
    state = timeline.stream_at(stream, position)
    if state is None:
        pointer = format_pointer((stream,))
        yield StateRow(stream, RowKind.HEADING, pointer, value="does not exist yet")
    else:
        yield from tree_rows(stream, state, folds, note)


def _others(
    timeline: Timeline, event: Event, folds: Folds, shown: str, listed: int
) -> Iterator[StateRow]:
    """Yield the other streams, folded unless the user unfolded them."""
    names = [
        name
        for name in timeline.streams(event.position, limit=listed + 3)
        if name not in (event.stream, shown)
    ]
    if names:
        yield StateRow("other streams", RowKind.HEADING, value="l unfolds")
    for name in names[:listed]:
        pointer = format_pointer((name,))
        if folds.is_open(pointer, _NEVER, ()):
            yield from _stream(timeline, name, event.position, folds, "")
        else:
            yield StateRow(name, pointer=pointer, open=False)
    if len(names) > listed:
        yield StateRow("more streams: enter lists them, : /STREAM shows one", RowKind.MORE)


_NEVER = 1 << 30  # a depth at which nothing is open by itself
