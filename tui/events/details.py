"""Everything recorded about one event, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from laban.replay.explain.reads import Read, reads_of
from laban.replay.pointer import MISSING
from laban.replay.timeline import Timeline
from laban.store.clock import format_time
from laban.store.event import Event
from laban.tui.state.preview import preview
from laban.tui.values import DetailRow, Mark, RowKind, elapsed

MOST_LINES = 2_000  # of an event's data and metadata each
MOST_EFFECTS = 100
_INDENTED = json.JSONEncoder(indent=2, ensure_ascii=False)
_MOST_PIECES = 4 * (MOST_LINES + 3)  # a line is made of four at most: `, "name": [`


def detail_rows(timeline: Timeline, event: Event, start_ns: int | None) -> list[DetailRow]:
    """Return what is recorded about *event*: its envelope, causes, effects, reads and data."""
    return [
        DetailRow("type", f"{event.type}  by {event.source}"),
        DetailRow("stream", f"{event.stream}@{event.stream_position}"),
        DetailRow("time", _time(event, start_ns)),
        *_cause(timeline, event),
        *_effects(timeline, event),
        *_reads(timeline, event),
        *_json("data", event.data.parsed),
        *(_json("metadata", event.metadata.parsed) if event.metadata.parsed else ()),
        *_record(event),
    ]


def _time(event: Event, start_ns: int | None) -> str:
    if event.time_ns is None:
        return "not recorded"
    return f"{format_time(event.time_ns)}  {elapsed(event.time_ns, start_ns)}"


def _record(event: Event) -> Iterator[DetailRow]:
    yield DetailRow("record", kind=RowKind.HEADING)
    yield DetailRow("id", event.id)
    if event.correlation_id is not None:
        yield DetailRow("correl.", event.correlation_id)
    yield DetailRow("recorded", format_time(event.recorded_at_ns))


def _cause(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    if event.causation_id is None:
        yield DetailRow("cause", "not recorded")
    elif cause := timeline.cause(event.position):
        kind = event.metadata.parsed.get("causation_kind")
        how = f" ({kind})" if kind else ""
        yield DetailRow("cause", title(cause) + how, target=cause.position)
    else:
        yield DetailRow("cause", f"#{event.causation_id}, which is not in this log")


def _effects(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    effects = timeline.effects(event.position)
    label = "effects"
    for effect in effects[:MOST_EFFECTS]:
        yield DetailRow(label, title(effect), target=effect.position)
        label = ""
    if len(effects) > MOST_EFFECTS:
        yield DetailRow(f"… and {len(effects) - MOST_EFFECTS:,} more effects", kind=RowKind.NOTE)


def _reads(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    """Yield the values that the event's source says it had read, and which were out of date."""
    label = "read"
    for read in reads_of(timeline, event):
        yield from read_rows(read, label)
        label = ""


def read_rows(read: Read, label: str, lead: str = "", below: str = "") -> Iterator[DetailRow]:
    """Yield what was read, after *lead*, and that it was stale, after *below*."""
    seen = f"@{read.version}" if isinstance(read.version, int) else f"#{read.version}"
    value = "" if read.verdict == "unknown" else f": {_value(read.value)}"
    yield DetailRow(label, f"{lead}{read.pointer} as of {seen}{value}", target=read.position)
    if newer := read.newer:
        text = f"{below}stale: it was {_value(newer.value)} since @{newer.position}"
        yield DetailRow("", text, target=newer.position, mark=Mark.ERROR)
    elif read.verdict == "future":
        yield DetailRow("", f"{below}recorded later than this event", mark=Mark.ERROR)


def _value(value: Any) -> str:
    return "nothing" if value is MISSING else preview(value)


def _json(label: str, value: Any) -> Iterator[DetailRow]:
    yield DetailRow(label, kind=RowKind.HEADING)
    lines = "".join(islice(_INDENTED.iterencode(value), _MOST_PIECES)).split("\n")[1:]
    inner = lines[:-1] if len(lines) <= MOST_LINES + 1 else lines[:MOST_LINES]
    for line in inner or ["  (empty)"]:
        yield DetailRow(line, kind=RowKind.TEXT)
    if len(lines) > MOST_LINES + 1:
        yield DetailRow("… and more: `laban log --json` prints all", kind=RowKind.NOTE)


def title(event: Event) -> str:
    return f"@{event.position} {event.type}  {event.stream}  {event.source}"
