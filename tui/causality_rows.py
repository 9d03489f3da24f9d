"""What led to an event, what was read on the way, and what came of it, as rows."""

from __future__ import annotations

from collections.abc import Iterator

from laban.replay.explain.origin import Origin, label_of
from laban.replay.explain.tree import Branch, Trunk, tree
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .detail_rows import read_rows, title
from .values import DetailRow, RowKind

DEPTH, STEPS = 6, 60  # of the causes: more would not be read
EFFECTS = 60  # and of the effects


def causality_rows(
    timeline: Timeline,
    event: Event,
    start_ns: int | None,  # noqa: ARG001 - as detail_rows
) -> list[DetailRow]:
    """Return the tree of causes of *event*, the nearest first, and that of its effects."""
    grown = tree(timeline, event.position, DEPTH, STEPS)
    return [
        DetailRow("what led here, the root last", kind=RowKind.HEADING),
        *_trunk(grown.trunk, ""),
        DetailRow("what came of it", kind=RowKind.HEADING),
        *_effects(timeline, event),
    ]


def _trunk(trunk: Trunk, edge: str) -> Iterator[DetailRow]:
    for step, branches in zip(trunk.steps, trunk.branches, strict=True):
        event = step.event
        said = f"{edge}{event.type}  {event.source}  {label_of(event)}"
        yield DetailRow(f"@{event.position}", said, target=event.position)
        for branch in branches:
            yield from _branch(branch, edge)
        for origin in step.by:
            if origin.position != event.position:
                yield DetailRow("", f"{edge}↑ {_rule(origin)}", target=origin.position)
    if trunk.joins is not None:
        yield DetailRow("", f"{edge}↑ @{trunk.joins}, which stands above", target=trunk.joins)
    elif trunk.guarantee == "incomplete":
        yield DetailRow(f"{edge}it names a cause that is not in this log", kind=RowKind.NOTE)
    elif trunk.guarantee == "cut":
        yield DetailRow(f"{edge}… and more: [ goes on to them", kind=RowKind.NOTE)


def _branch(branch: Branch, edge: str) -> Iterator[DetailRow]:
    yield from read_rows(branch.read, "", f"{edge}├ read ", f"{edge}│  ")
    if branch.trunk is not None:
        yield from _trunk(branch.trunk, f"{edge}│  ")


def _rule(origin: Origin) -> str:
    if origin.type == "action.requested":
        return f"rule {origin.rule} asked {origin.agent or origin.capability} (@{origin.position})"
    return f"rule {origin.rule}: {origin.type} (@{origin.position})"


def _effects(timeline: Timeline, event: Event) -> Iterator[DetailRow]:
    """Yield the effects, theirs below each, in order and no more than EFFECTS."""
    waiting = [(effect, 0) for effect in reversed(timeline.effects(event.position))]
    seen = {event.position}
    if not waiting:
        yield DetailRow("nothing names it as its cause", kind=RowKind.NOTE)
    while waiting and len(seen) <= EFFECTS:
        effect, depth = waiting.pop()
        if effect.position in seen:
            continue
        seen.add(effect.position)
        place, _, rest = title(effect).partition(" ")
        yield DetailRow(place, "  " * depth + rest, target=effect.position)
        below = reversed(timeline.effects(effect.position))
        waiting += [(inner, depth + 1) for inner in below]
    if waiting:
        yield DetailRow("… and more effects", kind=RowKind.NOTE)
