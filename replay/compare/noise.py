"""What differs between two runs that should be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from laban.replay.pointer import format_pointer, parse_pointer

from .causal import Causal, Entry, Found
from .content import Reader
from .differences import differences
from .mask import ANY, Mask
from .side import Side

LOOKED_AT = 5_000  # pairs of events in a pass; what is found is masked before the next pass
PASSES = 20

Cancelled = Callable[[], bool]
Hashed = Callable[[Mask], tuple[Side, Side]]  # hashes both runs as a mask lets them count


def without_noise(mask: Mask, hashed: Hashed, cancelled: Cancelled) -> Mask:
    """
    Return *mask*, ignoring too what differs between two runs that *hashed* hashes.

    That is every pointer where two events differ, with `*` for an index; and every stream in
    which events are missing, or in another order, even so.
    """
    for _ in range(PASSES):
        a, b = hashed(mask)
        found = find(a, b, mask, cancelled)
        if not found.roots:
            return mask
        entries = [entry for entry, _ in found.roots] + found.changed
        quieter = mask.ignoring(pointers=_pointers(a, b, entries[:LOOKED_AT], mask))
        if quieter == mask:
            quieter = mask.ignoring(streams=_streams(a, b, found))
        if quieter == mask:
            break
        mask = quieter
    return mask


def find(a: Side, b: Side, mask: Mask, cancelled: Cancelled) -> Found:
    """Return where two runs part."""
    sides = (a.chains, b.chains)
    return Causal(sides, (a.reads, b.reads), mask.streams, cancelled).find()


def _pointers(a: Side, b: Side, entries: list[Entry], mask: Mask) -> Iterator[str]:
    readers = Reader(mask, a.chains.finder), Reader(mask, b.chains.finder)
    for number, other in entries:
        ours, theirs = a.event(number), b.event(other)
        if ours is None or theirs is None or ours.type != theirs.type:
            continue  # that an event is missing, or another one, is no noise in a value
        for difference in differences(*readers, ours, theirs):
            path = parse_pointer(difference.pointer)
            if path[0] != "type":
                yield format_pointer(ANY if part.isdecimal() else part for part in path)


def _streams(a: Side, b: Side, found: Found) -> Iterator[str]:
    for (number, other), _ in found.roots:
        for event in (a.event(number), b.event(other)):
            if event is not None:
                yield event.stream
