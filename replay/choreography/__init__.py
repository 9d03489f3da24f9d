"""
Choreographies: declared rules of how agents react to events, recomputed from any log.

    shop = Choreography("shop")
    shop.capability("payment_processing", agents=("till-1", "till-2"), retry=Retry(attempts=3))
    shop.pattern(
        event_type="inventory_confirmed",
        condition="data.get('items_available') == True",
        action="process_payment",
        target_capability="payment_processing",
        priority=7,
    )

    @shop.reducer("payment_successful")
    def paid(order, event):
        return {**order, "status": "paid"}
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from laban.store.errors import did_you_mean

from . import rules
from .agent import ActionFailed, AgentFunction, Context
from .callables import check_agent, check_name, check_reducer
from .plan import Plan, ReducerFunction, compile_plan
from .rules import Breaker, ChoreographyError, RateLimit, Retry, Rule, SagaStep

__all__ = [
    "ActionFailed",
    "Breaker",
    "Choreography",
    "ChoreographyError",
    "Context",
    "Plan",
    "RateLimit",
    "Retry",
    "SagaStep",
]

F = TypeVar("F", bound=ReducerFunction)
A = TypeVar("A", bound=AgentFunction)


class Choreography:
    """Rules, in the order of their declaration. `plan` checks and compiles them together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rules: list[Rule] = []
        self.reducers: dict[str, ReducerFunction] = {}
        self.agents: dict[str, AgentFunction] = {}  # by capability
        self.ended_by: list[str] = []  # event types; they decide nothing, so no rule and no plan

    def add(self, rule: Rule) -> None:
        """Declare a rule of any kind."""
        self.__dict__.pop("plan", None)
        self.rules.append(rule)

    def _declare(self, kind: type[Rule], options: dict[str, Any]) -> None:
        self.add(rules.checked(kind, options))

    def capability(self, name: str, **options: Any) -> None:
        """Declare what agents can do; options as in rules.Capability."""
        self._declare(rules.Capability, {"name": name, **options})

    def pattern(self, **options: Any) -> None:
        """Declare a reaction to an event; options as in rules.Pattern."""
        self._declare(rules.Pattern, options)

    def sequence(self, **options: Any) -> None:
        """Declare events in order; options as in rules.Sequence."""
        self._declare(rules.Sequence, options)

    def temporal_sequence(self, **options: Any) -> None:
        """Declare events within a time after a trigger; options as in rules.TemporalSequence."""
        self._declare(rules.TemporalSequence, options)

    def threshold_pattern(self, **options: Any) -> None:
        """Declare a number of events within a time; options as in rules.ThresholdPattern."""
        self._declare(rules.ThresholdPattern, options)

    def state_transition(self, **options: Any) -> None:
        """Declare a condition that turns true; options as in rules.StateTransition."""
        self._declare(rules.StateTransition, options)

    def saga(self, **options: Any) -> None:
        """Declare steps and how they are undone; options as in rules.Saga."""
        self._declare(rules.Saga, options)

    def contract(self, event_type: str, schema: dict[str, Any]) -> None:
        """Declare what the data of an event type looks like."""
        self._declare(rules.Contract, {"event_type": event_type, "schema": schema})

    def deduplicate(self, event_type: str, *, keys: tuple[str, ...], window_seconds: float) -> None:
        """Declare which events are the same event once more."""
        options = {"event_type": event_type, "keys": keys, "window_seconds": window_seconds}
        self._declare(rules.Deduplication, options)

    def allow(self, source: str, *event_types: str, patterns: tuple[str, ...] = ()) -> None:
        """Declare what a source may publish, and which event types its rules may react to."""
        options = {"source": source, "event_types": event_types, "patterns": patterns}
        self._declare(rules.Authorisation, options)

    def ends(self, *event_types: str) -> None:
        """Declare from which event types nothing has to follow: `laban check` passes over them."""
        for event_type in event_types:
            if not isinstance(event_type, str):
                raise ChoreographyError(f"An event type is a text, and {event_type!r} is none.")
        self.ended_by += [type for type in event_types if type not in self.ended_by]

    def reducer(self, event_type: str) -> Callable[[F], F]:
        """Declare, as a decorator, what an event of a type makes of its stream's state."""
        check_name(event_type, "reducer", "event type")

        def register(function: F) -> F:
            check_reducer(event_type, function)
            if event_type in self.reducers:
                raise ChoreographyError(
                    f"Two reducers are declared for {event_type!r}: let one function do it."
                )
            self.__dict__.pop("plan", None)
            self.reducers[event_type] = function
            return function

        return register

    def agent(self, capability: str) -> Callable[[A], A]:
        """Register, as a decorator, the async function that carries out a capability's actions."""
        check_name(capability, "agent", "capability")

        def register(function: A) -> A:
            check_agent(capability, function)
            if capability in self.agents:
                raise ChoreographyError(
                    f"Two functions are registered for {capability!r}: let one look at ctx.action."
                )
            self.__dict__.pop("plan", None)
            self.agents[capability] = function
            return function

        return register

    @cached_property
    def plan(self) -> Plan:
        """Check and compile the rules. Raises ChoreographyError."""
        plan = compile_plan(self.name, self.rules, self.reducers)
        for name in self.agents:
            if name not in plan.capabilities:
                near = did_you_mean(name, plan.capabilities, " Declare it, or take the agent away.")
                raise ChoreographyError(
                    f"An agent is registered for {name!r}, no capability.{near}"
                )
            if name in plan.capabilities and plan.capabilities[name].outside:
                raise ChoreographyError(
                    f"Capability {name!r} is declared outside, and a function is registered for "
                    "it: take one of both away."
                )
        return plan
