"""The functions that an expression may call: Python's own, on JSON values, bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .meter import VIEWS, Meter, each, listed, number, spend, weigh

MAX_DIGITS = 1_200  # of an integer that is read from a text
MAX_PLACES = 400  # of rounding: a float has no more than 324


_NOTHING: Any = object()


def to_text(meter: Meter, value: Any, /) -> str:
    """Return `str(value)`."""
    if isinstance(value, VIEWS):
        raise TypeError("keys(), values() and items() are no text")
    weigh(meter, value, written=True)
    return str(dict(value) if isinstance(value, Mapping) else value)


def to_int(meter: Meter, value: Any, /) -> int:
    """Return `int(value)` of a number or a text."""
    if not isinstance(value, str):
        return int(number(meter, value))
    if len(value) > MAX_DIGITS:
        raise ValueError(f"a number of {len(value):,} characters is too long to read")
    spend(meter, 1 + len(value))
    return int(value)


def to_float(meter: Meter, value: Any, /) -> float:
    """Return `float(value)` of a number or a text."""
    if not isinstance(value, str):
        return float(number(meter, value))
    spend(meter, 1 + len(value))
    return float(value)


def to_bool(_: Meter, value: Any, /) -> bool:
    """Return `bool(value)`."""
    return bool(value)


def length(_: Meter, values: Any, /) -> int:
    """Return `len(values)`."""
    return len(values)


def absolute(meter: Meter, value: Any, /) -> Any:
    """Return `abs(value)` of a number."""
    return abs(number(meter, value))


def rounded(meter: Meter, value: Any, /, ndigits: Any = None) -> Any:
    """Return `round(value, ndigits)` of a number."""
    if ndigits is not None and abs(ndigits) > MAX_PLACES:
        raise ValueError(f"rounding to {ndigits} places is too fine or too coarse")
    return round(number(meter, value), ndigits)


def smallest(meter: Meter, first: Any, /, *more: Any, default: Any = _NOTHING) -> Any:
    """Return `min(first, *more)`."""
    return _extreme(min, meter, (first, *more), default)


def largest(meter: Meter, first: Any, /, *more: Any, default: Any = _NOTHING) -> Any:
    """Return `max(first, *more)`."""
    return _extreme(max, meter, (first, *more), default)


def total(meter: Meter, values: Any, /, start: Any = 0) -> Any:
    """Return `sum(values, start)` of numbers."""
    return sum(each(meter, values, 1), number(meter, start))


def any_of(meter: Meter, values: Any, /) -> bool:
    """Return `any(values)`."""
    return any(each(meter, values, 1))


def all_of(meter: Meter, values: Any, /) -> bool:
    """Return `all(values)`."""
    return all(each(meter, values, 1))


def in_order(meter: Meter, values: Any, /, *, reverse: Any = False) -> list[Any]:
    """Return `sorted(values, reverse=reverse)`."""
    items = listed(meter, values)
    before = meter[0]
    weigh(meter, items)
    spend(meter, (before - meter[0]) * len(items).bit_length())  # each is compared that often
    return sorted(items, reverse=reverse)


def _extreme(pick: Callable[..., Any], meter: Meter, given: tuple[Any, ...], default: Any) -> Any:
    if len(given) > 1:
        if default is not _NOTHING:
            raise TypeError("a default is for a single list")
        return pick(weigh(meter, given))
    items = listed(meter, given[0])
    if not items and default is not _NOTHING:
        return default
    return pick(weigh(meter, items))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": absolute,
    "all": all_of,
    "any": any_of,
    "bool": to_bool,
    "float": to_float,
    "int": to_int,
    "len": length,
    "max": largest,
    "min": smallest,
    "round": rounded,
    "sorted": in_order,
    "str": to_text,
    "sum": total,
}
GATHERING = frozenset({"all", "any", "max", "min", "sorted", "sum"})  # take a generator
