"""Giving a part of an event another value; every other text in it stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from laban.replay.choreography.decisions import ENGINE
from laban.replay.pointer import MISSING, look_up, parse_pointer, unknown_part
from laban.store.clock import format_time, parse_time
from laban.store.errors import LabanError, did_you_mean
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject, to_json

OBJECTS = ("data", "metadata")
TEXTS = ("type", "stream", "source")
OPTIONAL = ("correlation_id", "causation_id")
FIELDS = (*OBJECTS, *TEXTS, "time", *OPTIONAL)


class SetError(LabanError):
    """There is no such part, or it cannot have this value."""


def with_value(event: NewEvent, pointer: str, text: str) -> tuple[NewEvent, Any]:
    """Return *event* with the JSON *text* at *pointer*, and the value before. Raises SetError."""
    tokens = parse_pointer(pointer)
    if not tokens or tokens[0] not in FIELDS:
        near = did_you_mean(tokens[0], FIELDS) if tokens else ""
        raise SetError(
            f"{pointer!r} does not begin at the event: write /data/…, /type or /time.{near}"
        )
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        meant = to_json(text)
        raise SetError(
            f"{text!r} is no JSON value for {pointer}: a text needs quotes, '{meant}'."
        ) from None
    field, rest = tokens[0], tokens[1:]
    if field in OBJECTS:
        return _in_object(event, field, rest, text, value)
    if rest:
        raise SetError(f"/{field} has no parts: set /{field}.")
    if field == "time":
        return _with_time(event, value)
    if not (isinstance(value, str) and value) and not (field in OPTIONAL and value is None):
        raise SetError(f"/{field} is a text that is not empty, not {text}.")
    if value == ENGINE and field == "source":
        raise SetError(f"{ENGINE!r} is the source of decisions: an event comes from another.")
    if field == "stream" and str(value).startswith("$"):
        raise SetError(f"{value!r} is the engine's stream: an event goes into another.")
    return replace(event, **{field: value}), getattr(event, field)


def _with_time(event: NewEvent, value: Any) -> tuple[NewEvent, Any]:
    before = None if event.time_ns is None else format_time(event.time_ns)
    try:
        return replace(event, time_ns=None if value is None else parse_time(value)), before
    except (ValueError, TypeError):
        raise SetError(
            f'/time is null or as in "2026-11-21T09:30:00Z", not {to_json(value)}.'
        ) from None


def _in_object(
    event: NewEvent, field: str, tokens: Sequence[str], text: str, value: Any
) -> tuple[NewEvent, Any]:
    whole: JsonObject = getattr(event, field)
    before = look_up(whole.parsed, tokens)
    if before is MISSING:
        raise SetError(unknown_part(whole.parsed, tokens, (field,)))
    if not tokens and not isinstance(value, dict):
        raise SetError(f"/{field} is a JSON object such as {{}}, not {text}.")
    return replace(event, **{field: JsonObject(_replaced(whole.text, tokens, text))}), before


def _replaced(text: str, tokens: Sequence[str], value: str) -> str:
    """Return JSON *text* with *value* at *tokens*, which lead somewhere."""
    if not tokens:
        return value
    first, rest = tokens[0], tokens[1:]
    if text.lstrip().startswith("{"):
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        texts = {name: str(raw, "utf-8") for name, raw in fields.items()}
        texts[first] = _replaced(texts[first], rest, value)
        return "{" + ",".join(f"{to_json(name)}:{part}" for name, part in texts.items()) + "}"
    parts = [str(raw, "utf-8") for raw in msgspec.json.decode(text, type=list[msgspec.Raw])]
    parts[int(first)] = _replaced(parts[int(first)], rest, value)
    return "[" + ",".join(parts) + "]"
