"""Lanes of plain text: one business transaction, or the rules of a choreography."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from laban.store.clock import SECOND
from laban.store.event import Event
from laban.store.terminal import cells, fit, safe

from .choreography import Choreography
from .choreography.plan import Plan
from .diagram import Asked, each_rule, label_of, numbered, reactions

WIDTH = 80  # cells, where lanes can be so narrow
LEAST = 30  # cells of what happened, where lanes leave less
OUTSIDE = "outside"  # whoever publishes what no agent was seen to publish
Since = Callable[[int | None, int | None], str]
# What stands first, the lane, that of its cause, and the text
Row = tuple[str, int | None, int | None, str]
Step = tuple[str | None, str | None, str]  # who publishes, who acts, and what


def lanes(events: Iterable[Event], since: Since | None = None) -> Iterator[str]:
    """
    Yield *events*, which are in order, as lanes: one a source, time runs down.

    The names of the sources stand above the lanes, or, where that would take more than WIDTH
    cells, in steps. *since* writes a time, given it and that of the first event, ns.
    """
    events, since = list(events), since or _since
    columns = numbered(events)
    place = max((len(f"@{event.position}") for event in events), default=1)
    start_ns = next((e.time_ns for e in events if e.time_ns is not None), None)
    rows: list[Row] = []
    sources: dict[str, str] = {}  # by event id
    for event in events:
        cause = sources.get(event.causation_id or "")
        first = f"{f'@{event.position}':<{place}}  {since(event.time_ns, start_ns) or '?'}"
        above = None if cause is None else columns[cause]
        rows.append((first, columns[event.source], above, label_of(event)))
        sources[event.id] = event.source
    return _drawn(list(columns), rows)


def rule_lanes(
    choreography: Choreography, published: Iterable[tuple[Asked, str]] = ()
) -> Iterator[str]:
    """
    Yield the rules as lanes: one a capability, each rule a line from who publishes to who acts.

    *published*: what was seen to follow from an action, with its event type.
    """
    plan = choreography.plan
    publishers: dict[str, dict[str, None]] = {}  # capabilities, by event type
    for (_, capability), type in published:
        publishers.setdefault(type, {})[capability] = None
    steps = list(_steps(plan, publishers))
    seen = [name for step in steps for name in step[:2] if name is not None]
    names = [*([OUTSIDE] if OUTSIDE in seen else []), *plan.capabilities]
    names = list(dict.fromkeys([*names, *seen]))
    at: dict[str | None, int] = {name: lane for lane, name in enumerate(names)}
    return _drawn(names, [("", at.get(here), at.get(above), text) for above, here, text in steps])


def _steps(plan: Plan, publishers: dict[str, dict[str, None]]) -> Iterator[Step]:
    """Yield from whom to whom something goes by the rules, and what."""
    for why, types, rule in reactions(plan):
        for type in types:
            for publisher in publishers.get(type, (OUTSIDE,)):
                yield publisher, rule.target_capability, f"{type} → {rule.action}"
        if why:
            yield None, None, f"  {'by' if rule.name == why else 'if'} {why}"
    for saga in each_rule(plan.sagas):
        for publisher in publishers.get(saga.start_event, (OUTSIDE,)):
            first = saga.steps[0]
            yield publisher, first.target_capability, f"{saga.start_event} → {saga.name}"
        last = saga.steps[0].target_capability
        for number, step in enumerate(saga.steps, 1):
            undo = f", undone by {step.compensate}" if step.compensate else ""
            yield last, step.target_capability, f"{saga.name} {number}: {step.execute}{undo}"
            last = step.target_capability
    for one in plan.capabilities.values():
        if one.fallback:
            yield one.name, one.fallback, "fallback"


def _drawn(names: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """Yield the names of the lanes, and then each row."""
    names = [safe(name) for name in names]
    labels = [safe(label) for *_, label in rows]
    margin = max((cells(first) + 2 for first, *_ in rows if first), default=0)
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
    for (first, here, above, _), label in zip(rows, labels, strict=True):
        yield f"{first}{' ' * (margin - cells(first))}{_line(widths, here, above)}{label}"


def _since(time_ns: int | None, start_ns: int | None) -> str:
    if time_ns is None or start_ns is None:
        return ""
    return f"{(time_ns - start_ns) / SECOND:+.3f}s"


def _line(widths: list[int], here: int | None, cause: int | None) -> str:
    """Draw one event: a dot in its lane, and a line from the lane of its cause; or no event."""
    ends = [lane for lane in (here, cause) if lane is not None]
    left, right = min(ends, default=len(widths)), max(ends, default=-1)
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
