"""
Fields that hold ids of events: they are compared by which events they mean.

Two runs that count their events give other ids to the same ones, so `"reply_to": "msg-17"` in
one may say what `"reply_to": "msg-23"` says in the other. Which fields are such is found out
when they differ: both logs hold events with these ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from laban.replay.pointer import format_pointer, parse_pointer
from laban.store.event import Event

from .answer import Difference
from .chains import Chains
from .mask import ANY, Mask

Known = Callable[[str], bool]
Refer = Callable[[str, Event], int]  # an id, and who names it -> number of the event, 0: unknown


class References:
    """Puts the places of events for their ids in one part of events, `data` or `metadata`."""

    def __init__(self, mask: Mask, part: str, chains: Chains, refer: Refer) -> None:
        paths = map(parse_pointer, mask.references)
        self.paths = [path[1:] for path in paths if path[0] == part]
        self.is_idle = not self.paths
        self._chains, self._refer = chains, refer

    def put_places(self, value: dict[str, Any], event: Event) -> None:
        """Change *value*, a part of *event*."""
        for path in self.paths:
            for parent, key in _ends(value, path):
                if isinstance(id := parent[key], str) and (number := self._refer(id, event)):
                    parent[key] = self._chains.place(number)


def reference_pointers(found: list[Difference], in_a: Known, in_b: Known) -> Iterator[str]:
    """Yield where two events name other events; *in_a* and *in_b* know the ids of events."""
    for each in found:
        path = parse_pointer(each.pointer)
        are_texts = isinstance(each.a, str) and isinstance(each.b, str)
        if are_texts and path[0] in ("data", "metadata") and in_a(each.a) and in_b(each.b):
            yield format_pointer(ANY if token.isdecimal() else token for token in path)


def _ends(value: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield the containers, and keys in them, that *path* leads to."""
    token, rest = path[0], path[1:]
    if token == ANY and isinstance(value, list):
        keys: list[Any] = list(range(len(value)))
    elif isinstance(value, dict):
        keys = [token] if token in value else []
    else:
        return
    for key in keys:
        if rest:
            yield from _ends(value[key], rest)
        else:
            yield value, key
