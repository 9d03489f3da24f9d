"""A tree of causes as a Mermaid flowchart, from the root down to what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from laban.replay.diagram import escaped
from laban.replay.pointer import MISSING
from laban.store.event import Event
from laban.store.jsontext import to_json

from .origin import label_of
from .tree import Branch, Tree, Trunk

LONGEST = 40  # characters of data in a node, and of a value on an edge
NOT_SEEN = "-.-x|not seen|"


def drawing(tree: Tree) -> Iterator[str]:
    """
    Yield the lines of a Mermaid flowchart of *tree*.

    Solid arrows lead from a cause to its effect, dotted ones from a write to who read it. A write
    that a reader did not see has a red one that ends in a cross.
    """
    trunks = list(_trunks(tree.trunk))
    shown = {step.event.position for trunk in trunks for step in trunk.steps}
    edges = [edge for trunk in trunks for edge in (*_causes(trunk), *_reads(trunk))]
    yield "flowchart TD"
    for trunk in trunks:
        yield from _nodes(trunk)
    for position, text in _missed(trunks).items():
        if position not in shown:
            yield f'    e{position}["@{position} {escaped(text)}"]'
    yield from (f"    {edge}" for edge in edges)
    for number, edge in enumerate(edges):
        if NOT_SEEN in edge:
            yield f"    linkStyle {number} stroke:red"


def _trunks(trunk: Trunk) -> Iterator[Trunk]:
    waiting = [trunk]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [branch.trunk for _, branch in _branches(one) if branch.trunk]


def _branches(trunk: Trunk) -> Iterator[tuple[Event, Branch]]:
    """Yield what was followed, with the event whose source had read it."""
    for step, branches in zip(trunk.steps, trunk.branches, strict=True):
        yield from ((step.event, branch) for branch in branches if branch.cut in ("", "seen"))


def _missed(trunks: list[Trunk]) -> dict[int, str]:
    """Return the writes that readers did not see, by position."""
    newer = (b.read.newer for trunk in trunks for _, b in _branches(trunk) if b.read.newer)
    return {write.position: f"{write.type}: {_value(write.value)}" for write in newer}


def _nodes(trunk: Trunk) -> Iterator[str]:
    for step in trunk.steps:
        event = step.event
        first = escaped(f"@{event.position} {event.source}: {event.type}")
        said = escaped(_cut(label_of(event)))
        yield f'    e{event.position}["{first}<br/>{said}"]'


def _causes(trunk: Trunk) -> Iterator[str]:
    ends = [step.event.position for step in trunk.steps[1:]]
    ends += [] if trunk.joins is None else [trunk.joins]
    for step, cause in zip(trunk.steps, ends, strict=False):
        rule = next((origin.rule for origin in step.by), "")
        label = f"|{escaped(rule)}|" if rule else ""
        yield f"e{cause} -->{label} e{step.event.position}"


def _reads(trunk: Trunk) -> Iterator[str]:
    for event, branch in _branches(trunk):
        read = branch.read
        label = escaped(f"read {read.pointer}: {_value(read.value)}")
        yield f"e{read.written} -.->|{label}| e{event.position}"
        if read.newer:
            yield f"e{read.newer.position} {NOT_SEEN} e{event.position}"


def _value(value: object) -> str:
    return "nothing" if value is MISSING else _cut(to_json(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
