"""The methods that an expression may call on objects, texts and lists: Python's own, bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .meter import Meter, key, kind, spend, weigh


def get(_: Meter, value: Any, name: Any, default: Any = None, /) -> Any:
    """Return `value.get(name, default)` of an object."""
    return _object(value, "get").get(key(name), default)


def keys(_: Meter, value: Any, /) -> Any:
    """Return `value.keys()` of an object."""
    return _object(value, "keys").keys()


def values(_: Meter, value: Any, /) -> Any:
    """Return `value.values()` of an object."""
    return _object(value, "values").values()


def items(_: Meter, value: Any, /) -> Any:
    """Return `value.items()` of an object."""
    return _object(value, "items").items()


def count(meter: Meter, value: Any, part: Any, /) -> int:
    """Return `value.count(part)` of a text or a list."""
    if isinstance(value, list):
        return weigh(meter, value).count(part)  # type: ignore[no-any-return]
    return _searched(meter, value, "count").count(part)


def index(meter: Meter, value: Any, part: Any, /) -> int:
    """Return `value.index(part)` of a text or a list."""
    if isinstance(value, list):
        return weigh(meter, value).index(part)  # type: ignore[no-any-return]
    return _searched(meter, value, "index").index(part)


def find(meter: Meter, value: Any, part: Any, /) -> int:
    """Return `value.find(part)` of a text."""
    return _searched(meter, value, "find").find(part)


def startswith(meter: Meter, value: Any, prefix: Any, /) -> bool:
    """Return `value.startswith(prefix)` of a text; *prefix* may be a tuple of texts."""
    weigh(meter, prefix)
    return _text(value, "startswith").startswith(prefix)


def endswith(meter: Meter, value: Any, suffix: Any, /) -> bool:
    """Return `value.endswith(suffix)` of a text; *suffix* may be a tuple of texts."""
    weigh(meter, suffix)
    return _text(value, "endswith").endswith(suffix)


def lower(meter: Meter, value: Any, /) -> str:
    """Return `value.lower()` of a text."""
    return _copied(meter, value, "lower").lower()


def upper(meter: Meter, value: Any, /) -> str:
    """Return `value.upper()` of a text."""
    return _copied(meter, value, "upper").upper()


def strip(meter: Meter, value: Any, chars: Any = None, /) -> str:
    """Return `value.strip(chars)` of a text."""
    if isinstance(chars, str):
        spend(meter, (len(_text(value, "strip")) >> 4) * len(chars))  # each is looked for in all
    return _copied(meter, value, "strip").strip(chars)


def split(meter: Meter, value: Any, sep: Any = None, maxsplit: Any = -1) -> list[str]:
    """Return `value.split(sep, maxsplit)` of a text."""
    return _copied(meter, value, "split").split(sep, maxsplit)


def replace(meter: Meter, value: Any, old: Any, new: Any, limit: Any = -1, /) -> str:
    """Return `value.replace(old, new, limit)` of a text."""
    text = _copied(meter, value, "replace")
    spend(meter, text.count(old) * len(new))
    return text.replace(old, new, limit)


def isdigit(meter: Meter, value: Any, /) -> bool:
    """Return `value.isdigit()` of a text."""
    return _searched(meter, value, "isdigit").isdigit()


def _object(value: Any, method: str) -> Any:
    if isinstance(value, (dict, Mapping)):
        return value
    raise TypeError(f"{kind(value)} has no {method}()")


def _text(value: Any, method: str) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{kind(value)} has no {method}()")


def _searched(meter: Meter, value: Any, method: str) -> str:
    text = _text(value, method)
    spend(meter, 1 + (len(text) >> 2))  # a stubborn part makes it slow
    return text


def _copied(meter: Meter, value: Any, method: str) -> str:
    text = _text(value, method)
    spend(meter, 1 + len(text))
    return text


METHODS: dict[str, Callable[..., Any]] = {
    method.__name__: method
    for method in (
        *(get, keys, values, items),
        *(count, index, find, startswith, endswith),
        *(lower, upper, strip, split, replace, isdigit),
    )
}
VIEWING = frozenset({"keys", "values", "items"})  # what they return is no JSON value
