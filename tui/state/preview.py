"""JSON values as short texts: one line, never longer than asked, whatever the value's size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_SHORT = 400  # characters that a line can show at most; more is never built


def preview(value: Any, limit: int = _SHORT) -> str:
    """Return *value* as JSON on one line, cut with … after *limit* characters."""
    if isinstance(value, int | float | None) and len(text := json.dumps(value)) <= limit:
        return text
    parts: list[str] = []
    room = limit
    for part in _parts(value, limit):
        parts.append(part)
        room -= len(part)
        if room < 0:
            return "".join(parts)[: limit - 1] + "…"
    return "".join(parts)


def summary(data: Mapping[str, Any], limit: int = _SHORT) -> str:
    """Return an event's data as `name=value name=value`, cut after about *limit* characters."""
    parts: list[str] = []
    room = limit
    for name, value in data.items():
        parts.append(f"{name}={preview(value, max(room, 1))}")
        room -= len(parts[-1]) + 1
        if room <= 0:
            break
    return " ".join(parts)


def size(value: Any) -> str:
    """Return how much a folded object or array holds: {3} or [12]."""
    return f"{{{len(value)}}}" if isinstance(value, Mapping) else f"[{len(value)}]"


def _parts(value: Any, limit: int) -> Iterator[str]:
    if isinstance(value, str):
        yield json.dumps(value[: limit + 1], ensure_ascii=False)
    elif isinstance(value, Mapping):
        yield "{"
        for number, (name, item) in enumerate(value.items()):
            yield f"{', ' if number else ''}{json.dumps(name, ensure_ascii=False)}: "
            yield from _parts(item, limit)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            if number:
                yield ", "
            yield from _parts(item, limit)
        yield "]"
    else:
        yield json.dumps(value)
