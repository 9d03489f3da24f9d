"""What the assertions take: logs and choreographies in the forms that are at hand in a test."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

from laban.replay.choreography import Choreography
from laban.replay.choreography.loading import load_choreography
from laban.replay.pointer import MISSING
from laban.replay.rehearsal import unplaced
from laban.store import open_log
from laban.store.clock import parse_time
from laban.store.errors import LabanError
from laban.store.event import NewEvent
from laban.store.importers import detect, import_source
from laban.store.jsontext import to_json
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .frames import clear

Events: TypeAlias = Iterable[NewEvent | Mapping[str, Any]]
AnyLog: TypeAlias = "str | os.PathLike[str] | EventLog | Events"
AnyChoreography: TypeAlias = "str | os.PathLike[str] | Choreography"

_ENVELOPE = frozenset(NewEvent.__struct_fields__) - {"time_ns"} | {"time"}
_PLACES = frozenset({"position", "stream_position", "recorded_at", "hash"})  # in another log


class UnusableLogError(LabanError):
    """What was given for a log holds no events that can be used."""


class NoJsonError(LabanError):
    """What was expected can be in no state."""


@contextmanager
def opened(log: AnyLog) -> Iterator[EventLog]:
    """
    Give *log* as an EventLog; what was opened for it is closed again.

    A path is a log of laban, or a file that `laban import` reads, which is read into memory: no
    folder need be writable. Raises UnusableLogError, NotALogError and SourceError.
    """
    if isinstance(log, (str, os.PathLike)):
        path = Path(log)
        if detect(path) != "laban":
            yield _imported(path)
            return
        found = open_log(path)
        try:
            yield found
        finally:
            found.close()
    elif hasattr(log, "read_stream"):
        yield cast(EventLog, log)
    else:
        yield recorded(log)


@clear
def in_memory(log: AnyLog) -> MemoryLog:
    """Return a copy of *log* that can be added to."""
    with opened(log) as found:
        return recorded(found.read())


def recorded(events: Events) -> MemoryLog:
    """Return a log of *events*: NewEvents, Events, or dicts under the envelope's names."""
    log = MemoryLog()
    log.append(*(_event(event, number) for number, event in enumerate(events, 1)))
    return log


def json_value(value: Any) -> Any:
    """Return *value* as JSON knows it, tuples as lists. Raises NoJsonError; MISSING stays."""
    if value is MISSING:
        return value
    try:
        return json.loads(to_json(value))
    except (TypeError, ValueError) as error:
        raise NoJsonError(
            f"A state holds JSON, and {type(value).__name__} is none ({error}): "
            "give dicts, lists, texts, numbers, booleans or None."
        ) from None


def loaded(choreography: AnyChoreography) -> Choreography:
    """Return a choreography, or the one that "FILE" or "FILE:NAME" holds."""
    if isinstance(choreography, Choreography):
        return choreography
    return load_choreography(os.fspath(choreography))


def _imported(path: Path) -> MemoryLog:
    log = MemoryLog()
    report = import_source([path], log)
    for finding in log.findings():
        if finding.kind in ("malformed", "conflict"):
            line = f", line {finding.line}" if finding.line else ""
            raise UnusableLogError(f"{path}{line}: {finding.detail}: mend the line or drop it.")
    if not report.events:
        raise UnusableLogError(f"{path} holds no events.")
    return log


def _event(event: NewEvent | Mapping[str, Any], number: int) -> NewEvent:
    if isinstance(event, NewEvent):
        return unplaced(event)
    if not isinstance(event, Mapping):
        raise UnusableLogError(f"Event {number} is {event!r}: give dicts or NewEvents.")
    fields = {k: v for k, v in event.items() if k not in _PLACES and v is not None}
    unknown = fields.keys() - _ENVELOPE
    if unknown or not {"stream", "type"} <= fields.keys():
        wrong = f"has {min(unknown)!r}" if unknown else "lacks stream or type"
        raise UnusableLogError(f"Event {number} {wrong}: it takes {', '.join(sorted(_ENVELOPE))}.")
    for name in fields.keys() - {"data", "metadata"}:
        if not isinstance(fields[name], str):
            raise UnusableLogError(f"Event {number}: {name} is {fields[name]!r}, and no text.")
    try:
        if "time" in fields:
            fields["time_ns"] = parse_time(fields.pop("time"))
        return NewEvent(**{"id": f"event-{number}", "data": {}, **fields})
    except (TypeError, ValueError) as error:
        raise UnusableLogError(f"Event {number}: {error}.") from None
