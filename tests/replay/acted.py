"""Logs of choreographies, acted out by hand: the engine decides, the test plays the agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.choreography.engine import Engine, timer_event
from laban.store.clock import SECOND
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog


class Stage:
    """A log and the engine that decides over it; time moves only when the test says so."""

    def __init__(self, choreography: Choreography | None = None) -> None:
        self.log = MemoryLog()
        self._engine = Engine(choreography.plan) if choreography else None
        self._taken_in = 0
        self.now_ns = 0

    def say(
        self, type: str, stream: str = "order-1", source: str = "outside", **more: Any
    ) -> Event:
        """Record an event and what is decided on it; *more* goes into the event."""
        return self._record(
            NewEvent(
                type=type,
                stream=stream,
                source=source,
                time_ns=self.now_ns,
                **{"data": {}, **more},
            )
        )

    def answer(
        self, action: str, *, status: str = "completed", publish: Mapping[str, Any] | None = None,
        **metadata: Any,
    ) -> Event:  # fmt: skip
        """Let the agent that was asked for *action* last publish events and answer."""
        request = self.asked(action)
        ((id, about),) = request.data.items()
        known = {"source": about["agent"], "causation_id": request.id,
                 "correlation_id": request.correlation_id}  # fmt: skip
        for type, data in (publish or {}).items():
            self.say(type, str(request.correlation_id), data=data, metadata=metadata, **known)
        answer = {id: {"attempt": about["attempt"], "status": status, "reason": "no luck"}}
        return self.say(f"action.{status}", "$actions", data=answer, metadata=metadata, **known)

    def asked(self, action: str) -> Event:
        """Return the decision that asked for *action* last."""
        asked = [
            event
            for event in self.log.read()
            if event.type == "action.requested"
            and any(about["action"] == action for about in event.data.values())
        ]
        return asked[-1]

    def wait(self, seconds: float) -> None:
        """Let time pass, and every timer fire that is due by then."""
        assert self._engine is not None
        until = self.now_ns + round(seconds * SECOND)
        while (timer := self._engine.timers.next()) and timer.due_ns <= until:
            self.now_ns = timer.due_ns
            self._record(timer_event(timer, self.now_ns))
        self.now_ns = until

    def _record(self, event: NewEvent) -> Event:
        (position,) = self.log.append(event)
        recorded = self.log.get(position)
        if self._engine is not None:
            self.log.append(*self._engine.step(recorded))
        return recorded
