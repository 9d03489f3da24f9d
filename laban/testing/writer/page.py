"""The text of a test file."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from laban.replay.pointer import MISSING
from laban.store.clock import format_time
from laban.store.event import NewEvent
from laban.store.jsontext import to_json

from .claims import Claim
from .literals import LINE, Code, bracketed, literal

EVENTS, RULES = Code("EVENTS"), Code("RULES")


def page(
    claims: Sequence[Claim],
    events: Sequence[NewEvent],
    *,
    about: str,
    rules: str | None,
    file: str | None,
) -> str:
    """
    Return a test file that makes *claims* about *events*.

    *about* says where they come from; *rules* is where the choreography is, as seen from the
    test file, and *file* the name of the file beside it that holds the events, None for inline.
    Raises ValueError where a number in the events has no Python literal.
    """
    used = {claim.function for claim in claims}
    if any(MISSING in claim.values for claim in claims):
        used.add("MISSING")
    sections = ['"""\n' + _paragraphs(about) + '"""']
    if rules or file:
        sections.append("from pathlib import Path")
    sections.append(f"from laban.testing import {', '.join(sorted(used))}")
    constants = []
    if rules or file:
        constants.append("HERE = Path(__file__).parent")
    if rules:
        constants.append(f"RULES = HERE / {literal(rules, 15)}")
    if file:
        constants.append(f"EVENTS = HERE / {literal(file, 16)}")
    else:
        constants.append(f"EVENTS = {literal([_fields(event) for event in events], 9)}")
    sections.append("\n".join(constants))
    tests = [_test(claim, with_rules=rules is not None) for claim in claims]
    return "\n\n\n".join(["\n\n".join(sections), *tests]) + "\n"


def line(event: NewEvent) -> str:
    """Return *event* as a line of interchange JSON, data and metadata exactly as they are."""
    head = to_json({k: v for k, v in _fields(event).items() if k not in ("data", "metadata")})
    metadata = f',"metadata":{event.metadata.text}' if len(event.metadata) else ""
    return f'{head[:-1]},"data":{event.data.text}{metadata}}}'.translate(_SPACES)


_SPACES = {ord(mark): " " for mark in "\r\n"}  # between values; inside strings JSON has none


def _test(claim: Claim, *, with_rules: bool) -> str:
    values = [("", EVENTS)]
    values += [("", Code("MISSING") if value is MISSING else value) for value in claim.values]
    values += [(f"{name}=", value) for name, value in claim.options.items()]
    values += [("choreography=", RULES)] * with_rules
    call = bracketed(f"{claim.function}(", values, ")", 4, 4)
    return f"def test_{claim.name}() -> None:\n    {call}"


def _fields(event: NewEvent) -> dict[str, Any]:
    """Return what of the envelope is not given by default."""
    fields = {
        "id": event.id,
        "stream": event.stream,
        "type": event.type,
        "source": event.source,
        "time": None if event.time_ns is None else format_time(event.time_ns),
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "data": event.data.parsed,
        "metadata": event.metadata.parsed or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _paragraphs(text: str) -> str:
    """Return *text* as the lines of a docstring."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = []
    for paragraph in safe.splitlines():
        lines += wrap(paragraph, LINE, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"{line}\n" for line in lines)
