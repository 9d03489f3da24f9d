"""
Choreographies under simulated time: the same seed gives the same log, byte for byte.

    shop = Simulation(choreography, MemoryLog(), seed=7, faults=Faults(duplicates=0.1))
    shop.publish(0.0, "order_received", {"order_value": 120}, stream="order-17")
    shop.run()

It is a runtime like the live one, but for its clock, which jumps to whatever is due next, and
for the faults it injects.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import partial
from random import Random
from typing import Any
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from laban.store.clock import SECOND, parse_time
from laban.store.errors import LabanError
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

from .choreography import Choreography
from .choreography.actions import Request
from .choreography.agent import AgentFunction
from .choreography.attempt import Attempt
from .choreography.decisions import ACTIONS, is_decision
from .choreography.engine import Engine, timer_event
from .runtime.reader import Reader

START_NS = parse_time("2026-03-02T09:00:00Z")
Act = Callable[[], None]


class Faults(Struct, frozen=True, kw_only=True):
    """How probable each fault is where it can strike: 0 up to, not including, 1."""

    duplicates: float = 0.0  # an event is delivered again, under its own or another id
    delays: float = 0.0  # an event comes half a minute late, or so
    reorder: float = 0.0  # an event comes after later ones of other streams
    agent_crashes: float = 0.0  # an attempt is never answered, is run again, or answered twice
    runtime_crashes: float = 0.0  # before and after any append, or half-way through decisions

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not 0 <= getattr(self, name) < 1:
                raise SimulationError(
                    f"{name} is {getattr(self, name)}: give a probability, 0 up to just below 1."
                )


class SimulationError(LabanError):
    """A simulation that cannot run."""


class _Crash(Exception):
    """The runtime is gone, and all that it had not recorded."""


class Simulation:
    """A runtime, its agents and the world outside, on one simulated clock."""

    def __init__(
        self,
        choreography: Choreography,
        log: EventLog,
        *,
        seed: int = 0,
        start_ns: int = START_NS,
        faults: Faults | None = None,
        partitions: int = 1,
        outside: Mapping[str, AgentFunction] | None = None,  # plays the capabilities outside
    ) -> None:
        self.choreography, self.log, self.faults = choreography, log, faults or Faults()
        self.random = Random(seed)
        self.now_ns = self.start_ns = start_ns
        self.engine = Engine(choreography.plan)
        self.crashes = 0  # of the runtime
        self._partitions = partitions
        self._agenda: list[tuple[int, int, Act]] = []  # a heap: when, in which order, what
        self._count = self._published = 0
        self._due: dict[str, int] = {}  # by stream: when its last event is delivered
        self._reader = Reader(log, choreography.reducers)
        self._life = 0  # of the runtime; what it had planned dies with it
        self._forget()
        self._agents = {**choreography.agents, **(outside or {})}
        for name, capability in choreography.plan.capabilities.items():
            if name not in self._agents:
                how = f'register one with @choreography.agent("{name}")'
                how = f"give one as outside={{{name!r}: …}}" if capability.outside else how
                raise SimulationError(f"No function carries out {name!r}: {how}.")

    def publish(
        self,
        after_seconds: float,
        type: str,
        data: Mapping[str, Any],
        *,
        stream: str,
        id: str | None = None,
        source: str = "outside",
        correlation_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Let an event happen outside, so long from now. Its stream's events come in order."""
        due = self.now_ns + round(after_seconds * SECOND)
        self._published += 1
        event = NewEvent(
            stream=stream,
            type=type,
            id=id or f"{type}-{self._published}",
            source=source,
            time_ns=due,
            correlation_id=correlation_id,
            data=data,
            metadata=metadata or {},
        )
        if self._strikes(self.faults.delays):
            due += round(self.random.expovariate(1 / 30) * SECOND)
        if self._strikes(self.faults.reorder):
            due += round(self.random.uniform(0, 3) * SECOND)
        due = self._due[stream] = max(due, self._due.get(stream, due))
        self._at(due, partial(self._deliver, event))
        if self._strikes(self.faults.duplicates):
            again = event if self.random.random() < 0.5 else replace(event, id=f"{event.id}-again")
            due += round(self.random.uniform(0, 20) * SECOND)
            self._at(due, partial(self._deliver, again))

    def run(self, seconds: float | None = None) -> None:
        """Go on until nothing is left to do, or for so long; everything is in the log then."""
        end = None if seconds is None else self.now_ns + round(seconds * SECOND)
        self._survive(self._boot)
        while (due := self._next_due()) is not None and (end is None or due <= end):
            self._survive(self._take_turn())
        self.now_ns = max(self.now_ns, end or 0)
        self._forget()

    # The clock

    def _at(self, due_ns: int, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (due_ns, self._count, act))

    def _plan(self, due_ns: int, act: Act) -> None:
        """Like _at, for what the runtime itself is going to do: it is forgotten in a crash."""
        life = self._life
        self._at(due_ns, lambda: act() if life == self._life else None)

    def _next_due(self) -> int | None:
        timer = self.engine.timers.next()
        due = [entry[0] for entry in self._agenda[:1]] + ([timer.due_ns] if timer else [])
        return min(due, default=None)

    def _take_turn(self) -> Act:
        """Move the clock on to what is due next, and return it; what is planned precedes timers."""
        timer = self.engine.timers.next()
        if timer is None or (self._agenda and self._agenda[0][0] <= timer.due_ns):
            due, _, act = heapq.heappop(self._agenda)
            self.now_ns = max(self.now_ns, due)
            return act
        self.now_ns = max(self.now_ns, timer.due_ns)
        return partial(self._record, timer_event(timer, self.now_ns))

    # The runtime

    def _forget(self) -> None:
        self._life += 1
        for run in list(getattr(self, "_running", ())):
            run.close()
        self._running: dict[Coroutine[Any, Any, Any], None] = {}
        self._undecided: dict[int, list[NewEvent]] = {}  # decisions to record, by partition
        self._started: set[str] = set()  # ids of the events that say which attempts began
        self._taken_in = 0  # the last position that the engine has seen

    def _survive(self, act: Act) -> None:
        while True:
            try:
                act()
            except _Crash:
                self.crashes += 1
                self.now_ns += round(self.random.uniform(0, 5) * SECOND)
                act = self._boot
            else:
                return

    def _boot(self) -> None:
        """Fold the log through a new engine, record what is missing, run again what was running."""
        self._forget()
        self.engine = Engine(self.choreography.plan)
        decided: list[NewEvent] = []
        recorded: set[str] = set()
        for event in self.log.read():
            self._taken_in = event.position
            decided += self.engine.step(event)
            if is_decision(event):
                recorded.add(event.id)
            elif event.stream == ACTIONS and event.type == "action.started":
                self._started.add(event.id)
        for request in self.engine.actions.awaited():
            if request.asked_by in recorded:
                self._plan(self.now_ns, partial(self._begin, request.id, request.attempt))
        self._record_decisions([made for made in decided if made.id not in recorded])

    def _deliver(self, event: NewEvent) -> None:
        try:
            self._record(event)
        except _Crash:  # its source got no answer, so it delivers it again
            self._at(self.now_ns + SECOND, partial(self._deliver, event))
            raise

    def _record(self, *events: NewEvent) -> None:
        self._may_crash()
        self.log.append(*events)
        self._may_crash()
        for event in self.log.read(self._taken_in + 1):
            self._taken_in = event.position
            self._decide(event, self.engine.step(event))

    def _decide(self, event: Event, decisions: list[NewEvent]) -> None:
        """Record the decisions on *event*: at once, or each partition in its own time."""
        if self._partitions == 1 or not decisions:
            self._record_decisions(decisions)
            return
        partition = crc32((event.correlation_id or event.stream).encode()) % self._partitions
        correlations = {decision.correlation_id for decision in decisions}
        for other, waiting in list(self._undecided.items()):
            if other != partition and any(d.correlation_id in correlations for d in waiting):
                self._record_waiting(other)  # a correlation's decisions stay in order
        if partition not in self._undecided:
            due = self.now_ns + round(self.random.uniform(0, 0.05) * SECOND)
            self._plan(due, partial(self._record_waiting, partition))
        self._undecided.setdefault(partition, []).extend(decisions)

    def _record_waiting(self, partition: int) -> None:
        self._record_decisions(self._undecided.pop(partition, []))

    def _record_decisions(self, decisions: list[NewEvent]) -> None:
        if not decisions:
            return
        if self._strikes(self.faults.runtime_crashes):
            self.log.append(*decisions[: self.random.randrange(len(decisions))])
            raise _Crash
        self.log.append(*decisions)
        for decision in decisions:
            if decision.type == "action.requested":
                ((id, about),) = decision.data.items()
                self._plan(self.now_ns, partial(self._begin, id, about["attempt"]))

    # The agents

    def _begin(self, id: str, number: int) -> None:
        if not self.engine.actions.awaits(id, number):
            return
        request = self.engine.actions.open[id]
        attempt = Attempt(request, now=lambda: self.now_ns, read=self._reader.read, sleep=_sleep)
        started = attempt.started()
        if started.id not in self._started:
            self._started.add(started.id)
            self._record(started)
        fate = ""
        if self._strikes(self.faults.agent_crashes):
            fate = self.random.choice(("early", "late", "twice"))
        again = not self._has_deadline(request) or (fate != "" and self.random.random() < 0.5)
        work = self._agents[request.capability](attempt)
        run = _Run(attempt, work, fate, again)  # type: ignore[arg-type]  # any awaitable will do
        self._running[run.work] = None
        self._go_on(run)

    def _go_on(self, run: _Run) -> None:
        """Let an agent work up to its next pause, or its end."""
        said: int | list[NewEvent]
        try:
            said = pause_ns(run.work.send(None))
        except StopIteration as end:
            said = run.attempt.ended(end.value)
        except SimulationError:
            raise
        except Exception as error:
            said = run.attempt.failed(error)
        if isinstance(said, int) and run.fate != "early":
            self._plan(self.now_ns + said, partial(self._go_on, run))
            return
        self._running.pop(run.work)
        run.work.close()
        if isinstance(said, int) or run.fate in ("early", "late"):
            if run.again:
                due = self.now_ns + round(self.random.uniform(1, 10) * SECOND)
                self._plan(due, partial(self._begin, run.attempt.id, run.attempt.attempt))
            return
        if not self.engine.actions.awaits(run.attempt.id, run.attempt.attempt):
            said = said[-1:]  # too late: the answer is kept, and nothing published
        self._record(*said)
        if run.fate == "twice":
            more = replace(said[-1], id=f"{said[-1].id}-again") if run.again else said[-1]
            due = self.now_ns + round(self.random.uniform(0, 10) * SECOND)
            self._at(due, partial(self._deliver, more))

    def _has_deadline(self, request: Request) -> bool:
        capability = self.choreography.plan.capabilities[request.capability]
        return bool(request.timeout_seconds or capability.timeout_seconds)

    # The faults

    def _strikes(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability

    def _may_crash(self) -> None:
        if self._strikes(self.faults.runtime_crashes):
            raise _Crash


class _Run(Struct, eq=False):
    """An agent at work."""

    attempt: Attempt
    work: Coroutine[Any, Any, Mapping[str, Any] | None]
    fate: str  # "", or what goes wrong: it stops "early" or "late", or answers "twice"
    again: bool  # it is run again after it stopped; its second answer has another id


def pause_ns(wait_ns: object) -> int:
    """Return the ns that an agent waits for, given what it awaits. Raises SimulationError."""
    if not isinstance(wait_ns, int):
        raise SimulationError("Under simulated time an agent waits by `await ctx.sleep(…)` only.")
    return wait_ns


class Pause:
    """Hands a time in ns to whoever drives the coroutine."""

    def __init__(self, wait_ns: int) -> None:
        self._wait_ns = wait_ns

    def __await__(self) -> Generator[int, None, None]:
        yield self._wait_ns


async def _sleep(seconds: float) -> None:
    await Pause(max(0, round(seconds * SECOND)))
