"""
What an evaluation may cost: a meter of steps, and the prices of looking and copying.

Whatever takes more than a moment pays for its time and its memory *before* it runs. A step is
worth about 0.2 µs and 64 bytes, seldom as much.
"""

from __future__ import annotations

import math
from collections.abc import ItemsView, KeysView, Mapping, Sized, ValuesView
from types import GeneratorType
from typing import Any

from .errors import Undefined

BUDGET = 1_000_000  # steps for one evaluation
MAX_BITS = 4_096  # of an integer that is computed with

Meter = list[int]  # one number: the steps that are left

NUMBERS = (int, float)  # and bool, which is an int
SCALARS = (str, int, float, type(None))
VIEWS = (KeysView, ValuesView, ItemsView)
_SIZED = (list, dict, str, tuple, Mapping, *VIEWS)


def spend(meter: Meter, steps: int) -> None:
    """Take *steps* from the meter. Raises Undefined when there are not as many left."""
    meter[0] -= steps
    if meter[0] < 0:
        raise Undefined(f"this takes more than {BUDGET:,} steps")


def kind(value: object) -> str:
    """Return what JSON calls *value*."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, NUMBERS):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an object" if isinstance(value, Mapping) else "a list"


def key(value: Any) -> Any:
    """Return *value* when an object may have it as a key. Raises TypeError."""
    if isinstance(value, SCALARS):
        return value
    raise TypeError(f"{kind(value)} is no key")


def number(meter: Meter, value: Any) -> Any:
    """Return *value*, a number that is small enough to compute with; pay for a large one."""
    if isinstance(value, float):
        return value
    if not isinstance(value, int):
        raise TypeError(f"{kind(value)} is no number")
    bits = value.bit_length()
    if bits > 64:
        spend(meter, bits >> 4)
        if bits > MAX_BITS:
            digits = round(bits * math.log10(2))
            raise OverflowError(f"an integer of about {digits:,} digits is too large to compute")
    return value


def weigh(meter: Meter, value: Any, *, written: bool = False) -> Any:
    """Pay for comparing, or for having written, all of *value*, however deep, and return it."""
    if value is None or isinstance(value, float):
        return value
    short, words, decimals = (0, 4, 4) if written else (6, 6, 1)
    rest = [value]
    while rest:
        part = rest.pop()
        if isinstance(part, str):
            spend(meter, 1 + (len(part) >> short))
        elif isinstance(part, int):
            spend(meter, 1 + (part.bit_length() >> words))
        elif part is None or isinstance(part, float):
            spend(meter, decimals)
        else:
            spend(meter, 1 + len(_sized(part)))
            rest.extend(part)
            if isinstance(part, Mapping):
                rest.extend(part.values())
    return value


def each(meter: Meter, values: Any, cost: int) -> Any:
    """Pay *cost* steps for each of *values*, anything with members, and return them."""
    if isinstance(values, GeneratorType):  # paid for by its own loops
        return values
    spend(meter, cost * len(_sized(values)))
    return values


def listed(meter: Meter, values: Any) -> list[Any]:
    """Return *values* as a new list."""
    return list(each(meter, values, 1))


def _sized(values: Any) -> Sized:
    if isinstance(values, _SIZED):
        return values
    raise TypeError(f"{kind(values)} has no members")
