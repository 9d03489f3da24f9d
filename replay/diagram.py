"""Diagrams: one business transaction as a sequence diagram or in lanes, rules as a flowchart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from laban.store.clock import SECOND
from laban.store.event import Event
from laban.store.terminal import cells, safe

from .choreography import Choreography
from .choreography.decisions import is_decision
from .choreography.plan import Plan
from .choreography.rules import Rule


def sequence_diagram(events: Iterable[Event]) -> Iterator[str]:
    """
    Yield the lines of a Mermaid sequence diagram of *events*, which are in order.

    One lane a source. An arrow goes from the source of a cause to that of its effect; an
    event whose cause is not among *events* is a note.
    """
    events = list(events)
    lanes = _lanes(events)
    yield "sequenceDiagram"
    for source, number in lanes.items():
        yield f"    participant s{number} as {_escaped(source)}"
    sources: dict[str, str] = {}  # by event id
    for event in events:
        label = _escaped(f"{_label(event)} @{event.position}")
        here, cause = lanes[event.source], sources.get(event.causation_id or "")
        if cause is None:
            yield f"    Note over s{here}: {label}"
        else:
            yield f"    s{lanes[cause]}->>s{here}: {label}"
        sources[event.id] = event.source


def lanes(events: Iterable[Event]) -> Iterator[str]:
    """Yield *events*, which are in order, as lanes of plain text: one a source, time runs down."""
    events = list(events)
    columns = _lanes(events)
    widths = [max(cells(safe(source)) + 2, 6) for source in columns]
    place = max((len(f"@{event.position}") for event in events), default=1)
    start_ns = next((e.time_ns for e in events if e.time_ns is not None), None)
    times = [_since(event, start_ns) for event in events]
    margin = place + 2 + max(map(len, times), default=0) + 2
    names = "".join(
        safe(s) + " " * (w - cells(safe(s))) for s, w in zip(columns, widths, strict=True)
    )
    yield (" " * margin + names).rstrip()
    sources: dict[str, str] = {}
    for event, time in zip(events, times, strict=True):
        here = columns[event.source]
        cause = sources.get(event.causation_id or "")
        row = _row(widths, here, None if cause is None else columns[cause])
        head = f"{f'@{event.position}':<{place}}  {time}".ljust(margin)
        yield f"{head}{row}{safe(_label(event))}"
        sources[event.id] = event.source


def flowchart(
    choreography: Choreography, published: Iterable[tuple[str, str]] = ()
) -> Iterator[str]:
    """
    Yield the lines of a Mermaid flowchart: event types, the actions that rules want, who does them.

    *published*: what an action's agents were seen to publish, pairs of action and event type.
    """
    plan = choreography.plan
    nodes = _Nodes()
    yield "flowchart LR"
    edges: list[str] = []
    for label, types, actions in _reactions(plan):
        for action, capability in actions:
            for type in types:
                edges.append(f"{nodes.of('event', type)} -->|{_escaped(label)}| "
                             f"{nodes.of('action', action)}")  # fmt: skip
            edges.append(f"{nodes.of('action', action)} --> {nodes.of('capability', capability)}")
    for one in plan.capabilities.values():
        if one.fallback:
            edges.append(f"{nodes.of('capability', one.name)} -->|fallback| "
                         f"{nodes.of('capability', one.fallback)}")  # fmt: skip
    for action, type in published:
        edges.append(f"{nodes.of('action', action)} -.-> {nodes.of('event', type)}")
    yield from nodes.lines()
    yield from (f"    {edge}" for edge in dict.fromkeys(edges))


def published_types(events: Iterable[Event]) -> list[tuple[str, str]]:
    """Return which event types followed directly from which action, as *events* record it."""
    actions: dict[str, str] = {}  # by the id of the decision that asked
    found: dict[tuple[str, str], None] = {}
    for event in events:
        if event.type == "action.requested" and is_decision(event):
            actions[event.id] = _label(event)
        elif event.stream[0] != "$" and event.causation_id in actions:
            found[actions[event.causation_id], event.type] = None
    return list(found)


_SHAPES = {"event": '(["{}"])', "action": '["{}"]', "capability": '[["{}"]]'}


class _Nodes:
    """The nodes of a flowchart, each with a shape of its kind."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        return self._ids.setdefault((kind, name), f"n{len(self._ids)}")

    def lines(self) -> Iterator[str]:
        for (kind, name), id in self._ids.items():
            yield f"    {id}{_SHAPES[kind].format(_escaped(name or ' '))}"


def _reactions(plan: Plan) -> Iterator[tuple[str, Sequence[str], list[tuple[str, str]]]]:
    """Yield of each rule a name, the types it waits for, and its actions with who does them."""
    for pattern in _each(plan.patterns):
        condition = "" if pattern.condition == "True" else pattern.condition
        yield condition or "always", [pattern.event_type], [_wants(pattern)]
    for sequence in _each(plan.sequences):
        yield sequence.name, sequence.events, [_wants(sequence)]
    for temporal in _each(plan.temporal):
        types = [temporal.trigger_event, *temporal.required_events]
        yield temporal.name, types, [_wants(temporal)]
    for threshold in _each(plan.thresholds):
        label = f"{threshold.threshold} in {threshold.time_window:g} s"
        yield label, [threshold.event_type], [_wants(threshold)]
    for transition in _each(plan.transitions):
        yield f"turns true: {transition.condition}", [transition.event_type], [_wants(transition)]
    for saga in _each(plan.sagas):
        for number, step in enumerate(saga.steps, 1):
            undo = f", undone by {step.compensate}" if step.compensate else ""
            wants = [(step.execute, step.target_capability)]
            yield f"{saga.name} {number}{undo}", [saga.start_event], wants


def _each(groups: object) -> list:  # type: ignore[type-arg]  # rules of one kind
    """Return every rule of a plan's groups once, in their order."""
    assert isinstance(groups, dict)
    return list({id(rule): rule for group in groups.values() for rule in group}.values())


def _wants(rule: Rule) -> tuple[str, str]:
    return rule.action, rule.target_capability  # type: ignore[attr-defined]


def _lanes(events: list[Event]) -> dict[str, int]:
    """Return the sources in the order they first speak, numbered from 0."""
    return {source: n for n, source in enumerate(dict.fromkeys(e.source for e in events))}


def _label(event: Event) -> str:
    """Return what happened; of a decision about an action, which one."""
    if not is_decision(event):
        return event.type
    about = next(iter(event.data.values()), None)
    action = about.get("action") if isinstance(about, dict) else None
    if action and event.type == "action.requested":
        return str(action)
    return f"{event.type} {action}" if action else event.type


def _since(event: Event, start_ns: int | None) -> str:
    if event.time_ns is None or start_ns is None:
        return "?"
    return f"{(event.time_ns - start_ns) / SECOND:+.3f}s"


def _row(widths: list[int], here: int, cause: int | None) -> str:
    """Draw one event: a dot in its lane, and a line from the lane of its cause."""
    left, right = sorted((here, here if cause is None else cause))
    parts = []
    for lane, width in enumerate(widths):
        if lane == here:
            mark = "●"
        elif lane == cause:
            mark = "├" if lane == left else "┤"
        else:
            mark = "┼" if left < lane < right else "│"
        fill = "─" * (width - 1) if left <= lane < right else " " * (width - 1)
        if fill[0] == "─" and lane + 1 == here:
            fill = fill[:-1] + "▶"
        elif fill[0] == "─" and lane == here:
            fill = "◀" + fill[1:]
        parts.append(mark + fill)
    return "".join(parts)


def _escaped(text: str) -> str:
    """Return *text* so that Mermaid takes none of it for its own."""
    return "".join(c if c.isalnum() or c in " _-.@/→" else f"#{ord(c)};" for c in safe(text))
