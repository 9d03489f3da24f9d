"""A desk to run live: whatever is asked, its one agent is asked to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.runtime import Runtime
from laban.store.event import Event, NewEvent
from laban.store.sqlite import SqliteLog

Agent = Callable[[Any], Awaitable[Any]]


def desk(agent: Agent | None, **options: Any) -> Choreography:
    """A choreography whose one agent is asked to answer whatever is asked."""
    made = Choreography("desk")
    made.capability("clerk", **options)
    made.pattern(event_type="asked", action="answer", target_capability="clerk")
    if agent:
        made.agent("clerk")(agent)
    return made


def asked(id: str = "q-1", stream: str = "desk", **data: Any) -> NewEvent:
    return NewEvent(stream=stream, type="asked", id=id, source="guest", data=data)


def lived(choreography: Choreography, log: SqliteLog, *events: NewEvent, **options: Any) -> None:
    """Run until all is quiet after *events*."""

    async def live() -> None:
        async with Runtime(choreography, log, **options) as runtime:
            await runtime.publish(*events)
            await runtime.quiet(60)

    asyncio.run(asyncio.wait_for(live(), 30))


def of_type(log: SqliteLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == type]


def reasons(log: SqliteLog) -> list[str]:
    return [next(iter(event.data.values()))["reason"] for event in of_type(log, "action.failed")]
