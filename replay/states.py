"""The states of a stream one after the other, each made from the one before it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .index import ORDINAL_BITS, Index, StreamWrite

WIDTH = 1_000  # positions whose writes are read at once, at first
ROWS = 5_000  # writes read at once, about


def stream_states(
    index: Index, stream: int, start: int, stop: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    Yield position and state for each event that wrote to *stream*, up to *stop*, in order.

    *start* is the position of its first event, which is told even if it wrote nothing. Each
    write is read once, and some thousand are in memory at a time.
    """
    state: dict[str, Any] = {}
    order: dict[str, int] = {}  # the numbers of its fields
    for rows in _pages(index, stream, start, stop):
        values = json.loads(f"[{','.join([text or 'null' for *_, text in rows])}]")
        for (id, number, field, text), value in zip(rows, values, strict=True):
            if id >> ORDINAL_BITS != start:
                yield start, state.copy()
                start = id >> ORDINAL_BITS
            if text is None:
                state.pop(field, None)
            elif field in state:
                state[field] = value
            else:  # where it stands in a state that is looked up
                order[field], state[field] = number, value
                state = {name: state[name] for name in sorted(state, key=order.__getitem__)}
    yield start, state


def _pages(index: Index, stream: int, start: int, stop: int) -> Iterator[list[StreamWrite]]:
    """Yield the writes of *stream* in order, those of an event together."""
    width = WIDTH
    while start <= stop:
        rows = index.stream_writes(stream, start, min(start + width - 1, stop))
        yield rows
        start += width
        width = max(1, width * ROWS // max(len(rows), ROWS // 8))


def parsed(texts: Iterable[str | None]) -> list[Any]:
    """Return the values of many JSON texts, parsed in one go: five times as fast."""
    values: list[Any] = json.loads(f"[{','.join(filter(None, texts))}]")
    return values
