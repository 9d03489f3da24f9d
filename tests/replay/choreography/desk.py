"""An engine driven by hand, one event at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.choreography.engine import Engine, timer_event
from laban.store.clock import SECOND, parse_time
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

NOON = parse_time("2026-03-02T12:00:00Z")
Decisions = list[NewEvent]


class Desk:
    """A log, the engine that reads it, and a clock that goes when it is told to."""

    def __init__(self, choreography: Choreography) -> None:
        self.log, self.engine = MemoryLog(), Engine(choreography.plan)
        self.now_ns = NOON
        self._asked: dict[str, str] = {}  # the last agent that answered a request

    def take(self, *events: NewEvent) -> Decisions:
        """Record *events* and return, and record, what the engine decides on them."""
        decisions: Decisions = []
        for position in self.log.append(*events):
            decisions += self.engine.step(self.log.get(position))
        self.log.append(*decisions)
        return decisions

    def happens(
        self,
        type: str,
        data: dict[str, Any] | None = None,
        *,
        stream: str = "order-1",
        source: str = "outside",
        correlation: str | None = None,
    ) -> Decisions:
        """Let an event happen now."""
        return self.take(
            NewEvent(
                stream=stream,
                type=type,
                id=f"e{self.log.head() + 1}",
                source=source,
                data=data or {},
                time_ns=self.now_ns,
                correlation_id=correlation,
            )
        )

    def wait(self, seconds: float) -> Decisions:
        """Let time pass; every timer that falls due meanwhile is recorded when it does."""
        decisions: Decisions = []
        end = self.now_ns + round(seconds * SECOND)
        while (timer := self.engine.timers.next()) is not None and timer.due_ns <= end:
            self.now_ns = max(self.now_ns, timer.due_ns)
            decisions += self.take(timer_event(timer, self.now_ns))
        self.now_ns = end
        return decisions

    def completed(self, request: str, attempt: int | None = None) -> Decisions:
        """Let the agent answer that it did what was asked; by default at the awaited attempt."""
        return self._answered(request, attempt, "completed", {})

    def failed(self, request: str, attempt: int | None = None, reason: str = "no") -> Decisions:
        """Let the agent answer that it failed."""
        return self._answered(request, attempt, "failed", {"reason": reason})

    def _answered(
        self, request: str, attempt: int | None, status: str, more: dict[str, Any]
    ) -> Decisions:
        awaited = self.engine.actions.open.get(request)
        if awaited is not None:
            self._asked[request] = awaited.agent
        number = awaited.attempt if awaited and attempt is None else attempt
        about = {"attempt": number, "status": status, **more}
        return self.take(
            NewEvent(
                stream="$actions",
                type=f"action.{status}",
                id=f"e{self.log.head() + 1}",
                source=self._asked.get(request, "agent"),
                data={request: about},
                time_ns=self.now_ns,
            )
        )

    @property
    def awaited(self) -> list[str]:
        """The requests that wait for an answer, in the order they began."""
        return [request.id for request in self.engine.actions.awaited()]


def types(decisions: Iterable[NewEvent]) -> list[str]:
    """Return what was decided, by type, in order."""
    return [decision.type for decision in decisions]


def asked(decisions: Iterable[NewEvent]) -> list[str]:
    """Return the actions that were requested, in order."""
    return [
        about["action"]
        for decision in decisions
        if decision.type == "action.requested"
        for about in decision.data.values()
    ]


def only(decisions: Iterable[NewEvent], type: str) -> dict[str, Any]:
    """Return what the one decision of *type* sets, whatever it is filed under."""
    (data,) = [decision.data for decision in decisions if decision.type == type]
    (about,) = data.values()
    return dict(about)
