"""Everything recorded about one event, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laban.replay.timeline import Timeline
from laban.store.clock import format_time
from laban.store.errors import LabanError
from laban.store.event import Event

from .values import DetailRow, Mark, RowKind, elapsed

MOST_LINES = 2_000  # of an event's data and metadata each
MOST_EFFECTS = 100


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
        yield DetailRow("cause", _title(cause) + how, target=cause.position)
    else:
        yield DetailRow("cause", f"#{event.causation_id}, which is not in this log")


def _effects(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    effects = timeline.effects(event.position)
    label = "effects"
    for effect in effects[:MOST_EFFECTS]:
        yield DetailRow(label, _title(effect), target=effect.position)
        label = ""
    if len(effects) > MOST_EFFECTS:
        yield DetailRow(f"… and {len(effects) - MOST_EFFECTS:,} more effects", kind=RowKind.NOTE)


def _reads(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    """Yield the values that the event's source says it had read, and which were out of date."""
    reads = event.metadata.parsed.get("reads")
    if not isinstance(reads, Mapping):
        return
    label = "read"
    for pointer, seen in reads.items():
        position = _position_read(timeline, seen)
        yield DetailRow(label, f"{pointer} as of {_written(seen)}", target=position)
        label = ""
        newer = _newer_write(timeline, pointer, position, event.position)
        if newer is not None:
            text = f"stale: @{newer} had written it since"
            yield DetailRow(label, text, target=newer, mark=Mark.ERROR)


def _position_read(timeline: Timeline, seen: Any) -> int | None:
    if isinstance(seen, int) and not isinstance(seen, bool):
        return seen if 0 <= seen <= timeline.head else None
    found: Sequence[Event] = timeline.log.find(seen) if isinstance(seen, str) else ()
    return found[0].position if found else None


def _newer_write(timeline: Timeline, pointer: str, read: int | None, at: int) -> int | None:
    """Return the write of *pointer* that came after the one read and before the event at *at*."""
    if read is None:
        return None
    try:
        last = timeline.last_write(pointer, at - 1)
    except LabanError:  # what the source wrote there is no pointer
        return None
    return last.position if last is not None and last.position > read else None


def _json(label: str, value: Any) -> Iterator[DetailRow]:
    yield DetailRow(label, kind=RowKind.HEADING)
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    inner = lines[1:-1] or ["  (empty)"]
    for line in inner[:MOST_LINES]:
        yield DetailRow(line, kind=RowKind.TEXT)
    if len(inner) > MOST_LINES:
        yield DetailRow(f"… and {len(inner) - MOST_LINES:,} more lines", kind=RowKind.NOTE)


def _title(event: Event) -> str:
    return f"@{event.position} {event.type}  {event.stream}  {event.source}"


def _written(seen: Any) -> str:
    return f"@{seen}" if isinstance(seen, int) else f"#{seen}"
