"""A choreography made ready to run: conditions compiled, rules by the event type they wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

import jsonschema_rs
from msgspec import Struct

from laban.replay.expression import Expression, ExpressionError, compile_expression
from laban.replay.scope import STATE_NAMES
from laban.store.errors import did_you_mean

from .authority import check_registrations, publishable
from .decisions import CLOCK, ENGINE
from .fingerprint import fingerprint
from .naming import distinct
from .rules import (
    Authorisation,
    Capability,
    ChoreographyError,
    Contract,
    Deduplication,
    Pattern,
    Rule,
    Saga,
    Sequence,
    StateTransition,
    TemporalSequence,
    ThresholdPattern,
)

COUNTS = ("threshold", "failure_threshold", "success_threshold", "attempts", "requests")
LONGEST_SECONDS = 3e9  # about a century

State = dict[str, Any]
ReducerFunction = Callable[[State, Any], State]  # (the stream's state, the event) -> the new one


class Plan(Struct, frozen=True, kw_only=True):
    """Everything the engine looks up while it runs."""

    name: str
    fingerprint: str  # of all rules; two plans with the same one decide alike
    fold: str  # of what makes the state: two plans with the same one fold alike
    patterns: Mapping[str, tuple[Pattern, ...]]  # by event type, the first to go first
    sequences: Mapping[str, tuple[Sequence, ...]]  # by each event type in it
    temporal: Mapping[str, tuple[TemporalSequence, ...]]  # by each event type in it
    thresholds: Mapping[str, tuple[ThresholdPattern, ...]]
    transitions: Mapping[str, tuple[StateTransition, ...]]
    sagas: Mapping[str, tuple[Saga, ...]]  # by the event type that starts them
    saga_by_id: Mapping[str, Saga]
    capabilities: Mapping[str, Capability]
    validators: Mapping[str, Any]  # by event type: a jsonschema_rs validator
    deduplications: Mapping[str, Deduplication]
    authorised: Mapping[str, frozenset[str]]  # event types by source; empty: all may
    reducers: Mapping[str, ReducerFunction]  # by event type
    conditions: Mapping[str, Expression]  # by their text
    keeps_state: bool  # some condition or reducer needs the state
    names: frozenset[str]  # that conditions read


def compile_plan(name: str, rules: Iterable[Rule], reducers: Mapping[str, ReducerFunction]) -> Plan:
    """Return the plan of *rules*. Raises ChoreographyError, and says which rule is wrong."""
    rules = list(rules)
    by_kind: dict[type, list[Any]] = defaultdict(list)
    for rule in rules:
        by_kind[type(rule)].append(rule)
    capabilities = _unique(by_kind[Capability], lambda c: c.name, "capability")
    _check_capabilities(rules, capabilities)
    _check_steps(by_kind)
    check_registrations(rules)
    for rule in rules:
        _check_numbers(rule, getattr(rule, "name", type(rule).__name__))
    saga_by_id = _unique(by_kind[Saga], lambda s: s.saga_id, "saga")
    by_kind = distinct(by_kind)
    conditions = {text: _condition(rule, text) for rule, text in _conditions(rules)}
    names = (
        frozenset().union(*(c.names for c in conditions.values())) if conditions else frozenset()
    )
    patterns = sorted(by_kind[Pattern], key=lambda p: -p.priority)  # stable: as declared
    return Plan(
        name=name,
        fingerprint=fingerprint(chain(*by_kind.values()), reducers),
        fold=fingerprint(_folding(by_kind), reducers),
        patterns=_grouped(patterns, lambda p: [p.event_type]),
        sequences=_grouped(by_kind[Sequence], lambda s: s.events),
        temporal=_grouped(
            by_kind[TemporalSequence], lambda s: [s.trigger_event, *s.required_events]
        ),
        thresholds=_grouped(by_kind[ThresholdPattern], lambda t: [t.event_type]),
        transitions=_grouped(by_kind[StateTransition], lambda t: [t.event_type]),
        sagas=_grouped(by_kind[Saga], lambda s: [s.start_event]),
        saga_by_id=saga_by_id,
        capabilities=capabilities,
        validators={
            event_type: _validator(contract)
            for event_type, contract in _unique(
                by_kind[Contract], lambda c: c.event_type, "contract"
            ).items()
        },
        deduplications=_unique(by_kind[Deduplication], lambda d: d.event_type, "deduplication"),
        authorised=publishable(by_kind[Authorisation]),
        reducers=dict(reducers),
        conditions=conditions,
        keeps_state=bool(reducers) or bool(names & STATE_NAMES),
        names=names,
    )


def _folding(by_kind: Mapping[type, list[Any]]) -> list[Rule]:
    """Return the rules that tell which events come into the state."""
    rules = by_kind[Contract] + by_kind[Authorisation] + by_kind[Deduplication]
    return rules + (by_kind[Capability] if by_kind[Deduplication] else [])  # agents move the clock


def _grouped(
    rules: Iterable[Any], types: Callable[[Any], Iterable[str]]
) -> dict[str, tuple[Any, ...]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for rule in rules:
        for event_type in dict.fromkeys(types(rule)):
            groups[event_type].append(rule)
    return {event_type: tuple(group) for event_type, group in groups.items()}


def _unique(rules: Iterable[Any], key: Callable[[Any], str], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rule in rules:
        if key(rule) in found:
            raise ChoreographyError(f"Two rules declare the {what} {key(rule)!r}: keep one.", rule)
        found[key(rule)] = rule
    return found


def _conditions(rules: Iterable[Rule]) -> Iterable[tuple[Any, str]]:
    return [(r, r.condition) for r in rules if isinstance(r, (Pattern, StateTransition, Saga))]


def _condition(rule: Any, text: str) -> Expression:
    try:
        return compile_expression(text)
    except ExpressionError as error:
        raise ChoreographyError(f"Rule {rule.name!r}: {error}", rule) from error


def _validator(contract: Contract) -> Any:
    try:
        return jsonschema_rs.validator_for(contract.schema, retriever=_nothing_from_outside)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ChoreographyError(
            f"The contract of {contract.event_type!r} is no JSON Schema: {reason}.", contract
        ) from error


def _nothing_from_outside(uri: str) -> Any:
    """Refuse to fetch: what a file or a server says today would decide."""
    raise ValueError(f"{uri} is outside of it")


def _check_capabilities(rules: Iterable[Rule], known: Mapping[str, Capability]) -> None:
    for rule in rules:
        for wanted in _targets(rule):
            if wanted not in known:
                near = did_you_mean(wanted, known, " Declare it with its agents.")
                where = getattr(rule, "name", "")
                raise ChoreographyError(
                    f"Rule {where!r}: no capability is named {wanted!r}.{near}", rule
                )
    for capability in known.values():
        for taken, what in ((ENGINE, "decisions"), (CLOCK, "timers")):
            if taken in capability.agents or capability.name == taken:
                raise ChoreographyError(
                    f"No agent may be called {taken!r}: that is the source of {what}. Rename it.",
                    capability,
                )
        seen, following = {capability.name}, capability.fallback
        while following is not None:
            if following in seen:
                raise ChoreographyError(
                    f"The fallbacks of {capability.name!r} lead back to {following!r}: "
                    "let the last one have none.",
                    capability,
                )
            seen.add(following)
            following = known[following].fallback


def _check_steps(by_kind: Mapping[type, list[Any]]) -> None:
    waiting = [*by_kind[Sequence], *by_kind[TemporalSequence]]
    for sequence_id, rule in _unique(waiting, lambda s: s.sequence_id, "sequence").items():
        if "/" in sequence_id:
            raise ChoreographyError(
                f"Sequence {sequence_id!r} has a slash in its name, which parts it from the "
                "correlation: choose another.",
                rule,
            )
    for sequence in by_kind[Sequence]:
        if not sequence.events:
            raise ChoreographyError(
                f"Sequence {sequence.name!r} names no events: list their types.", sequence
            )
    for saga in by_kind[Saga]:
        if not saga.steps:
            raise ChoreographyError(f"Saga {saga.name!r} has no steps: list at least one.", saga)


def _check_numbers(rule: Rule, where: str, declared: Rule | None = None) -> None:
    """Raise ChoreographyError unless times are times, and counts count something."""
    for option in rule.__struct_fields__:
        value = getattr(rule, option)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Rule):
                _check_numbers(inner, where, declared or rule)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or option == "priority":
            continue
        least: float = 1 if option in COUNTS else 0
        most: float = {"jitter": 1, "factor": 1e6}.get(option, LONGEST_SECONDS)
        if not least <= value <= most or (option == "timeout_seconds" and value == 0):
            above = "above 0, up" if option == "timeout_seconds" else f"from {least:g}"
            raise ChoreographyError(
                f"Rule {where!r}: {option} is {value}; give a number {above} to {most:g}.",
                declared or rule,
            )


def _targets(rule: Rule) -> list[str]:
    if isinstance(rule, Saga):
        return [step.target_capability for step in rule.steps]
    if isinstance(rule, Capability):
        return [rule.fallback] if rule.fallback else []
    target = getattr(rule, "target_capability", None)
    return [target] if target else []
