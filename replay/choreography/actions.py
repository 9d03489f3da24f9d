"""
The life of a requested action: admitted, sent, answered, retried, handed on, given up.

    requested → completed
              → failed → retried → requested …
                       → fallen back (another capability) → requested …
                       → dead letter
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from msgspec import Struct, to_builtins

from laban.store.clock import SECOND
from laban.store.event import Event

from . import breaker
from .breaker import Circuit
from .decisions import ACTIONS, CIRCUITS, DEAD_LETTERS, Step
from .memory import KEPT, Latest
from .plan import Plan
from .rules import Capability
from .timers import Timers


class Request(Struct, kw_only=True):
    """An action that some rule wants done."""

    id: str
    rule: str
    action: str
    capability: str
    correlation: str
    event: Event  # what the rule reacted to; of a saga, what began it
    timeout_seconds: float | None
    saga: tuple[str, int, str] | None = None  # (saga key, step, "execute" or "compensate")
    agent: str = ""
    stand_in: str = ""  # who was asked instead, under other rules
    attempt: int = 0  # 1, 2, 3, …, counted on by a fallback: no two attempts share a number
    tries: int = 0  # attempts at this capability
    sent: bool = False  # an answer is awaited
    asked_by: str = ""  # id of the decision that asked for this attempt
    probe: bool = False  # it tries a half-open circuit


def agents_of(capability: Capability) -> tuple[str, ...]:
    """Return the agents of a capability: without any, it is its own one."""
    return capability.agents or (capability.name,)


Ending = Callable[[Step, Request, str | None], None]  # the reason is None after a success


class Actions:
    """All requests that are not over, the circuits, and who is busy."""

    def __init__(self, plan: Plan, timers: Timers, ended: Ending) -> None:
        self._plan, self._timers, self._ended = plan, timers, ended
        self.open: dict[str, Request] = {}
        self.circuits: dict[str, Circuit] = defaultdict(Circuit)
        self.outside = 0  # requests sent to capabilities whose agents work in other processes
        self._turn: dict[str, int] = defaultdict(int)  # of round robin
        self._busy: dict[str, int] = defaultdict(int)  # requests sent, by agent
        self._sticky = Latest[tuple[str, str], str](KEPT)  # agent by capability and correlation
        self._admitted: dict[str, deque[int]] = defaultdict(deque)  # times, for rate limits
        self._agents = {agent for c in plan.capabilities.values() for agent in agents_of(c)}

    def request(
        self,
        step: Step,
        *,
        rule: str,
        action: str,
        capability: str,
        timeout_seconds: float | None = None,
        saga: tuple[str, int, str] | None = None,
        correlation: str | None = None,
        event: Event | None = None,
    ) -> None:
        """Begin an action."""
        request = Request(
            id=step.new_id(f"{rule}:{action}"),
            rule=rule,
            action=action,
            capability=capability,
            correlation=correlation or step.correlation,
            event=event or step.event,
            timeout_seconds=timeout_seconds,
            saga=saga,
        )
        self.open[request.id] = request
        self._attempt(step, request)

    def awaits(self, id: str, attempt: object) -> bool:
        """Tell whether an answer to this attempt at a request is awaited."""
        request = self.open.get(id)
        return request is not None and request.sent and request.attempt == attempt

    def awaited(self) -> list[Request]:
        """Return the requests that wait for an answer, in the order they began."""
        return [request for request in self.open.values() if request.sent]

    def knows(self, source: str) -> bool:
        """Tell whether *source* is an agent of some capability."""
        return source in self._agents

    def refusal(self, source: str, id: str, attempt: object) -> str | None:
        """Return why *source* may not answer an attempt at a request, None when it may."""
        request = self.open[id] if self.awaits(id, attempt) else None
        if request is None or source in (request.agent, request.stand_in):
            return None
        return f"{source} may not answer for {request.agent}"

    def stand_in(self, id: str, attempt: object, agent: str) -> None:
        """Take in that the log asked *agent* for an attempt: its answer counts as the asked one's.

        A replay under other rules needs this: it may ask another agent than was asked.
        """
        self._agents.add(agent)
        if self.awaits(id, attempt):
            self.open[id].stand_in = agent

    def succeed(self, step: Step, id: str) -> None:
        """Take in that an awaited request was carried out."""
        request = self.open[id]
        self._received(request)
        rule = self._plan.capabilities[request.capability].breaker
        if rule is not None:
            circuit = self.circuits[request.capability]
            self._turn_circuit(step, request, breaker.succeeded(circuit, rule, probe=request.probe))
        del self.open[id]
        self._ended(step, request, None)

    def fail(self, step: Step, id: str, reason: str) -> None:
        """Take in that an awaited request failed, or was not answered in time."""
        request = self.open[id]
        self._received(request)
        rule = self._plan.capabilities[request.capability].breaker
        if rule is not None:
            circuit, now = self.circuits[request.capability], step.now_ns or 0
            self._turn_circuit(
                step, request, breaker.failed(circuit, rule, now, probe=request.probe)
            )
        self._again(step, request, reason)

    def fire(self, step: Step, kind: str, id: str) -> None:
        """A timer of a request went off: its answer is late, or its wait is over."""
        request = self.open.get(id)
        if request is None:
            return
        if kind == "deadline" and request.sent:
            self._decide(step, request, "action.timed_out", status="timed out")
            self.fail(step, id, "no answer in time")
        elif kind == "retry" and not request.sent:
            self._attempt(step, request)

    def _attempt(self, step: Step, request: Request) -> None:
        capability, now = self._plan.capabilities[request.capability], step.now_ns or 0
        request.attempt += 1
        request.tries += 1
        if not self._within_limit(capability, now):
            self._decide(step, request, "action.rate_limited", status="rate limited")
            self._again(step, request, "rate limit")
            return
        if capability.breaker is not None:
            circuit, admitted = breaker.admit(self.circuits[capability.name], now)
            if not admitted:
                self._decide(step, request, "action.rejected", status="rejected: circuit open")
                self._again(step, request, "circuit open")
                return
            self._turn_circuit(step, request, circuit)
            request.probe = circuit.state == "half_open"
        self._send(step, request, capability, now)

    def _send(self, step: Step, request: Request, capability: Capability, now: int) -> None:
        request.agent, request.sent = self._agent(capability, request.correlation), True
        request.stand_in = ""
        self._busy[request.agent] += 1
        details: dict[str, Any] = {"agent": request.agent}
        self.outside += capability.outside
        if capability.outside:  # whoever carries it out may know the log alone
            details["event"] = {"source": request.event.source, "id": request.event.id}
        timeout = request.timeout_seconds or capability.timeout_seconds
        if timeout is not None:
            due = now + round(timeout * SECOND)
            self._timers.set(due, "deadline", request.id, request.correlation)
            details["deadline_ns"] = due
        request.asked_by = self._decide(
            step, request, "action.requested", status="requested", **details
        )

    def _received(self, request: Request) -> None:
        request.sent = False
        self._busy[request.agent] -= 1
        self.outside -= self._plan.capabilities[request.capability].outside
        self._timers.cancel("deadline", request.id)

    def _again(self, step: Step, request: Request, reason: str) -> None:
        """Retry, or hand on to the fallback, or give up."""
        capability = self._plan.capabilities[request.capability]
        retry = capability.retry
        if retry is not None and request.tries < retry.attempts:
            wait = retry.wait_seconds(request.tries)
            share = int(request.id[:8], 16) / 0xFFFFFFFF  # 0..1, the same at every replay
            jitter = wait * retry.jitter * share
            due = (step.now_ns or 0) + round((wait + jitter) * SECOND)
            self._timers.set(due, "retry", request.id, request.correlation)
            self._decide(
                step, request, "action.retried", status="waiting", reason=reason,
                wait_seconds=wait, jitter_seconds=jitter, due_ns=due,
            )  # fmt: skip
        elif capability.fallback is not None:
            request.capability, request.tries = capability.fallback, 0
            self._decide(step, request, "action.fell_back", status="fallen back", reason=reason)
            self._attempt(step, request)
        else:
            del self.open[request.id]
            letter = {"action": request.action, "capability": request.capability, "reason": reason}
            step.decide(
                request.rule, "action.dead_lettered", DEAD_LETTERS, {request.id: letter},
                correlation=request.correlation,
            )  # fmt: skip
            self._ended(step, request, reason)

    def _agent(self, capability: Capability, correlation: str) -> str:
        agents = agents_of(capability)
        key = (capability.name, correlation)
        if capability.balance == "sticky" and (had := self._sticky.get(key)) is not None:
            self._sticky[key] = had
            return had
        if capability.balance == "least_busy":
            return min(agents, key=lambda agent: self._busy[agent])
        agent = agents[self._turn[capability.name] % len(agents)]
        self._turn[capability.name] += 1
        if capability.balance == "sticky":
            self._sticky[key] = agent
        return agent

    def _within_limit(self, capability: Capability, now: int) -> bool:
        limit = capability.rate_limit
        if limit is None:
            return True
        admitted = self._admitted[capability.name]
        while admitted and admitted[0] <= now - round(limit.per_seconds * SECOND):
            admitted.popleft()
        if len(admitted) >= limit.requests:
            return False
        admitted.append(now)
        return True

    def _turn_circuit(self, step: Step, request: Request, circuit: Circuit) -> None:
        before = self.circuits[request.capability]
        self.circuits[request.capability] = circuit
        if circuit.state != before.state:
            names = {"open": "circuit.opened", "half_open": "circuit.half_opened"}
            type = names.get(circuit.state, "circuit.closed")
            step.decide(
                request.capability, type, CIRCUITS, {request.capability: to_builtins(circuit)},
                correlation=request.correlation,
            )  # fmt: skip

    def _decide(self, step: Step, request: Request, type: str, **details: Any) -> str:
        about = {"action": request.action, "capability": request.capability,
                 "attempt": request.attempt, **details}  # fmt: skip
        return step.decide(
            request.rule, type, ACTIONS, {request.id: about}, correlation=request.correlation
        )
