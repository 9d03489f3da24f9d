"""An absence as a Mermaid flowchart: what stood in the way, and what it would have led to."""

from __future__ import annotations

from collections.abc import Iterator

from laban.replay.diagram import escaped
from laban.store.jsontext import to_json

from .answer import Absence, Absent, Found, Way

LONGEST = 60  # characters of a value


def absence_drawing(answer: Absence) -> Iterator[str]:
    """
    Yield the lines of a Mermaid flowchart of *answer*.

    Dotted arrows lead on by a rule to what did not follow; what stood in the way latest is red.
    """
    drawing = _Drawing(answer.decisive)
    for absent in answer.absent:
        drawing.add(absent)
    yield "flowchart TD"
    yield from drawing.nodes
    yield from drawing.edges
    if drawing.decisive:
        yield f"    style {drawing.decisive} stroke:red"


class _Drawing:
    def __init__(self, decisive: Found | None) -> None:
        self._wanted = decisive
        self._types: dict[str, str] = {}
        self._count = 0
        self.nodes: list[str] = []
        self.edges: list[str] = []
        self.decisive = ""

    def add(self, absent: Absent) -> str:
        """Add a type that was not observed, with its ways, and return its node."""
        known = self._types.get(absent.type)
        if known is not None:
            return known
        node = self._types[absent.type] = self._node(f"{absent.type}: not observed", '(["{}"])')
        for way in absent.ways:
            for found in way.found:
                self._stood(way, found, node)
        return node

    def _stood(self, way: Way, found: Found, led: str) -> None:
        label = escaped(way.lead.rule or way.lead.source)
        if found.kind == "missing" and found.absent:
            for absent in found.absent:
                self.edges.append(f"    {self.add(absent)} -.->|{label}| {led}")
            return
        parts = [
            f"{name} is {to_json(value)[:LONGEST]}"
            for part in found.parts
            for name, value in part.values
        ]
        node = self._node("; ".join([found.detail, *parts]), '["{}"]')
        self.edges.append(f"    {node} -.->|{label}| {led}")
        self.edges += [f"    {self.add(absent)} -.-> {node}" for absent in found.absent]
        if found is self._wanted:
            self.decisive = node

    def _node(self, text: str, shape: str) -> str:
        self._count += 1
        self.nodes.append(f"    n{self._count}{shape.format(escaped(text))}")
        return f"n{self._count}"
