"""Who may do what: publish, register rules, answer for an agent, write the engine's streams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from .rules import (
    Authorisation,
    ChoreographyError,
    Pattern,
    Reaction,
    Rule,
    Saga,
    Sequence,
    StateTransition,
    TemporalSequence,
    ThresholdPattern,
)


def publishable(rules: Iterable[Authorisation]) -> dict[str, frozenset[str]]:
    """Return the event types that each source may publish; empty: all may publish all."""
    allowed: dict[str, frozenset[str]] = {}
    for rule in rules:
        allowed[rule.source] = allowed.get(rule.source, frozenset()) | set(rule.event_types)
    return allowed


def check_registrations(rules: Iterable[Rule]) -> None:
    """Raise ChoreographyError if a source registered a rule that it was not allowed to."""
    rules = list(rules)
    allowed: Mapping[str, dict[str, None]] = defaultdict(dict)
    for rule in rules:
        if isinstance(rule, Authorisation):
            allowed[rule.source].update(dict.fromkeys(rule.patterns))
    for rule in rules:
        if isinstance(rule, Reaction) and (source := rule.registered_by) is not None:
            for event_type in reacts_to(rule):
                if event_type not in allowed[source]:
                    may = ", ".join(allowed[source]) or "none"
                    raise ChoreographyError(
                        f"Rule {getattr(rule, 'name', '')!r}: {source!r} may not register what "
                        f"reacts to {event_type!r} (it may for: {may}): name that type in the "
                        f"patterns of its authorisation, or leave the rule out."
                    )


def reacts_to(rule: Reaction) -> tuple[str, ...]:
    """Return the event types that a rule waits for."""
    match rule:
        case Pattern() | ThresholdPattern() | StateTransition():
            return (rule.event_type,)
        case Sequence():
            return rule.events
        case TemporalSequence():
            return (rule.trigger_event, *rule.required_events)
        case Saga():
            return (rule.start_event,)
    return ()
