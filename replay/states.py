"""The states of a stream one after the other, each made from the one before it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from sqlite3 import DataError
from types import MappingProxyType
from typing import Any

import msgspec

from .index import Index

WIDTH = 8  # positions whose writes are read at once, at first
SIZE = 64 * 1024  # length of the values read at once, about
SPARSE = 8  # where a stream has fewer writes than one in so many positions, each is looked up

_decode = msgspec.json.Decoder().decode


def stream_states(
    index: Index, stream: int, start: int, stop: int
) -> Iterator[tuple[int, MappingProxyType[str, Any]]]:
    """
    Yield position and state for each event that wrote to *stream*, up to *stop*, in order.

    *start* is the position of its first event, which is told even if it wrote nothing. The
    state is a view that is good until the next step. Each write is read and parsed once, and
    a page of them is in memory at a time.
    """
    names = index.names_of(stream)
    state: dict[str, Any] = {}
    view, highest = MappingProxyType(state), 0
    for positions, fields, values in _pages(index, stream, start, stop):
        for position, field, value in zip(positions, fields, values, strict=True):
            if position != start:
                yield start, view
                start = position
            if field < 0:
                state.pop(names[-field], None)
            elif (name := names[field]) in state:
                state[name] = value
            else:
                state[name] = value
                if field < highest:  # it stands where it does in a state that is looked up
                    _sort(state, names.values())
                highest = max(highest, field)
    yield start, view


def _sort(state: dict[str, Any], order: Iterable[str]) -> None:
    fields = {name: state[name] for name in order if name in state}
    state.clear()
    state.update(fields)


def _pages(index: Index, stream: int, start: int, stop: int) -> Iterator[list[list[Any]]]:
    """Yield what `Index.stream_writes` tells of *stream*, the writes of an event together."""
    width, among_few = WIDTH, True
    while start <= stop:
        last = min(start + width - 1, stop)
        try:
            columns = index.stream_writes(stream, start, last, among_few)
        except DataError:  # too long for a text in SQLite
            if width == 1:
                raise
            width = max(1, width // 8)
            continue
        positions, fields, values = map(_parse, columns)
        yield [positions, fields, values]
        start += width
        among_few = len(positions) * SPARSE >= width
        width = max(1, width * SIZE // max(len(columns[2]), SIZE // 8))


def parsed(texts: Iterable[str | None]) -> list[Any]:
    """Return the values of many JSON texts, parsed in one go: five times as fast."""
    return _parse(f"[{','.join(filter(None, texts))}]")


def _parse(array: str) -> list[Any]:
    try:
        values: list[Any] = _decode(array)
    except msgspec.DecodeError:  # it is faster than json's parser, but refuses 1e999
        values = json.loads(array)
    return values
