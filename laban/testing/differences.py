"""Where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laban.replay.compare import Difference
from laban.replay.pointer import MISSING, format_pointer
from laban.replay.timeline import same


def parts(path: tuple[str, ...], a: Any, b: Any) -> Iterator[Difference]:
    """Yield the smallest parts in which two values at *path* differ, in order."""
    if same(a, b):
        return
    ours, theirs = _inner(a), _inner(b)
    if ours is None or theirs is None or type(a) is not type(b):
        yield Difference(format_pointer(path), a, b)
        return
    for name in dict.fromkeys([*ours, *theirs]):
        yield from parts((*path, name), ours.get(name, MISSING), theirs.get(name, MISSING))


def _inner(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    return {str(i): part for i, part in enumerate(value)} if isinstance(value, list) else None
