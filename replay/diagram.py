"""Mermaid diagrams: one business transaction as a sequence diagram, rules as a flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from laban.store.event import Event
from laban.store.terminal import safe

from .choreography import Choreography
from .choreography.decisions import CIRCUITS, is_decision
from .choreography.engine import unreadable
from .choreography.plan import Plan

LONGEST_REASON = 40  # characters of why something failed
Asked = tuple[str, str]  # an action, and the capability that was asked


def sequence_diagram(events: Iterable[Event]) -> Iterator[str]:
    """
    Yield the lines of a Mermaid sequence diagram of *events*, which are in order.

    One lane a source. An arrow goes from the source of a cause to that of its effect; an
    event whose cause is not among *events* is a note.
    """
    events = list(events)
    lanes = numbered(events)
    yield "sequenceDiagram"
    for source, number in lanes.items():
        yield f"    participant s{number} as {escaped(source)}"
    sources: dict[str, str] = {}  # by event id
    for event in events:
        label = escaped(f"{label_of(event)} @{event.position}")
        here, cause = lanes[event.source], sources.get(event.causation_id or "")
        if cause is None:
            yield f"    Note over s{here}: {label}"
        else:
            yield f"    s{lanes[cause]}->>s{here}: {label}"
        sources[event.id] = event.source


def flowchart(
    choreography: Choreography, published: Iterable[tuple[Asked, str]] = ()
) -> Iterator[str]:
    """
    Yield the lines of a Mermaid flowchart: event types, the actions that rules want, who does them.

    An action that several capabilities carry out is several nodes; the steps of a saga follow
    one another. *published*: what was seen to follow from an action, with its event type.
    """
    plan = choreography.plan
    nodes = _Nodes()
    edges = [*_patterns(plan, nodes), *_sagas(plan, nodes)]
    for one in plan.capabilities.values():
        if one.fallback:
            edges.append(_edge(nodes.capability(one.name), nodes.capability(one.fallback),
                               "fallback"))  # fmt: skip
    for asked, type in published:
        edges += nodes.asking(asked)
        edges.append(f"{nodes.action(asked)} -.-> {nodes.event(type)}")
    yield "flowchart LR"
    yield from nodes.lines()
    yield from (f"    {edge}" for edge in dict.fromkeys(edges))


def published_types(events: Iterable[Event]) -> list[tuple[Asked, str]]:
    """Return which event types followed directly from which action, as *events* record it."""
    actions: dict[str, Asked] = {}  # by the id of the decision that asked
    found: dict[tuple[Asked, str], None] = {}
    for event in events:
        if event.type == "action.requested" and is_decision(event):
            about = _about(event)
            actions[event.id] = (str(about.get("action")), str(about.get("capability")))
        elif event.stream[0] != "$" and event.causation_id in actions:
            found[actions[event.causation_id], event.type] = None
    return list(found)


_SHAPES = {"event": '(["{}"])', "action": '["{}"]', "capability": '[["{}"]]'}


class _Nodes:
    """The nodes of a flowchart, each with a shape of its kind."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, ...], str] = {}

    def event(self, type: str) -> str:
        return self._of("event", type)

    def action(self, asked: Asked) -> str:
        return self._of("action", *asked)

    def capability(self, name: str) -> str:
        return self._of("capability", name)

    def asking(self, asked: Asked) -> list[str]:
        """Return the edges from an action to who carries it out."""
        return [_edge(self.action(asked), self.capability(asked[1]))]

    def _of(self, *key: str) -> str:
        return self._ids.setdefault(key, f"n{len(self._ids)}")

    def lines(self) -> Iterator[str]:
        for (kind, name, *_), id in self._ids.items():
            yield f"    {id}{_SHAPES[kind].format(escaped(name))}"


def _edge(a: str, b: str, label: str = "") -> str:
    return f"{a} -->|{escaped(label)}| {b}" if label else f"{a} --> {b}"


def _patterns(plan: Plan, nodes: _Nodes) -> Iterator[str]:
    """Yield the edges of all rules but sagas: from the types they wait for to their action."""
    for label, types, rule in reactions(plan):
        asked = (rule.action, rule.target_capability)
        yield from (_edge(nodes.event(type), nodes.action(asked), label) for type in types)
        yield from nodes.asking(asked)


def _sagas(plan: Plan, nodes: _Nodes) -> Iterator[str]:
    """Yield the edges of sagas: from step to step, and to what undoes each."""
    for saga in each_rule(plan.sagas):
        condition = "" if saga.condition == "True" else f", if {saga.condition}"
        label, last = f"saga {saga.name}{condition}", nodes.event(saga.start_event)
        for step in saga.steps:
            asked = (step.execute, step.target_capability)
            yield _edge(last, nodes.action(asked), label)
            yield from nodes.asking(asked)
            label, last = "then", nodes.action(asked)
            if step.compensate:
                undoing = (step.compensate, step.target_capability)
                yield f"{last} -. undone by .-> {nodes.action(undoing)}"
                yield from nodes.asking(undoing)


def reactions(plan: Plan) -> Iterator[tuple[str, Sequence[str], Any]]:
    """Yield of each rule but sagas a name, the types it waits for, and the rule."""
    for pattern in each_rule(plan.patterns):
        yield (
            "" if pattern.condition == "True" else pattern.condition,
            [pattern.event_type],
            pattern,
        )
    for sequence in each_rule(plan.sequences):
        yield sequence.name, sequence.events, sequence
    for temporal in each_rule(plan.temporal):
        yield temporal.name, [temporal.trigger_event, *temporal.required_events], temporal
    for threshold in each_rule(plan.thresholds):
        label = f"{threshold.threshold} in {threshold.time_window:g} s"
        yield label, [threshold.event_type], threshold
    for transition in each_rule(plan.transitions):
        yield f"turns true: {transition.condition}", [transition.event_type], transition


def each_rule(groups: object) -> list:  # type: ignore[type-arg]  # rules of one kind
    """Return every rule of a plan's groups once, in their order."""
    assert isinstance(groups, dict)
    return list({id(rule): rule for group in groups.values() for rule in group}.values())


def numbered(events: list[Event]) -> dict[str, int]:
    """Return the sources in the order they first speak, numbered from 0."""
    return {source: n for n, source in enumerate(dict.fromkeys(e.source for e in events))}


def _about(event: Event) -> dict[str, Any]:
    """Return what an event says about the first action, circuit or saga that it names."""
    about = next(iter(event.data.values()), None) if unreadable(event) is None else None
    return about if isinstance(about, dict) else {}


def label_of(event: Event) -> str:
    """Return what happened; of a decision also about which action, of a failure also why."""
    if event.stream[0] != "$":
        return event.type
    about = _about(event)
    if not is_decision(event) or event.type == "event.dead_lettered":
        reason = about.get("reason")
        return f"{event.type}: {str(reason)[:LONGEST_REASON]}" if reason else event.type
    action, attempt = about.get("action"), about.get("attempt")
    if event.type == "action.requested" and action:
        return f"{action} (attempt {attempt})" if attempt not in (None, 1) else str(action)
    named = next(iter(event.data), "") if about and event.stream == CIRCUITS else action
    return f"{event.type} {named}" if named else event.type


# What Mermaid reads as syntax, and, in Markdown, as emphasis, lists or numbered lists
_SPECIAL = re.compile(r"[^\w .@/→-]|(?<![^\W_])_|_(?![^\W_])|^-|(?<=\d)\.(?= )")


def escaped(text: str) -> str:
    """Return *text* so that Mermaid takes none of it for its own."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", safe(text)) or " "
