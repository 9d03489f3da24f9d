"""Writing events for other tools; what is written here can be imported again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .clock import format_time
from .event import Event, event_line
from .importers.cloudevents import METADATA
from .jsontext import to_json


def jsonl_lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield each event as a line of interchange JSON."""
    return map(event_line, events)


def cloudevents_lines(events: Iterable[Event]) -> Iterator[str]:
    """Yield each event as a line of CloudEvents 1.0 JSON, `data` exactly as recorded."""
    return map(_cloudevent_line, events)


def _cloudevent_line(event: Event) -> str:
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.stream,
        "time": None if event.time_ns is None else format_time(event.time_ns),
        "correlationid": event.correlation_id,
        "causationid": event.causation_id,
        METADATA: event.metadata.text if len(event.metadata) else None,
    }
    given = {name: value for name, value in attributes.items() if value}
    line = f'{to_json(given)[:-1]},"data":{event.data.text}}}'
    return line.translate(_SPACES) if "\n" in line or "\r" in line else line


_SPACES = {ord(mark): " " for mark in "\r\n"}
