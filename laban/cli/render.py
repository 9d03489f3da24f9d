"""Events, values and changes as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, zip_longest

from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog
from laban.store.terminal import cells, fit, safe
from laban.tui.values import elapsed

PEEK = 100  # rows looked at to set the widths of columns
WIDEST = 28  # terminal cells of a column but the last; on a terminal, what is longer is cut
_SIGNS = frozenset("@+−")


def value_text(value: object) -> str:
    """Return a JSON value on one line, safe for a terminal."""
    return safe(to_json(value))


def value_lines(value: object) -> str:
    """Return a JSON value indented, safe for a terminal."""
    return "\n".join(safe(line) for line in to_json(value, indent=2).split("\n"))


def event_cells(event: Event, start_ns: int | None) -> tuple[str, ...]:
    """Return position, time, source, type, stream address and data of *event*."""
    return (
        f"@{event.position}",
        elapsed(event.time_ns, start_ns) or "?",
        safe(event.source),
        safe(event.type),
        safe(f"{event.stream}@{event.stream_position}"),
        _data_text(event),
    )


def _data_text(event: Event) -> str:
    text = event.data.text
    return value_text(event.data.parsed) if "\n" in text else safe(text)


def start_of(log: EventLog) -> int | None:
    """Return the time of the first event that has one, ns since the epoch, if it comes soon."""
    return next((e.time_ns for e in log.read(1, PEEK) if e.time_ns is not None), None)


def event_text(event: Event, start_ns: int | None) -> str:
    """Return *event* as one line by itself, in no columns."""
    return "  ".join(event_cells(event, start_ns))


def columns(
    rows: Iterable[tuple[str, ...]],
    width: int | None,
    sample: Iterable[tuple[str, ...]] | None = None,
) -> Iterator[str]:
    """
    Yield *rows* as aligned lines, cut to *width* cells when that is given.

    The widths are those of *sample*, else of the first PEEK rows, which are waited for; a
    longer cell further down makes its column grow.
    """
    rows = iter(rows)
    first = list(islice(rows, PEEK)) if sample is None else []
    widest = WIDEST if width else None
    widths: list[int] = []
    for row in first if sample is None else sample:
        widths = _grown(widths, row, widest)
    for row in chain(first, rows):
        widths = _grown(widths, row, widest)
        yield fit(_aligned(row, widths), width)


def _grown(widths: list[int], row: tuple[str, ...], widest: int | None) -> list[int]:
    """Return the widths that show *row* too, none beyond *widest*; the last cell needs none."""
    needed = [min(cells(cell), widest or cells(cell)) for cell in row[:-1]]
    return [max(pair) for pair in zip_longest(widths, needed, fillvalue=0)]


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    *first, last = row
    padded = [_padded(cell, width) for cell, width in zip(first, widths, strict=True)]
    return "  ".join([*padded, last])


def _padded(cell: str, width: int) -> str:
    """Numbers and times, which begin with a sign, stand to the right, words to the left."""
    cell = fit(cell, width)
    space = " " * (width - cells(cell))
    return space + cell if cell[:1] in _SIGNS else cell + space
