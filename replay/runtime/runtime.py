"""
A choreography that runs: it follows a log, decides, and lets agents do what is decided.

    async with Runtime(choreography, log) as runtime:
        await runtime.publish(NewEvent(stream="order-17", type="order_received", data={...}))
        await runtime.quiet()

The log is all that it knows. Started again on the same log, after a shutdown or a crash, it
folds it through a new engine, records the decisions that are missing, and runs again, with
the same keys, the attempts that have no answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from laban.replay.choreography import Choreography
from laban.replay.choreography.attempt import Attempt
from laban.replay.choreography.decisions import CLOCK, ENGINE, TIMERS, is_decision
from laban.replay.choreography.engine import Engine, timer_event
from laban.store.appender import Appender
from laban.store.clock import SECOND
from laban.store.errors import DuplicateIdError, InvalidEventError, UnwritableError
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

from .lanes import Lanes
from .ledger import Ledger
from .reader import Reader

PAGE = 500  # events taken in at a time
POLL_SECONDS = 0.02  # how often the log is looked at for the events of other processes


class Runtime:
    """
    One choreography at work on one log; let there be one runtime for a log at a time.

    The engine sees the log's events in order, in one place. What it asks for runs in as many
    lanes as there are *partitions*; those of a correlation share a lane, in order. *clock*
    returns ns since the Unix epoch. `publish` waits while *capacity* events and requests are
    not dealt with.
    """

    def __init__(
        self,
        choreography: Choreography,
        log: EventLog,
        *,
        partitions: int = 8,
        clock: Callable[[], int] = time.time_ns,
        capacity: int = 10_000,
        grace_seconds: float = 5.0,  # that running agents have at a shutdown
    ) -> None:
        self.choreography, self.log = choreography, log
        self.engine = Engine(choreography.plan)
        self._partitions, self._clock = partitions, clock
        self._capacity, self._grace_seconds = capacity, grace_seconds
        self._ledger, self._reader = Ledger(), Reader(log, choreography.reducers)
        self._taken_in = 0  # the last position that the engine has seen
        self._appended = 0  # the last position that this runtime knows to be recorded
        self._ahead_ns = 0  # how far event time is ahead of the clock
        self._closing = False
        self._broken: BaseException | None = None

    async def __aenter__(self) -> Self:
        self._wake = asyncio.Event()  # there is something new in the log
        self._turned = asyncio.Condition()  # some of it was dealt with
        self._appender = Appender(self.log)
        self._lanes = Lanes(
            self._partitions,
            self.engine.actions,
            self.choreography.agents,
            begin=self._attempt,
            append=self._append,
        )
        try:
            await self._recover()
        except BaseException:
            await asyncio.to_thread(self._appender.close)
            raise
        self._lanes.start()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let running agents end, for the grace; record what follows; begin nothing new."""
        self._closing = True
        await self._lanes.close(self._grace_seconds)
        self._wake.set()
        await asyncio.wait([self._following])
        await asyncio.to_thread(self._appender.close)
        if error is None:
            self._check()

    async def publish(self, *events: NewEvent) -> Sequence[int]:
        """
        Record events from outside and return their positions; waits while there is much to do.

        An event without a time gets the present one. Raises as EventLog.append does.
        """
        for event in events:
            if event.source == ENGINE or (event.stream, event.source) == (TIMERS, CLOCK):
                raise InvalidEventError(
                    f"Event {event.id!r} has the source {event.source!r}, which is the engine's "
                    "own: name the source that it comes from."
                )
        await self._until(lambda: self._load() + len(events) <= max(self._capacity, len(events)))
        if self._closing:
            raise UnwritableError("The runtime is shutting down: publish when it runs again.")
        if not events:
            return []
        now = self.now()
        timed = [e if e.time_ns is not None else replace(e, time_ns=now) for e in events]
        past = now - SECOND
        if (self.engine.now_ns or 0) < past and any((e.time_ns or 0) < past for e in timed):
            await self._append(_clock_event("clock.read", now))
        return await self._append(*timed)

    async def quiet(self, within_seconds: float = 0.0) -> None:
        """Wait until nothing is under way and no timer is due within so many seconds."""
        horizon = round(within_seconds * SECOND)
        await self._until(lambda: self._is_quiet(horizon))

    def at_work(self) -> list[tuple[str, str]]:
        """Return the action and the capability of each attempt under way; any thread may ask."""
        return [(attempt.action, attempt.capability) for attempt in self._lanes.at_work()]

    def now(self) -> int:
        """Return the present time, ns: the clock's, or event time where that is ahead of it."""
        return self._clock() + self._ahead_ns

    def _load(self) -> int:
        actions = self._lanes.unfinished + self.engine.actions.outside
        return max(0, self._appended - self._taken_in) + actions

    def _is_quiet(self, horizon_ns: int) -> bool:
        timer = self.engine.timers.next()
        return (
            not self._load()
            and not self._ledger
            and not self.engine.actions.open
            and (timer is None or timer.due_ns > self.now() + horizon_ns)
        )

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds*; raises what broke the runtime meanwhile."""
        self._check()
        async with self._turned:
            while not holds() and not self._closing:
                await self._turned.wait()
        self._check()

    def _check(self) -> None:
        """Raise what broke the runtime, if anything did."""
        if self._broken is None and self._lanes.failed.done():
            self._broken = self._lanes.failed.exception()
        if self._broken is not None:
            raise self._broken

    # The log

    async def _append(self, *events: NewEvent) -> Sequence[int]:
        positions = await self._appender.append_async(*events)
        self._appended = max(self._appended, *positions)
        self._wake.set()
        return positions

    async def _follow(self) -> None:
        busy = True
        try:
            while busy or not self._closing:
                if not busy:
                    await self._pause()
                busy = await self._turn()
                self._check()
                await self._tell()
        except Exception as error:  # whoever waits for the runtime is told
            self._broken, self._closing = error, True
            await self._tell()

    async def _tell(self) -> None:
        async with self._turned:
            self._turned.notify_all()

    async def _pause(self) -> None:
        """Wait for something new, or for the time to look at the log and the timers again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()

    async def _turn(self) -> bool:
        """Take in what is new in the log and record what follows; False: there was nothing."""
        self._wake.clear()
        events = list(self.log.read(self._taken_in + 1, self._taken_in + PAGE))
        decisions = [decision for event in events for decision in self._take_in(event)]
        self._lanes.drop_unawaited()
        fired: list[NewEvent] = []
        if len(events) < PAGE and not self._closing:  # every timer that fired is taken in
            now = self.now()
            fired = [timer_event(timer, now) for timer in self.engine.timers.due(now)]
        if decisions:
            await self._append(*decisions)
        await self._record_fired(fired)
        for decision in decisions:
            if decision.type == "action.requested":
                ((id, about),) = decision.data.items()
                self._put(id, about["attempt"], about["capability"], str(decision.correlation_id))
        return bool(events or fired)

    async def _record_fired(self, fired: list[NewEvent]) -> None:
        try:
            if fired:
                await self._append(*fired)
        except DuplicateIdError:  # another runtime on the same log was faster with some
            for event in fired:
                with suppress(DuplicateIdError):
                    await self._append(event)

    def _take_in(self, event: Event) -> list[NewEvent]:
        self._taken_in = event.position
        if is_decision(event):
            self._ledger.met(event)
            return []
        decisions = self.engine.step(event)
        self._ledger.made(decisions)
        if self.engine.now_ns is not None:
            self._ahead_ns = max(self._ahead_ns, self.engine.now_ns - self._clock())
        return decisions

    async def _recover(self) -> None:
        """Come to where the log says that this choreography is, and take up what is open."""
        head = self.log.head()
        while self._taken_in < head:
            for event in self.log.read(self._taken_in + 1, min(self._taken_in + PAGE, head)):
                self._take_in(event)
            await asyncio.sleep(0)
        started = _clock_event("runtime.started", self.now(), self.choreography)
        awaited = self.engine.actions.awaited()
        await self._append(*self._ledger.missing(), started)
        for request in awaited:
            self._put(request.id, request.attempt, request.capability, request.correlation)
        while await self._turn():
            pass  # what fell due in between comes first

    def _put(self, id: str, attempt: int, capability: str, correlation: str) -> None:
        """Let an attempt be carried out; one of agents outside is theirs, they follow the log."""
        if not self.engine.plan.capabilities[capability].outside:
            self._lanes.put(id, attempt, correlation)

    def _attempt(self, id: str) -> Attempt:
        request = self.engine.actions.open[id]
        return Attempt(request, now=self.now, read=self._reader.read, sleep=asyncio.sleep)


def _clock_event(type: str, now_ns: int, choreography: Choreography | None = None) -> NewEvent:
    """
    Return an event that only says what time it is.

    Where events come with times that are long past, deadlines count from now, not from then.
    """
    plan = choreography.plan if choreography else None
    about = {"choreography": plan.name, "fingerprint": plan.fingerprint} if plan else {}
    return NewEvent(stream=TIMERS, type=type, source=CLOCK, time_ns=now_ns, data={}, metadata=about)
