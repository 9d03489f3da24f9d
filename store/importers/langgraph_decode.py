"""
LangGraph's serialised values as inert JSON: nothing that they name is imported or called.

What JSON has no form for becomes an object with one of these names:

    {"$type": "module.Class", "arg" | "args" | "kwargs": …}   an object and how it was made
    {"$bytes": base64}   {"$float": "nan" | "inf" | "-inf"}   {"$map": [[key, value], …]}
    {"$pickle": base64}  {"$opaque": base64, "type": …}       not looked into

Sets are sorted, since their order means nothing and differs between processes.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from laban.store.jsontext import Json, to_json

from .lines import DEEPEST

_RESERVED = frozenset({"$type", "$bytes", "$float", "$map", "$pickle", "$opaque"})
_SETS = ("builtins.set", "builtins.frozenset")


class _Extension(NamedTuple):
    code: int
    payload: Any


def decode(kind: str | None, blob: object) -> Json:
    """
    Return what LangGraph stored as (*kind*, *blob*); what cannot be read comes back tagged.

    The blob may be anything that SQLite keeps: JSON of old is a text.
    """
    raw = blob if isinstance(blob, bytes) else str("" if blob is None else blob).encode()
    try:
        return _decoded(kind or _guessed(raw), raw)
    except (msgspec.DecodeError, ValueError, RecursionError, LookupError, TypeError):
        return _opaque(kind, raw)


def _decoded(kind: str, raw: bytes) -> Json:
    match kind:
        case "null":
            return None
        case "bytes" | "bytearray":
            return {"$bytes": _base64(raw)}
        case "msgpack":
            return _inert(msgspec.msgpack.decode(raw, ext_hook=_extension), DEEPEST)
        case "json":
            return _inert(json.loads(raw), DEEPEST)
        case "pickle":
            return {"$pickle": _base64(raw)}
        case _:
            return _opaque(kind, raw)


def _guessed(raw: bytes) -> str:
    """Return the kind of a blob of old, when none was stored."""
    if not raw:
        return "null"
    if raw[:1] in b'{["':
        return "json"
    return "pickle" if raw[:1] == b"\x80" and raw[-1:] == b"." else "msgpack"


def _opaque(kind: str | None, raw: bytes) -> Json:
    return {"$opaque": _base64(raw), "type": kind}


def _base64(raw: bytes | bytearray | memoryview[Any]) -> str:
    return b64encode(raw).decode("ascii")


def _extension(code: int, data: memoryview) -> _Extension:
    try:
        return _Extension(code, msgspec.msgpack.decode(data, ext_hook=_extension))
    except msgspec.DecodeError:
        return _Extension(-1, (code, bytes(data)))


def _inert(value: Any, levels: int) -> Json:
    """Return *value* as JSON. Raises RecursionError when it nests deeper than *levels*."""
    if levels < 0:
        raise RecursionError
    match value:
        case None | bool() | int():
            return value
        case str():  # half a surrogate pair, which JSON may escape, is no Unicode
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case float():
            return value if math.isfinite(value) else {"$float": str(value)}
        case bytes() | bytearray() | memoryview():
            return {"$bytes": _base64(value)}
        case _Extension():
            return _object(value, levels)
        case dict():
            return _map(value, levels)
        case list() | tuple():
            return [_inert(item, levels - 1) for item in value]
        case datetime():
            return {"$type": "datetime.datetime", "arg": value.isoformat()}
        case _:
            return {"$opaque": str(value), "type": type(value).__name__}


def _map(value: dict[Any, Any], levels: int) -> Json:
    if value.get("type") == "constructor" and value.get("lc") in (1, 2):
        return _constructor(value, levels)
    if all(isinstance(key, str) for key in value) and not _RESERVED & value.keys():
        return {key: _inert(item, levels - 1) for key, item in value.items()}
    return {"$map": [[_inert(k, levels - 1), _inert(v, levels - 1)] for k, v in value.items()]}


def _constructor(value: dict[Any, Any], levels: int) -> Json:
    """Return an object as LangChain writes it into JSON."""
    made: dict[str, Json] = {"$type": ".".join(map(str, value.get("id") or ()))}
    for name in ("args", "kwargs", "method"):
        if value.get(name) is not None:
            made[name] = _inert(value[name], levels - 1)
    return made


def _object(extension: _Extension, levels: int) -> Json:
    code, payload = extension
    if form := _FORMS.get(code):
        return form(payload, levels - 1)
    if code == -1:
        code, payload = payload
    raw = payload if isinstance(payload, bytes) else msgspec.msgpack.encode(payload)
    return {"$opaque": _base64(raw), "type": f"msgpack extension {code}"}


def _with_arg(payload: Any, levels: int) -> Json:
    module, name, arg, *method = payload
    type_ = f"{module}.{name}"
    value = _inert(arg, levels)
    if type_ in _SETS and isinstance(value, list):
        value = sorted(value, key=to_json)
    return {"$type": type_, "arg": value, **({"method": str(method[0])} if method else {})}


def _with_args(payload: Any, levels: int) -> Json:
    module, name, args, *_ = payload
    return {"$type": f"{module}.{name}", "args": _inert(args, levels)}


def _with_kwargs(payload: Any, levels: int) -> Json:
    module, name, kwargs, *_ = payload
    return {"$type": f"{module}.{name}", "kwargs": _inert(kwargs, levels)}


def _array(payload: Any, levels: int) -> Json:
    dtype, shape, order, buffer = payload
    return {
        "$type": "numpy.ndarray",
        "kwargs": _inert(
            {"dtype": dtype, "shape": shape, "order": order, "buffer": buffer}, levels
        ),
    }


def _snapshot(payload: Any, levels: int) -> Json:
    return {"$type": "langgraph.DeltaSnapshot", "arg": _inert(payload, levels)}


_FORMS: dict[int, Callable[[Any, int], Json]] = {
    0: _with_arg,
    1: _with_args,
    2: _with_kwargs,
    3: _with_arg,
    4: _with_kwargs,
    5: _with_kwargs,
    6: _array,
    7: _snapshot,
}
