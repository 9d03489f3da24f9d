"""What tells two choreographies apart: their rules, and the code of their reducers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from os.path import dirname
from types import CodeType, FunctionType, ModuleType
from typing import Any

from msgspec import to_builtins
from msgspec.structs import fields

from .rules import Rule


def fingerprint(rules: Iterable[Rule], reducers: Mapping[str, Callable[..., Any]]) -> str:
    """
    Hash all rules, and the code of the reducers as far as Python shows it.

    Options that have their default are left out: one that a later version adds leaves the
    rules of older logs what they were.
    """
    in_kinds = sorted(rules, key=lambda rule: type(rule).__name__)  # their order does not matter
    described = [[type(rule).__name__, _described(rule)] for rule in in_kinds]
    code = {event_type: _code_of(reducer) for event_type, reducer in reducers.items()}
    return sha256(json.dumps([described, code], sort_keys=True).encode()).hexdigest()


def _described(value: Any) -> Any:
    if isinstance(value, Rule):
        given = ((f.name, getattr(value, f.name), f.default) for f in fields(value))
        described = {name: _described(own) for name, own, default in given if own != default}
        return {**described, **getattr(value, "__dict__", {})}  # the name that a plan gave it
    if isinstance(value, tuple):
        return [_described(inner) for inner in value]
    return to_builtins(value)


def _code_of(reducer: Callable[..., Any]) -> Any:
    """Describe the code of *reducer*, and of the functions and constants beside it that it uses."""
    if not isinstance(reducer, FunctionType):
        return type(reducer).__qualname__
    found: dict[str, Any] = {}
    waiting, folder = [("", reducer)], dirname(reducer.__code__.co_filename)
    seen: set[int] = set()
    while waiting:
        path, function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        found[path] = _code(function.__code__)
        for name, value in _used(function, folder):
            if isinstance(value, FunctionType):
                if dirname(value.__code__.co_filename) == folder:
                    waiting.append((f"{path}.{name}", value))
            elif _is_constant(value):
                found[f"{path}.{name}"] = _text(value)
    return found


def _used(function: FunctionType, folder: str) -> Iterator[tuple[str, Any]]:
    """Yield what *function* names outside of itself, in its module or in one beside it."""
    names = sorted(_names(function.__code__))
    yield from ((f"={number}", value) for number, value in enumerate(function.__defaults__ or ()))
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # nothing was assigned to it yet
            continue
    for name in names:
        if name in function.__globals__:
            value = function.__globals__[name]
            yield name, value
            if isinstance(value, ModuleType) and _folder(value) == folder:
                yield from ((n, getattr(value, n)) for n in names if hasattr(value, n))


def _folder(module: ModuleType) -> str | None:
    file = getattr(module, "__file__", None)  # what is built in has none
    return dirname(file) if file else None


def _names(code: CodeType) -> set[str]:
    inner = (_names(const) for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*inner)


def _code(code: CodeType) -> list[Any]:
    """Describe compiled code, without where in memory or in a file it is."""
    consts = [_code(c) if isinstance(c, CodeType) else _text(c) for c in code.co_consts]
    return [code.co_code.hex(), consts, code.co_names]


def _is_constant(value: Any) -> bool:
    match value:
        case None | bool() | int() | float() | str() | bytes():
            return True
        case dict():
            return all(map(_is_constant, (*value, *value.values())))
        case list() | tuple() | set() | frozenset():
            return all(map(_is_constant, value))
    return False


def _text(constant: Any) -> str:
    """Return the text of a constant, the same in every process."""
    if isinstance(constant, (set, frozenset)):
        return f"{{{','.join(sorted(map(_text, constant)))}}}"
    if isinstance(constant, (list, tuple)):
        return f"[{','.join(map(_text, constant))}]"
    if isinstance(constant, dict):
        return f"{{{','.join(f'{_text(k)}:{_text(v)}' for k, v in constant.items())}}}"
    return repr(constant)
