"""Which rules ask for which actions."""

from __future__ import annotations

from collections.abc import Iterator

from laban.replay.choreography import Plan
from laban.replay.choreography.rules import Reaction, Saga
from laban.store.event import NewEvent


def reactions(plan: Plan) -> Iterator[tuple[Reaction, list[str]]]:
    """Yield each rule that asks for actions, and the event types that it waits for."""
    kinds = (
        plan.patterns, plan.sequences, plan.temporal, plan.thresholds, plan.transitions, plan.sagas
    )  # fmt: skip
    for groups in kinds:
        types: dict[Reaction, list[str]] = {}
        for event_type, rules in groups.items():
            for rule in rules:
                types.setdefault(rule, []).append(event_type)
        yield from types.items()


def actions_by(rule: Reaction) -> list[str]:
    """Return the actions that *rule* asks for."""
    if isinstance(rule, Saga):
        steps = [(step.execute, step.compensate) for step in rule.steps]
        return [action for step in steps for action in step if action]
    return [rule.action]  # type: ignore[attr-defined]  # all others have one


def actions_of(decision: NewEvent) -> list[str]:
    """Return the actions that a decision is about."""
    about = decision.data.parsed.values()
    return [each["action"] for each in about if isinstance(each, dict) and "action" in each]
