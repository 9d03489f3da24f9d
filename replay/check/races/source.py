"""Reading a log for races: a few columns of every event, and all of some streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from laban.store.event import Event
from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

BATCH = 1_000  # events: few enough to stay in the processor's cache
STREAMS = 500  # at a time

# position, stream, id, type, source, causation_id, and metadata where it may hold reads
Row = tuple[int, str, str, str, str, str | None, str | None]

_COLUMNS = (
    "position, stream, id, type, source, causation_id,"
    " CASE WHEN instr(metadata, '\"reads\"') THEN metadata END"
)


def rows(log: EventLog, head: int) -> Iterator[list[Row]]:
    """Yield what a scan needs of every event up to *head*, in batches."""
    if isinstance(log, SqliteLog):
        for first in range(1, head + 1, BATCH):
            yield log.select(_COLUMNS, first, min(first + BATCH - 1, head))
        return
    events = log.read(1, head)
    while batch := [_row(event) for event in islice(events, BATCH)]:
        yield batch


def streams(log: EventLog, names: Iterable[str], head: int) -> Iterator[tuple[str, list[Event]]]:
    """Yield each of the streams *names* with its events up to *head*, in order."""
    if not isinstance(log, SqliteLog):
        for name in names:
            yield name, [event for event in log.read_stream(name) if event.position <= head]
        return
    wanted = iter(names)
    while some := list(islice(wanted, STREAMS)):
        found: dict[str, list[Event]] = {name: [] for name in some}
        for event in log.read_streams(some):
            if event.position <= head:
                found[event.stream].append(event)
        yield from found.items()


def _row(event: Event) -> Row:
    metadata = event.metadata.text
    return (
        event.position, event.stream, event.id, event.type, event.source, event.causation_id,
        metadata if '"reads"' in metadata else None,
    )  # fmt: skip
