"""One attempt at a requested action: what its agent does, and the events that record it."""

from __future__ import annotations

import reprlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec.structs import replace

from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject

from .actions import Request
from .agent import ActionFailed
from .decisions import ACTIONS
from .engine import unreadable

Now = Callable[[], int]  # ns since the Unix epoch, UTC
Read = Callable[[str], tuple[Any, int]]  # a pointer's value now, and the position it is as of
Sleep = Callable[[float], Awaitable[None]]


class Attempt:
    """
    A Context, and the answer that comes of it.

    It keeps no hold of the engine's state: an agent may do what it likes with `event.data`.
    """

    def __init__(self, request: Request, *, now: Now, read: Read, sleep: Sleep) -> None:
        self.id, self.action = request.id, request.action
        self.event = replace(request.event, data=JsonObject(request.event.data.text))
        self.attempt, self.agent = request.attempt, request.agent
        self.capability, self.asked_by = request.capability, request.asked_by
        self.correlation = request.correlation
        self.key = f"{request.id}/{request.attempt}"
        self._now, self._read, self._sleep = now, read, sleep
        self._begun_ns = now()
        self.reads: dict[str, int] = {}
        self._tokens, self._cost = 0, 0.0
        self._published: list[NewEvent] = []

    def read(self, pointer: str) -> Any:
        value, self.reads[pointer] = self._read(pointer)
        return value

    def publish(self, type: str, data: Mapping[str, Any], *, stream: str | None = None) -> None:
        if stream is not None and stream.startswith("$"):
            raise ActionFailed(f"{stream!r} is the engine's: publish into another stream")
        self._published.append(
            NewEvent(
                stream=stream or self.event.stream,
                type=type,
                id=f"{self.key}/{len(self._published) + 1}",
                source=self.agent,
                time_ns=self._now(),
                correlation_id=self.correlation,
                causation_id=self.asked_by,
                data=data,
                metadata={"reads": self.reads} if self.reads else {},
            )
        )

    def spent(self, *, tokens: int = 0, cost: float = 0.0) -> None:
        self._tokens += tokens
        self._cost += cost

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds)

    def started(self) -> NewEvent:
        """Return the event that says that this attempt began."""
        return self._said("started", {"status": "started"})

    def ended(self, output: Mapping[str, Any] | None) -> list[NewEvent]:
        """Return what was published, then the answer: it failed if *output* cannot be recorded."""
        if not (output is None or isinstance(output, Mapping)):
            wrong = f"{reprlib.repr(output)} is no output: return an object such as {{}}, or None"
            return self.failed(ActionFailed(wrong))
        try:
            about = {"status": "completed", "output": dict(output or {})}
            events = [*self._published, self._said("completed", about)]
        except (TypeError, ValueError, RecursionError) as error:
            return self.failed(error)
        reasons = [reason for event in events if (reason := unreadable(event)) is not None]
        return self.failed(ActionFailed(reasons[0])) if reasons else events

    def failed(self, error: BaseException) -> list[NewEvent]:
        """Return the answer that gives *error* for the reason; nothing is published."""
        about = {"status": "failed", "reason": reason_of(error)}
        try:
            return [self._said("failed", about)]
        except (TypeError, ValueError, RecursionError):  # the agent counted what is no number
            self.reads, self._tokens, self._cost = {}, 0, 0.0
            return [self._said("failed", about)]

    def _said(self, what: str, about: dict[str, Any]) -> NewEvent:
        metadata: dict[str, Any] = {}
        if what != "started":
            metadata["duration_ms"] = round((self._now() - self._begun_ns) / 1e6, 3)
        if self.reads:
            metadata["reads"] = self.reads
        if self._tokens:
            metadata["tokens"] = self._tokens
        if self._cost:
            metadata["cost"] = self._cost
        return NewEvent(
            stream=ACTIONS,
            type=f"action.{what}",
            id=f"{self.key}/{what}",
            source=self.agent,
            time_ns=self._now(),
            correlation_id=self.correlation,
            causation_id=self.asked_by,
            data={self.id: {"attempt": self.attempt, **about}},
            metadata=metadata,
        )


def reason_of(error: BaseException) -> str:
    """Return why an action failed: an agent's own words, or the exception that it did not catch."""
    try:
        text = str(error)
    except Exception:
        text = ""
    if not (isinstance(error, ActionFailed) and text):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text.encode(errors="backslashreplace").decode()
