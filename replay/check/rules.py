"""Rules against what happened: broken contracts, types nobody reacts to, rules that never fired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.entrance import violations
from laban.replay.choreography.plan import Plan
from laban.replay.lives import rule_of
from laban.store.event import Event
from laban.store.log import EventLog

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


def conditional(plan: Plan) -> frozenset[str]:
    """Return the names of the rules that a condition can keep from firing."""
    groups = (plan.patterns, plan.transitions, plan.sagas)
    rules = [rule for by_type in groups for group in by_type.values() for rule in group]
    return frozenset(rule.name for rule in rules if rule.condition != "True")


class Rules:
    """What a choreography says about the events of a log."""

    def __init__(self, log: EventLog, plan: Plan, ends: Collection[str]) -> None:
        self._log, self._plan, self._ends = log, plan, ends
        self._first: dict[str, int] = {}  # where each event type first came
        self._counts: Counter[str] = Counter()
        self._fired: set[str] = set()
        self._decided = False  # the log has decisions

    def take_in(self, event: Event) -> Iterator[Flaw]:
        if is_decision(event):
            self._decided = True
            if event.type in _FIRING:
                self._fired.add(rule_of(event))
        elif event.stream[0] != "$":
            self._first.setdefault(event.type, event.position)
            self._counts[event.type] += 1
            validator = self._plan.validators.get(event.type)
            if validator is not None and not validator.is_valid(event.data.parsed):
                yield Flaw(
                    rule=event.type,
                    kind="contract",
                    position=event.position,
                    detail=violation(violations(validator, event)),
                )

    def finish(self, last: Event | None) -> Iterator[Flaw]:  # noqa: ARG002 - as every check
        known = {*handled(self._plan), *self._plan.reducers, *self._plan.validators, *self._ends}
        for type, position in self._first.items():
            if type not in known and not self._is_step_of_saga(position):
                detail = f"no rule reacts to {type}, and nothing says that it ends a story"
                if (count := self._counts[type]) > 1:
                    detail += f": the first of {count:,}"
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

    def _is_step_of_saga(self, position: int) -> bool:
        """Tell whether a saga asked for what published this event: it waits for the answer."""
        causes = self._log.find(self._log.get(position).causation_id or "")
        return any(
            is_decision(cause) and rule_of(cause) in self._plan.saga_by_id for cause in causes
        )


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
