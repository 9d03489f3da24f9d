"""In which parts two events differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from laban.replay.pointer import MISSING, format_pointer
from laban.replay.timeline import same
from laban.store.event import Event

from .answer import Difference
from .content import Reader


def differences(reader_a: Reader, reader_b: Reader, a: Event, b: Event) -> list[Difference]:
    """
    Return the parts that differ, as the readers of both sides let them count.

    Where only random ids differ, these are given; otherwise they are left out.
    """
    parts = _Parts(reader_a, reader_b)
    found = list(parts.differing((), reader_a.value(a), reader_b.value(b)))
    return [each for each in found if parts.say_something_else(each)] or found


def event_differences(reader_a: Reader, reader_b: Reader, a: Event, b: Event) -> list[Difference]:
    """Return the parts in which two events differ, the stream first if it is another one."""
    found = differences(reader_a, reader_b, a, b)
    if reader_a.plain(a.stream) != reader_b.plain(b.stream):
        found.insert(0, Difference("/stream", a.stream, b.stream))
    return found


class _Parts:
    def __init__(self, a: Reader, b: Reader) -> None:
        self.a, self.b = a, b

    def differing(self, path: tuple[str, ...], a: Any, b: Any) -> Iterator[Difference]:
        """Yield the parts of two values that are not the same."""
        if same(a, b):
            return
        if isinstance(a, dict) and isinstance(b, dict):
            for ours, theirs in self._names(a, b):
                left, right = a.get(ours, MISSING), b.get(theirs, MISSING)
                yield from self.differing((*path, ours), left, right)
        elif isinstance(a, list) and isinstance(b, list):
            for i in range(max(len(a), len(b))):
                left, right = (x[i] if i < len(x) else MISSING for x in (a, b))
                yield from self.differing((*path, str(i)), left, right)
        else:
            yield Difference(format_pointer(path), a, b)

    def say_something_else(self, each: Difference) -> bool:
        """Tell whether more than random ids differ."""
        if each.a is MISSING or each.b is MISSING:
            return True
        return self.a.plain(each.a) != self.b.plain(each.b)

    def _names(self, a: dict[str, Any], b: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield which name in *a* is which in *b*: the same, or the same but for random ids."""
        left: dict[bytes, list[str]] = defaultdict(list)
        for name in b:
            if name not in a:
                left[self.b.plain(name)].append(name)
        for name in a:
            alike = left.get(self.a.plain(name)) if name not in b else None
            yield name, alike.pop(0) if alike else name
        yield from ((name, name) for names in left.values() for name in names)
