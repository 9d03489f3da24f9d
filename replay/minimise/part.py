"""Some of a log's events as a log of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from laban.replay.choreography import Plan
from laban.replay.rehearsal import rehearsed, unplaced
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .past import Past, reads_of

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def part(past: Past, kept: Sequence[int]) -> MemoryLog:
    """Return the events at the positions *kept* as a log."""
    log = MemoryLog()
    log.append(*moved(past, kept))
    return log


def moved(past: Past, kept: Sequence[int]) -> Iterator[NewEvent]:
    """
    Yield the events at *kept* as they go into another log, where they get other positions.

    Where `metadata.reads` names a write by its position, it is given its position there: in a
    closed set it is there. All else stays as it was recorded, to the letter.
    """
    places = {position: place for place, position in enumerate(kept, 1)}
    for position in kept:
        yield _moved(past.events[position], places)


def made_anew(log: EventLog, plan: Plan) -> MemoryLog:
    """
    Return what *plan* makes of the events of *log*: see `rehearsed`.

    Decisions that are new move what comes after them, so reads name events by their ids.
    """
    ids = {event.position: event.id for event in log.read()}
    named = MemoryLog()
    named.append(*(_moved(event, ids) for event in log.read()))
    return rehearsed(named, plan)


def _moved(event: Event, places: Mapping[int, int | str]) -> NewEvent:
    fresh, reads = unplaced(event), reads_of(event)
    new = {pointer: _place(version, places) for pointer, version in reads.items()}
    if new == reads:
        return fresh
    raw = {name: str(value, "utf-8") for name, value in _fields.decode(event.metadata.text).items()}
    raw["reads"] = to_json(new)
    text = ",".join(f"{to_json(name)}:{value}" for name, value in raw.items())
    return replace(fresh, metadata=JsonObject(f"{{{text}}}"))


def _place(version: object, places: Mapping[int, int | str]) -> object:
    moves = isinstance(version, int) and not isinstance(version, bool)
    return places.get(version, version) if moves else version  # type: ignore[call-overload]
