"""What the tests of forks share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from laban.replay.choreography import Choreography
from laban.replay.fork import Edit, Forked, fork
from laban.replay.rehearsal import unplaced
from laban.store.event import Event, NewEvent, event_line
from laban.store.log import EventLog
from laban.store.memory import MemoryLog


def lines(log: EventLog) -> list[str]:
    return [event_line(event) for event in log.read()]


def forked(
    log: EventLog, at: int, *edits: Edit, choreography: Choreography | None = None, **options: Any
) -> tuple[MemoryLog, Forked]:
    """Return a fork, and what was told of it."""
    into = MemoryLog()
    return into, fork(log, at, edits, into, choreography=choreography, **options)


def said(*events: dict[str, Any]) -> MemoryLog:
    """Return a log of events; what they do not say is made up."""
    log = MemoryLog()
    for number, event in enumerate(events, 1):
        log.append(
            NewEvent(**{"stream": "s", "type": "t", "data": {}, "id": f"e{number}", **event})
        )
    return log


def of(log: EventLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == type]


def types(log: EventLog) -> Sequence[str]:
    return [event.type for event in log.read()]


def cut(log: EventLog, position: int, fingerprint: str) -> MemoryLog:
    """Return what of *log* was recorded when its runtime was killed after *position*."""
    short = MemoryLog()
    for event in log.read(1, position):
        short.append(unplaced(event))
    rules = {"choreography": "x", "fingerprint": fingerprint}
    last = log.get(position)
    started = replace(
        unplaced(last), stream="$timers", type="runtime.started", source="clock", id="started",
        causation_id=None, data={}, metadata=rules,
    )  # fmt: skip
    if position:
        short.append(started)
    return short
