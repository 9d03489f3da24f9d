"""Reading a log for races: a few columns of every event, and all of some streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from laban.replay.choreography.engine import unreadable
from laban.store.event import Event, NewEvent
from laban.store.jsontext import EMPTY, JsonObject
from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

BATCH = 2_000  # events: few enough to stay in the processor's cache
STREAMS = 500  # at a time
LONG = 1_000  # characters of metadata that may nest too deep

Reads = dict[str, Any]  # the version, a position or the id of an event, by pointer


class Batch(Struct, frozen=True):
    """What a scan needs of some events that follow one another: a list a column."""

    first: int  # the position of the first one
    streams: Sequence[str]
    ids: Sequence[str]
    types: Sequence[str]
    sources: Sequence[str]
    causes: Sequence[str | None]  # ids
    reads: Sequence[Reads | None]  # None of an event that says nothing of it

    @property
    def positions(self) -> range:
        return range(self.first, self.first + len(self.ids))


class _Metadata(Struct, gc=False):
    reads: dict[str, int | str] | None = None


# One text a column and batch: SQLite and msgspec make and read it in half the time of rows.
_TELLS = "instr(metadata, '\"reads\"')"
_READS = (
    f"'[' || group_concat(CASE WHEN NOT {_TELLS} THEN '{{}}'"
    f" WHEN length(metadata) < {LONG} THEN metadata ELSE json_quote(metadata) END) || ']'"
)
_NAMES = ("stream", "id", "type", "source", "causation_id")
_COLUMNS = ", ".join([*(f"json_group_array({name})" for name in _NAMES), _READS])
_texts = msgspec.json.Decoder(list[str]).decode
_known_texts = msgspec.json.Decoder(list[str | None]).decode
_metadata = msgspec.json.Decoder(_Metadata).decode
_each_metadata = msgspec.json.Decoder(list[_Metadata | str]).decode  # texts: the long ones


def batches(log: EventLog, head: int) -> Iterator[Batch]:
    """Yield what a scan needs of every event up to *head*."""
    if isinstance(log, SqliteLog):
        for first in range(1, head + 1, BATCH):
            yield _selected(log, first, min(first + BATCH - 1, head))
        return
    events = log.read(1, head)
    while some := list(islice(events, BATCH)):
        yield Batch(
            first=some[0].position,
            streams=[event.stream for event in some],
            ids=[event.id for event in some],
            types=[event.type for event in some],
            sources=[event.source for event in some],
            causes=[event.causation_id for event in some],
            reads=[reads_of(event.metadata.text) for event in some],
        )


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


def reads_of(metadata: str) -> Reads | None:
    """Return what the text of a `metadata` says was read; None when it says nothing of it."""
    if '"reads"' not in metadata:
        return None
    try:
        if len(metadata) < LONG or not unreadable(_nothing_but(metadata)):
            return _metadata(metadata).reads
        return None
    except (msgspec.MsgspecError, UnicodeError):  # values of other types, half characters
        reads = JsonObject(metadata).parsed.get("reads")
        return reads if isinstance(reads, dict) else None


def _nothing_but(metadata: str) -> NewEvent:
    return NewEvent(stream="", type="", data=EMPTY, id="", metadata=JsonObject(metadata))


def _selected(log: SqliteLog, first: int, last: int) -> Batch:
    ((streams, ids, types, sources, causes, metadata),) = log.select(_COLUMNS, first, last)
    try:
        told = _each_metadata(metadata)
        reads = [reads_of(each) if isinstance(each, str) else each.reads for each in told]
    except (msgspec.MsgspecError, UnicodeError):  # as in reads_of, in one of them at least
        reads = [reads_of(text) for (text,) in log.select("metadata", first, last)]
    return Batch(
        first, _texts(streams), _texts(ids), _texts(types), _texts(sources), _known_texts(causes),
        reads,
    )  # fmt: skip
