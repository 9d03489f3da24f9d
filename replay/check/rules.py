"""Rules against what happened: broken contracts, types nobody reacts to, rules that never fired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import violations
from laban.replay.choreography.plan import Plan
from laban.replay.lives import rule_of
from laban.store.event import Event

from .endings import violation
from .flaw import Flaw

_FIRING = frozenset(
    {
        "pattern.matched",
        "transition.matched",
        "sequence.completed",
        "threshold.reached",
        "saga.started",
    }
)


def handled(plan: Plan) -> frozenset[str]:
    """Return the event types that some rule reacts to."""
    return frozenset().union(*_groups(plan))


class Rules:
    """What a choreography says about the events of a log."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._first: dict[str, int] = {}  # where each event type first came
        self._fired: set[str] = set()
        self._decided = False  # the log has decisions

    def take_in(self, event: Event) -> Iterator[Flaw]:
        if is_decision(event):
            self._decided = True
            if event.type in _FIRING:
                self._fired.add(rule_of(event))
        elif event.stream[0] != "$":
            self._first.setdefault(event.type, event.position)
            validator = self._plan.validators.get(event.type)
            if validator is not None and not validator.is_valid(event.data.parsed):
                yield Flaw(
                    rule=event.type,
                    kind="contract",
                    position=event.position,
                    detail=violation(violations(validator, event)),
                )

    def finish(self, last: Event | None) -> Iterator[Flaw]:  # noqa: ARG002 - as every check
        known = {*handled(self._plan), *self._plan.reducers, *self._plan.validators}
        for type, position in self._first.items():
            if type not in known:
                detail = f"no rule, reducer or contract is declared for {type}"
                yield Flaw(rule=None, kind="unhandled event", position=position, detail=detail)
        for name, types in _waited_for(self._plan).items():
            missing = [type for type in types if type not in self._first]
            if missing:
                detail = f"no {' and no '.join(missing)} ever came"
            elif self._decided:
                detail = f"{', '.join(types)} came, but never so that the rule applied"
            else:
                continue  # nothing was decided, so nothing can be said
            if name not in self._fired:
                yield Flaw(rule=name, kind="rule never fired", position=None, detail=detail)


def _groups(plan: Plan) -> tuple[Mapping[str, tuple[Any, ...]], ...]:
    """Return the rules that react, of every kind, by event type."""
    return (
        plan.patterns,
        plan.sequences,
        plan.temporal,
        plan.thresholds,
        plan.transitions,
        plan.sagas,
    )


def _waited_for(plan: Plan) -> dict[str, list[str]]:
    """Return the event types that each rule needs."""
    needed: dict[str, list[str]] = {}
    for by_type in _groups(plan):
        for type, rules in by_type.items():
            for rule in rules:
                needed.setdefault(rule.name, []).append(type)
    return needed
