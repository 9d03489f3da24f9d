"""Agents in a process of their own: they follow the log, and append their answers to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.choreography.actions import Request
from laban.replay.choreography.attempt import Attempt
from laban.replay.choreography.decisions import ACTIONS, is_decision
from laban.replay.choreography.engine import unreadable
from laban.store.errors import DuplicateIdError, InvalidEventError, LabanError
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

from .reader import Reader


class NoRequestError(LabanError):
    """An event does not ask an agent outside for anything."""


class Outside:
    """
    What one or more agents of capabilities that are declared `outside` are asked for.

        till = Outside(open_log("shop.laban"), "till-1")
        for attempt in till.requests():
            till.answer(attempt, attempt.ended({"paid": True}))

    Let there be one process for an agent at a time. Started again after a crash, it is given
    once more, under the same key, what it had not answered. With the *choreography*, reads go
    through its reducers.
    """

    def __init__(
        self, log: EventLog, *agents: str, choreography: Choreography | None = None
    ) -> None:
        self._log, self._agents = log, frozenset(agents)
        self._reader = Reader(log, choreography.reducers if choreography else {})
        self._taken_in = 0  # the last position that was looked at
        self._new: dict[str, Event] = {}  # requests to give out, by id
        self._awaited: dict[str, Event] = {}  # all that have no answer

    def requests(self, timeout: float | None = None) -> Iterator[Attempt]:
        """
        Yield each attempt that these agents are asked for, begun; wait for more.

        Ends when nothing new was recorded for *timeout* seconds; never, when that is None.
        """
        self._catch_up()
        while True:
            while self._new:
                attempt = self.attempt(self._new.pop(next(iter(self._new))))
                with suppress(DuplicateIdError):  # it began before a crash, and is run again
                    self._log.append(attempt.started())
                yield attempt
                self._catch_up()
            if next(self._log.subscribe(self._taken_in, timeout=timeout), None) is None:
                return
            self._catch_up()

    def attempt(self, requested: Event) -> Attempt:
        """Return the attempt that a recorded `action.requested` asks for."""
        try:
            ((id, about),) = requested.data.items()
            source, event_id = about["event"]["source"], about["event"]["id"]
            (event,) = (e for e in self._log.find(event_id) if e.source == source)
            request = Request(
                id=id,
                rule=str(requested.metadata.get("rule")),
                action=about["action"],
                capability=about["capability"],
                correlation=str(requested.correlation_id),
                event=event,
                timeout_seconds=None,
                agent=about["agent"],
                attempt=about["attempt"],
                asked_by=requested.id,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NoRequestError(
                f"@{requested.position} asks no agent outside for anything: "
                "give an action.requested for a capability that is declared outside."
            ) from error
        return Attempt(request, now=time.time_ns, read=self._reader.read, sleep=asyncio.sleep)

    def answer(self, attempt: Attempt, events: Sequence[NewEvent]) -> None:
        """
        Record what `attempt.ended(…)` or `attempt.failed(…)` returned.

        An answer that comes too late is kept, but publishes nothing.
        """
        self._catch_up()
        asked = self._awaited.get(attempt.id)
        if asked is None or asked.id != attempt.asked_by:
            events = events[-1:]
        try:
            self._log.append(*events)
        except InvalidEventError as error:
            self._log.append(*attempt.failed(error))
        except DuplicateIdError:
            pass  # another process of the same agent was faster

    def _catch_up(self) -> None:
        for event in self._log.read(self._taken_in + 1):
            self._taken_in = event.position
            if event.stream == ACTIONS and unreadable(event) is None:
                self._take_in(event)

    def _take_in(self, event: Event) -> None:
        decided = is_decision(event)
        for id, about in event.data.items():
            if not isinstance(about, dict):
                continue
            if decided or self._is_answered(id, about, event):
                self._awaited.pop(id, None)
                self._new.pop(id, None)
            mine = "event" in about and about.get("agent") in self._agents
            if mine and decided and event.type == "action.requested":
                self._new[id] = self._awaited[id] = event

    def _is_answered(self, id: str, about: dict[str, Any], event: Event) -> bool:
        if (asked := self._awaited.get(id)) is None or event.type == "action.started":
            return False
        request = asked.data[id]
        return (event.source, about.get("attempt")) == (request["agent"], request["attempt"])
