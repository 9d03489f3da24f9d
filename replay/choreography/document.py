"""A choreography as a document: the sections of a YAML file, and the JSON Schema for editors."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, to_builtins

from . import Choreography, rules
from .rules import Rule


class ComplexPatterns(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules that look at more than one event."""

    temporal_sequence: tuple[rules.TemporalSequence, ...] = ()
    threshold_pattern: tuple[rules.ThresholdPattern, ...] = ()
    state_transition: tuple[rules.StateTransition, ...] = ()


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A choreography of agents, for Laban. Seconds are of event time."""

    name: str = ""  # without one, the file's
    capabilities: tuple[rules.Capability, ...] = ()
    patterns: tuple[rules.Pattern, ...] = ()
    sequences: tuple[rules.Sequence, ...] = ()
    complex_patterns: ComplexPatterns = ComplexPatterns()
    sagas: tuple[rules.Saga, ...] = ()
    contracts: tuple[rules.Contract, ...] = ()
    deduplication: tuple[rules.Deduplication, ...] = ()
    authorisation: tuple[rules.Authorisation, ...] = ()
    ends: tuple[str, ...] = ()  # event types from which nothing has to follow

    def choreography(self, name: str) -> Choreography:
        """Return the choreography, called *name* if the document gives no name."""
        made = Choreography(self.name or name)
        made.ends(*self.ends)
        for _, section in sections(self):
            for rule in section:
                made.add(rule)
        return made


SECTIONS: dict[tuple[str, ...], type[Rule]] = {
    ("capabilities",): rules.Capability,
    ("patterns",): rules.Pattern,
    ("sequences",): rules.Sequence,
    ("complex_patterns", "temporal_sequence"): rules.TemporalSequence,
    ("complex_patterns", "threshold_pattern"): rules.ThresholdPattern,
    ("complex_patterns", "state_transition"): rules.StateTransition,
    ("sagas",): rules.Saga,
    ("contracts",): rules.Contract,
    ("deduplication",): rules.Deduplication,
    ("authorisation",): rules.Authorisation,
}
NESTED: dict[str, type[Rule]] = {  # fields of rules that are rules
    "breaker": rules.Breaker,
    "retry": rules.Retry,
    "rate_limit": rules.RateLimit,
    "steps": rules.SagaStep,
}


def sections(document: Document) -> list[tuple[tuple[str, ...], tuple[Rule, ...]]]:
    """Return the rules of each section, by the keys that lead to it."""
    found = []
    for path in SECTIONS:
        section: Any = document
        for key in path:
            section = getattr(section, key)
        found.append((path, section))
    return found


def to_document(choreography: Choreography) -> dict[str, Any]:
    """
    Return the rules as the content of a YAML file, defaults left out.

    Rules of one kind keep their order, and no rule depends on that of different kinds.
    Reducers and agents are code, and stay in Python.
    """
    written: dict[str, Any] = {"name": choreography.name}
    for path, kind in SECTIONS.items():
        if found := [_options(rule) for rule in choreography.rules if type(rule) is kind]:
            section = written
            for key in path[:-1]:
                section = section.setdefault(key, {})
            section[path[-1]] = found
    if choreography.ended_by:
        written["ends"] = list(choreography.ended_by)
    return written


def _options(rule: Rule) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for info in msgspec.structs.fields(rule):
        value = getattr(rule, info.name)
        if value == info.default:
            continue
        if isinstance(value, Rule):
            options[info.name] = _options(value)
        elif isinstance(value, tuple):
            options[info.name] = [_options(v) if isinstance(v, Rule) else v for v in value]
        else:
            options[info.name] = to_builtins(value)
    return options


SCHEMA = Path(__file__).parent / "choreography.schema.json"


def json_schema() -> str:
    """Return the JSON Schema of the document, as its file holds it."""
    schema = msgspec.json.schema(Document)
    kinds: list[type[Struct]] = [Document, *SECTIONS.values(), *NESTED.values()]
    for name, kind in {kind.__name__: kind for kind in kinds}.items():
        properties = schema["$defs"][name]["properties"]
        for option, meaning in _comments(kind).items():
            properties[option]["description"] = meaning
        if "condition" in properties:  # `condition: True`, without quotes
            properties["condition"]["type"] = ["string", "boolean"]
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _comments(kind: type[Struct]) -> dict[str, str]:
    """Return what the source of a rule, or of the document, says beside its options."""
    own = (k for k in kind.__mro__ if issubclass(k, Rule) or k is Document)
    source = "".join(map(inspect.getsource, own))
    return dict(re.findall(r"^    (\w+): .*?  # (.+)$", source, re.MULTILINE))


if __name__ == "__main__":  # `make docs` runs it
    SCHEMA.write_text(json_schema(), encoding="utf-8")
