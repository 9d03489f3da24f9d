"""Arrow's columns as plain values, for people and for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from laban.store.clock import SECOND, format_time

# list and dict hold values in turn; times are RFC 3339 in UTC, bytes hexadecimal, other text ISO
Value = None | bool | int | float | Decimal | str | list[Any] | dict[str, Any]

_UNIT_NS = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}


def plain(batch: pa.RecordBatch) -> Iterator[tuple[Value, ...]]:
    """Yield the rows of *batch*."""
    if batch.num_columns == 0:
        return iter([()] * batch.num_rows)
    return zip(*map(_column, batch.columns), strict=True)


def _column(column: pa.Array) -> list[Value]:
    type = column.type
    if pa.types.is_timestamp(type):
        unit, ticks = _UNIT_NS[type.unit], column.cast(pa.int64()).to_pylist()
        return [None if tick is None else _time(tick * unit) for tick in ticks]
    if _is_simple(type):
        return list(column.to_pylist())
    return [_value(scalar) for scalar in column]


def _is_simple(type: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type)
        or pa.types.is_integer(type)
        or pa.types.is_floating(type)
        or pa.types.is_boolean(type)
        or pa.types.is_null(type)
    )


def _value(scalar: Any) -> Value:
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.TimestampScalar):
        return _time(scalar.value * _UNIT_NS[scalar.type.unit])
    if isinstance(scalar, pa.StructScalar):
        return {name: _value(scalar[number]) for number, name in enumerate(scalar)}
    if isinstance(scalar, pa.MapScalar):
        return {str(_value(pair[0])): _value(pair[1]) for pair in map(_pair, scalar.values)}
    if isinstance(scalar, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar):
        return [_value(item) for item in scalar.values]
    return _atom(scalar.as_py())


def _pair(entry: Any) -> tuple[Any, Any]:
    return entry[0], entry[1]


def _atom(value: Any) -> Value:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return int(value) if exponent == 0 else value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _time(ns: int) -> str:
    try:
        return format_time(ns)
    except OverflowError:  # before the year 1 or after 9999: DuckDB's infinity, mostly
        return "infinity" if ns > 0 else "-infinity"
