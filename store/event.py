"""Events: a fact before it is recorded, and after."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from .clock import format_time
from .jsontext import EMPTY, JsonObject, to_json


def _new_id() -> str:
    """
    Return a UUID that starts with the time, to a quarter of a microsecond, and ends by chance.

    Version 7 of RFC 9562, method 3. Such ids follow each other in a log's index; entirely
    random ones change a page of it for each event.
    """
    since, within = divmod(time.time_ns(), 1_000_000)
    start, chance = f"{since:012x}", os.urandom(8).hex()
    fraction = within * 4096 // 1_000_000
    return f"{start[:8]}-{start[8:]}-7{fraction:03x}-8{chance[:3]}-{chance[3:15]}"


class NewEvent(Struct, frozen=True, kw_only=True):
    """
    A fact somebody wants to record.

    `data` and `metadata` take any mapping and become a JsonObject, the exact text.
    """

    stream: str  # the entity, conversation or agent that it belongs to
    type: str
    data: JsonObject
    id: str = field(default_factory=_new_id)  # unique for its source
    source: str = "unknown"  # the agent that says so
    time_ns: int | None = None  # the source's clock, ns since the Unix epoch, UTC
    correlation_id: str | None = None  # the business transaction
    causation_id: str | None = None  # id of the event that led to this one
    metadata: JsonObject = EMPTY

    if TYPE_CHECKING:  # what the generated __init__ takes; it makes JsonObjects of mappings

        def __init__(
            self,
            *,
            stream: str,
            type: str,
            data: Mapping[str, Any],
            id: str = ...,
            source: str = ...,
            time_ns: int | None = ...,
            correlation_id: str | None = ...,
            causation_id: str | None = ...,
            metadata: Mapping[str, Any] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        if type(self.data) is not JsonObject:
            force_setattr(self, "data", _as_object(self.data))
        if type(self.metadata) is not JsonObject:
            force_setattr(self, "metadata", _as_object(self.metadata))


class Event(NewEvent, frozen=True, kw_only=True):
    """A fact as it was recorded. It never changes."""

    position: int  # 1, 2, 3, … in the log, without gaps
    stream_position: int  # 0, 1, 2, … in its stream, without gaps
    recorded_at_ns: int  # the recorder's clock, ns since the Unix epoch, UTC
    hash: bytes  # SHA-256 over this event and the hash of the one before

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            stream: str,
            type: str,
            data: Mapping[str, Any],
            id: str,
            source: str,
            time_ns: int | None,
            correlation_id: str | None,
            causation_id: str | None,
            metadata: Mapping[str, Any],
            position: int,
            stream_position: int,
            recorded_at_ns: int,
            hash: bytes,
        ) -> None: ...


def envelope(event: Event) -> dict[str, Any]:
    """Return *event* under its interchange names, JSON values only."""
    return {
        "position": event.position,
        "stream": event.stream,
        "stream_position": event.stream_position,
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "time": None if event.time_ns is None else format_time(event.time_ns),
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "data": event.data.parsed,
        "metadata": event.metadata.parsed,
    }


def event_line(event: Event) -> str:
    """
    Return *event* as one line of interchange JSON, `data` and `metadata` exactly as recorded.

    Only line breaks between their values become spaces; inside strings JSON has none.
    """
    head = {name: value for name, value in envelope(event).items() if name not in _TEXTS}
    line = f'{to_json(head)[:-1]},"data":{event.data.text},"metadata":{event.metadata.text}}}'
    return line.translate(_SPACES) if "\n" in line or "\r" in line else line


_TEXTS = ("data", "metadata")
_SPACES = {ord(mark): " " for mark in "\r\n"}


def _as_object(value: Mapping[str, Any]) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError(f"data and metadata are JSON objects such as {{}}, not {value!r}")
    return JsonObject(to_json(dict(value)))
