"""The operators of an expression: Python's own, on JSON values, bounded."""

from __future__ import annotations

from collections.abc import KeysView, Mapping
from typing import Any

from .meter import SCALARS, Meter, key, kind, number, spend, weigh


def add(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a + b` for two numbers, two texts or two lists."""
    if isinstance(a, (str, list)):
        if not isinstance(b, (str, list)):
            raise TypeError(f"{kind(b)} is not added to {kind(a)}")
        spend(meter, 1 + len(a) + len(b))
        return a + b  # type: ignore[operator]  # a text and a list: Python says so itself
    return number(meter, a) + number(meter, b)


def subtract(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a - b` for two numbers."""
    return number(meter, a) - number(meter, b)


def multiply(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a * b` for two numbers."""
    return number(meter, a) * number(meter, b)


def divide(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a / b` for two numbers."""
    return number(meter, a) / number(meter, b)


def floor_divide(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a // b` for two numbers."""
    return number(meter, a) // number(meter, b)


def remainder(meter: Meter, a: Any, b: Any) -> Any:
    """Return `a % b` for two numbers; texts are not formatted."""
    return number(meter, a) % number(meter, b)


def negate(meter: Meter, a: Any) -> Any:
    """Return `-a` for a number."""
    return -number(meter, a)


def plus(meter: Meter, a: Any) -> Any:
    """Return `+a` for a number."""
    return +number(meter, a)


def contains(meter: Meter, item: Any, box: Any) -> bool:
    """Return `item in box`."""
    if isinstance(box, str):
        spend(meter, 1 + (len(box) >> 2))
        return item in box
    if isinstance(box, (dict, set, Mapping, KeysView)):
        return key(item) in box
    if isinstance(box, list) and isinstance(item, SCALARS):
        width = len(item) if isinstance(item, str) else 0
        spend(meter, (1 + (width >> 6)) * len(box))
    else:
        weigh(meter, box)
    return item in box


def item(_: Meter, value: Any, index: Any) -> Any:
    """Return `value[index]`."""
    return value[key(index)]


def part(meter: Meter, value: Any, start: Any, stop: Any, step: Any) -> Any:
    """Return `value[start:stop:step]`."""
    if not isinstance(value, (str, list, tuple)):
        raise TypeError(f"{kind(value)} has no slices")
    wanted = slice(start, stop, step)
    spend(meter, 2 + len(range(*wanted.indices(len(value)))))
    return value[wanted]
