"""JSON Pointers (RFC 6901): `/order-17/items/0/sku`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Final

from laban.store.errors import LabanError, did_you_mean

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")  # RFC 6901 allows no leading zeros


class Missing(Enum):
    """The type of MISSING, which stands where a path has no value; null is a value."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


class BadPointerError(LabanError):
    """The text is no JSON Pointer."""


class UnknownPointerError(LabanError):
    """The path has no value there."""


def parse_pointer(text: str) -> tuple[str, ...]:
    """Return the tokens of a pointer; "" is the whole. Raises BadPointerError."""
    if text in ("", "/"):
        return ()
    if not text.startswith("/"):
        raise BadPointerError(f"{text!r} is no JSON Pointer: begin with a slash, as in '/{text}'.")
    return tuple(t.replace("~1", "/").replace("~0", "~") for t in text[1:].split("/"))


def format_pointer(tokens: Iterable[str]) -> str:
    """Return the pointer with these tokens."""
    return "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)


def look_up(value: Any, tokens: Sequence[str]) -> Any:
    """Return the part of a JSON *value* at *tokens*, MISSING where there is none."""
    for token in tokens:
        if isinstance(value, dict):
            value = value.get(token, MISSING)
        elif isinstance(value, list):
            inside = _INDEX.fullmatch(token) and int(token) < len(value)
            value = value[int(token)] if inside else MISSING
        else:
            return MISSING
    return value


def same(a: Any, b: Any) -> bool:
    """Tell whether two JSON values, or MISSING, are the same; 1, 1.0 and true are not."""
    if a is b:
        return True
    if isinstance(a, Missing) or isinstance(b, Missing) or a != b:
        return False
    if type(a) is type(b) and isinstance(a, (str, int)):
        return True
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def unknown_part(value: Any, tokens: Sequence[str], start: Sequence[str] = ()) -> str:
    """Say where *tokens*, followed from *value* at *start*, leave it, with a near miss."""
    path = list(start)
    for token in tokens:
        inner = look_up(value, (token,))
        if inner is MISSING:
            known = value if isinstance(value, dict) else ()
            there = format_pointer(path) or "the state"
            return f"{there} has no {token!r}.{did_you_mean(token, known)}"
        value = inner
        path.append(token)
    raise ValueError("every token leads somewhere")
