"""The part of a log that a failure needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec.structs import replace

from laban.replay.choreography import Plan
from laban.replay.explain import causes
from laban.replay.pointer import parse_pointer
from laban.replay.rehearsal import unplaced
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject, to_json

LARGEST = 100_000  # events of a test
_EVERYWHERE = frozenset({"recent_events", "event_count", "source_event_count"})


class TooManyEventsError(LabanError):
    """More events than a test should hold."""

    def __init__(self) -> None:
        super().__init__(
            f"The test would hold more than {LARGEST:,} events: name an earlier end by --at, or "
            "minimise the log first."
        )


def causal_slice(timeline: Timeline, focus: int, stop: int) -> list[Event]:
    """
    Return what led to the event at *focus*, up to *stop*, in order of position.

    Those are its causes, the whole of their business transactions, all events of the streams
    that these write or say they read, and the causes of all of them. Raises TooManyEventsError.
    """
    led, _ = causes(timeline, focus)
    found = {event.position: event for event in led}
    for correlation in {event.correlation_id for event in led}:
        _add(found, stop, timeline.log.correlated(correlation))
    for stream in sorted(set(_streams(found.values()))):
        _add(found, stop, timeline.log.read_stream(stream))
    for position in list(found):
        while (cause := timeline.cause(position)) and cause.position not in found:
            position = cause.position
            found[position] = cause
    return [found[position] for position in sorted(found)]


def looks_beyond(plan: Plan) -> bool:
    """Tell whether what *plan* decides may hang on business transactions of no concern."""
    limited = any(c.rate_limit or c.breaker for c in plan.capabilities.values())
    return limited or bool(plan.thresholds) or not _EVERYWHERE.isdisjoint(plan.names)


def freed(events: Iterable[Event]) -> list[NewEvent]:
    """Return *events* without their positions: what they read is named by the events' ids."""
    events = list(events)
    ids = {event.position: event.id for event in events}
    return [_with_ids(unplaced(event), ids) for event in events]


def _streams(events: Iterable[Event]) -> Iterator[str]:
    """Yield the streams that are written or read; the engine's own are made anew."""
    for event in events:
        reads = event.metadata.get("reads")
        for pointer in reads if isinstance(reads, dict) else ():
            yield parse_pointer(pointer)[0]
        if not event.stream.startswith("$"):
            yield event.stream


def _add(found: dict[int, Event], stop: int, events: Iterable[Event]) -> None:
    """Add *events* that come in order, up to *stop*."""
    for event in takewhile(lambda event: event.position <= stop, events):
        found[event.position] = event
        if len(found) > LARGEST:
            raise TooManyEventsError


def _with_ids(event: NewEvent, ids: dict[int, str]) -> NewEvent:
    reads = event.metadata.get("reads")
    if not isinstance(reads, dict) or not any(version in ids for version in reads.values()):
        return event
    named = {pointer: ids.get(version, version) for pointer, version in reads.items()}
    metadata = {**event.metadata.parsed, "reads": named}
    return replace(event, metadata=JsonObject(to_json(metadata)))
