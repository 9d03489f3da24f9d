"""What an agent is: an async function, and the context that it is called with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from laban.store.event import Event


class ActionFailed(Exception):
    """An agent raises this to say that its action failed; the text is the reason."""


class Context(Protocol):
    """
    One attempt at a requested action.

    Whatever the agent does goes through it, so that it is recorded with the answer.
    """

    @property
    def action(self) -> str:
        """What is asked for."""
        ...

    @property
    def event(self) -> Event:
        """The event that the rule reacted to; of a saga, the one that began it."""
        ...

    @property
    def attempt(self) -> int:
        """1 for the first attempt; a fallback counts on."""
        ...

    @property
    def key(self) -> str:
        """An idempotency key: the same when this very attempt is run again after a crash."""
        ...

    @property
    def reads(self) -> dict[str, int]:
        """The position that each read value is as of; what comes from a cache may be added."""
        ...

    def read(self, pointer: str) -> Any:
        """Return a value of the state now, None where there is none; the read is recorded."""
        ...

    def publish(self, type: str, data: Mapping[str, Any], *, stream: str | None = None) -> None:
        """Publish an event, by default into the stream of `event`, when the action succeeds."""
        ...

    def spent(self, *, tokens: int = 0, cost: float = 0.0) -> None:
        """Count tokens and cost; they are recorded with the answer."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Under simulated time this is how long work takes."""
        ...


# Returns the output of the action, recorded with its completion. An exception fails it.
AgentFunction = Callable[[Any], Awaitable[Mapping[str, Any] | None]]
