"""
YAML as configuration needs it: plain values, each with its line, and nothing surprising.

Words mean what YAML 1.2 says: `no`, `on` and `12:30` are texts. Tags, keys that are said twice,
merges and bombs of aliases are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct, field

from laban.store.errors import LabanError

MAX_BYTES = 2_000_000
MAX_NODES = 100_000  # as written, and after aliases are resolved
MAX_ALIASES = 100
MAX_DEPTH = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS_BOOL = {w: w.lower() == "true" for w in ("true", "True", "TRUE", "false", "False", "FALSE")}


class YamlError(LabanError):
    """The text is no YAML, or more of YAML than a configuration needs."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")


class Node(Struct, kw_only=True):
    """A value of the document."""

    value: Any  # a scalar; list[Node]; dict[str, Node]
    line: int  # counted from 1
    text: str | None = None  # of a scalar, as written
    size: int = 1  # nodes in it
    keys: dict[str, int] = field(default_factory=dict)  # the lines of a mapping's keys

    def get(self, key: str) -> Node | None:
        """Return a value of a mapping, None where there is none."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def plain(self) -> Any:
        """Return the value with no lines."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value


def parse(text: str) -> Node | None:
    """Return the one document of *text*, None when it is empty. Raises YamlError."""
    if len(text) > MAX_BYTES:
        raise YamlError(
            1, f"a choreography has at most {MAX_BYTES:,} characters, not {len(text):,}."
        )
    try:
        return _Builder(yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"{error.problem}.") from None
    except yaml.YAMLError as error:
        raise YamlError(1, " ".join(str(error).split())) from None


class _Builder:
    """Makes nodes of YAML's events, which nest no deeper than we follow."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}
        self._aliases = self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise YamlError(_line(event), "a second document begins: keep one in a file.")
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        self._count(line, 1)
        if depth > MAX_DEPTH:
            raise YamlError(line, f"values are nested more than {MAX_DEPTH} deep.")
        if isinstance(event, yaml.AliasEvent):
            return self._resolved(event, line)
        assert isinstance(event, yaml.NodeEvent)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise YamlError(line, f"the tag {tag!r} is not taken: write plain values.")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0]
            value = _scalar(event.value, line) if plain else event.value
            node = Node(value=value, line=line, text=event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(line, depth)
        else:
            node = self._mapping(line, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _count(self, line: int, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlError(line, f"a choreography has at most {MAX_NODES:,} values.")

    def _resolved(self, event: yaml.AliasEvent, line: int) -> Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise YamlError(line, f"a choreography has at most {MAX_ALIASES} aliases.")
        node = self._anchors.get(event.anchor or "")
        if node is None:
            raise YamlError(line, f"the alias *{event.anchor} has no anchor before it.")
        self._count(line, node.size)
        return node

    def _sequence(self, line: int, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(value=items, line=line, size=1 + sum(item.size for item in items))

    def _mapping(self, line: int, depth: int) -> Node:
        items: dict[str, Node] = {}
        keys: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            at = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError(at, "a key is a plain word.")
            key = event.value
            if key == "<<" and event.implicit[0]:
                raise YamlError(at, "merges (<<) are not taken: write the keys out.")
            if key in items:
                raise YamlError(at, f"the key {key!r} was given on line {keys[key]} already.")
            keys[key] = at
            items[key] = self._node(next(self._events), depth + 1)
        size = 1 + sum(item.size for item in items.values())
        return Node(value=items, line=line, size=size, keys=keys)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(text: str, line: int) -> Any:
    """Return what a plain scalar means in the core schema of YAML 1.2."""
    if text in _WORDS:
        return None
    if text in _WORDS_BOOL:
        return _WORDS_BOOL[text]
    if _INT.fullmatch(text):
        if len(text) > 4000:  # Python's own limit is near, and nobody writes such a number
            raise YamlError(line, "a number has too many digits.")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def is_text(word: str) -> bool:
    """Tell whether *word* as a plain scalar would mean itself."""
    return isinstance(_scalar(word, 0), str)
