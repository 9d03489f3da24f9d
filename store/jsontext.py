"""JSON objects that remember the exact text they were received as."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class JsonObject(Mapping[str, Any]):
    """
    A JSON object, kept as its exact UTF-8 text: big integers, `1.10` and key order survive.

    It is a read-only mapping; parsing happens on the first look inside and is kept.
    Two are equal when their parsed values are.
    """

    __slots__ = ("_parsed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed: dict[str, Any] | None = None

    @property
    def parsed(self) -> dict[str, Any]:
        """The same object as plain Python values. Read it, never change it."""
        if self._parsed is None:
            self._parsed = json.loads(self.text)
        return self._parsed

    def __getitem__(self, key: str) -> Any:
        return self.parsed[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parsed)

    def __len__(self) -> int:
        return len(self.parsed)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"JsonObject({self.text})"


EMPTY = JsonObject("{}")


def to_json(value: object, indent: int | None = None) -> str:
    """Return *value* as JSON text. Raises ValueError for NaN and TypeError for no JSON."""
    try:
        return _dumps(value, indent)
    except ValueError:  # 1e999 is sound JSON, and infinite as a Python float
        text = _dumps(_infinities_marked(value), indent)
        return text.replace(f'"{_INFINITY}"', "1e999").replace(f'"-{_INFINITY}"', "-1e999")


def half_character(text: str) -> str | None:
    """Return the first half of a character in JSON *text* that is without its other half."""
    for match in _ESCAPE.finditer(text):
        if match[1]:
            return match[1].encode("ascii", "backslashreplace").decode()
    return None


def _dumps(value: object, indent: int | None) -> str:
    text = _encoder(indent).encode(value)
    return text if text.isascii() else _HALF.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


@lru_cache(8)
def _encoder(indent: int | None) -> json.JSONEncoder:
    """Return an encoder; making one takes as long as encoding an event."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.JSONEncoder(
        ensure_ascii=False, separators=separators, indent=indent, allow_nan=False
    )


_HALF = re.compile("[\ud800-\udfff]")  # surrogates: they have no UTF-8 of their own
_ESCAPE = re.compile(  # two halves, one alone, any other escape
    r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..|[\ud800-\udfff])|\\."
)
_INFINITY = "\ue000infinity\ue000"


def _infinities_marked(value: object) -> object:
    if isinstance(value, dict):
        return {name: _infinities_marked(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_infinities_marked(inner) for inner in value]
    if isinstance(value, float) and math.isinf(value):
        return _INFINITY if value > 0 else f"-{_INFINITY}"
    return value
