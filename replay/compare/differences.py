"""In which parts two events differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laban.replay.pointer import MISSING, format_pointer
from laban.replay.timeline import same
from laban.store.event import Event

from .answer import Difference
from .content import Reader, plain


def differences(reader: Reader, a: Event, b: Event) -> list[Difference]:
    """
    Return the parts that differ, as *reader* lets them count.

    Where only random ids differ, these are given; otherwise they are left out.
    """
    found = list(parts((), reader.value(a), reader.value(b)))
    if not reader.mask.aliases:
        return found
    said = [each for each in found if _plain(each.a) != _plain(each.b)]
    return said or found


def _plain(value: Any) -> bytes | None:
    return None if value is MISSING else plain(value)


def parts(path: tuple[str, ...], a: Any, b: Any) -> Iterator[Difference]:
    """Yield the smallest parts in which two JSON values at *path* differ, in order."""
    if same(a, b):
        return
    if isinstance(a, dict) and isinstance(b, dict):
        names = [*a, *(name for name in b if name not in a)]
        for name in names:
            yield from parts((*path, name), a.get(name, MISSING), b.get(name, MISSING))
    elif isinstance(a, list) and isinstance(b, list):
        for i in range(max(len(a), len(b))):
            ours, theirs = (x[i] if i < len(x) else MISSING for x in (a, b))
            yield from parts((*path, str(i)), ours, theirs)
    else:
        yield Difference(format_pointer(path), a, b)
