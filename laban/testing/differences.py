"""Where two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laban.replay.pointer import MISSING
from laban.replay.timeline import same

Path = tuple[str, ...]


def differences(expected: Any, actual: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Yield path, expected and actual value of each smallest part that differs, in order."""
    if same(expected, actual):
        return
    before, after = _parts(expected), _parts(actual)
    if before is None or after is None or type(expected) is not type(actual):
        yield path, expected, actual
        return
    for name in dict.fromkeys([*before, *after]):
        yield from differences(before.get(name, MISSING), after.get(name, MISSING), (*path, name))


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): part for index, part in enumerate(value)}
    return None
