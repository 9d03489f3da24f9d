"""Diagrams: one business transaction as a sequence diagram or in lanes, rules as a flowchart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from laban.store.clock import SECOND
from laban.store.event import Event
from laban.store.terminal import cells, fit, safe

from .choreography import Choreography
from .choreography.decisions import CIRCUITS, is_decision
from .choreography.engine import unreadable
from .choreography.plan import Plan

WIDTH = 80  # cells of lanes, where they can be so narrow
LEAST = 30  # cells of what happened, where lanes leave less
LONGEST_REASON = 40  # characters of why something failed
Since = Callable[[int | None, int | None], str]
Asked = tuple[str, str]  # an action, and the capability that was asked


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


def lanes(events: Iterable[Event], since: Since | None = None) -> Iterator[str]:
    """
    Yield *events*, which are in order, as lanes of plain text: one a source, time runs down.

    The names of the sources stand above the lanes, or, where that would take more than WIDTH
    cells, in steps. *since* writes a time, given it and that of the first event, ns.
    """
    events, since = list(events), since or _since
    columns = _lanes(events)
    place = max((len(f"@{event.position}") for event in events), default=1)
    start_ns = next((e.time_ns for e in events if e.time_ns is not None), None)
    times = [since(event.time_ns, start_ns) or "?" for event in events]
    margin = place + 2 + max(map(cells, times), default=0) + 2
    labels = [safe(_label(event)) for event in events]
    names = [safe(source) for source in columns]
    room = WIDTH - margin - max(map(cells, labels), default=0)
    widths = [max(cells(name) + 2, 6) for name in names]
    if sum(widths) <= room:
        heads = ["".join(n + " " * (w - cells(n)) for n, w in zip(names, widths, strict=True))]
    else:
        lane = 4 if 4 * len(names) <= room else 3
        widths = [lane] * len(names)
        heads = [f"│{' ' * (lane - 1)}" * n + name for n, name in enumerate(names)]
        labels = [fit(label, max(WIDTH - margin - sum(widths), LEAST)) for label in labels]
    yield from ((" " * margin + head).rstrip() for head in heads)
    sources: dict[str, str] = {}
    for event, time, label in zip(events, times, labels, strict=True):
        here = columns[event.source]
        cause = sources.get(event.causation_id or "")
        row = _row(widths, here, None if cause is None else columns[cause])
        head = f"{f'@{event.position}':<{place}}  {time}"
        yield f"{head}{' ' * (margin - cells(head))}{row}{label}"
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
            yield f"    {id}{_SHAPES[kind].format(_escaped(name))}"


def _edge(a: str, b: str, label: str = "") -> str:
    return f"{a} -->|{_escaped(label)}| {b}" if label else f"{a} --> {b}"


def _patterns(plan: Plan, nodes: _Nodes) -> Iterator[str]:
    """Yield the edges of all rules but sagas: from the types they wait for to their action."""
    for label, types, rule in _reactions(plan):
        asked = (rule.action, rule.target_capability)
        yield from (_edge(nodes.event(type), nodes.action(asked), label) for type in types)
        yield from nodes.asking(asked)


def _sagas(plan: Plan, nodes: _Nodes) -> Iterator[str]:
    """Yield the edges of sagas: from step to step, and to what undoes each."""
    for saga in _each(plan.sagas):
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


def _reactions(plan: Plan) -> Iterator[tuple[str, Sequence[str], Any]]:
    """Yield of each rule but sagas a name, the types it waits for, and the rule."""
    for pattern in _each(plan.patterns):
        yield (
            "" if pattern.condition == "True" else pattern.condition,
            [pattern.event_type],
            pattern,
        )
    for sequence in _each(plan.sequences):
        yield sequence.name, sequence.events, sequence
    for temporal in _each(plan.temporal):
        yield temporal.name, [temporal.trigger_event, *temporal.required_events], temporal
    for threshold in _each(plan.thresholds):
        label = f"{threshold.threshold} in {threshold.time_window:g} s"
        yield label, [threshold.event_type], threshold
    for transition in _each(plan.transitions):
        yield f"turns true: {transition.condition}", [transition.event_type], transition


def _each(groups: object) -> list:  # type: ignore[type-arg]  # rules of one kind
    """Return every rule of a plan's groups once, in their order."""
    assert isinstance(groups, dict)
    return list({id(rule): rule for group in groups.values() for rule in group}.values())


def _lanes(events: list[Event]) -> dict[str, int]:
    """Return the sources in the order they first speak, numbered from 0."""
    return {source: n for n, source in enumerate(dict.fromkeys(e.source for e in events))}


def _about(event: Event) -> dict[str, Any]:
    """Return what an event says about the first action, circuit or saga that it names."""
    about = next(iter(event.data.values()), None) if unreadable(event) is None else None
    return about if isinstance(about, dict) else {}


def _label(event: Event) -> str:
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


def _since(time_ns: int | None, start_ns: int | None) -> str:
    if time_ns is None or start_ns is None:
        return ""
    return f"{(time_ns - start_ns) / SECOND:+.3f}s"


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


# What Mermaid reads as syntax, and, in Markdown, as emphasis, lists or numbered lists
_SPECIAL = re.compile(r"[^\w .@/→-]|(?<![^\W_])_|_(?![^\W_])|^-|(?<=\d)\.(?= )")


def _escaped(text: str) -> str:
    """Return *text* so that Mermaid takes none of it for its own."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", safe(text)) or " "
