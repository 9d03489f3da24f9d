"""What differs between two runs that should be the same, and what only seems to differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from laban.replay.pointer import format_pointer, parse_pointer
from laban.store.errors import LabanError

from .causal import Causal, Found
from .differences import differences
from .mask import ANY, Mask
from .references import reference_pointers
from .roots import Entry
from .side import Side

LOOKED_AT = 5_000  # pairs of events in a pass; what is found is masked before the next pass
REFERRING = 200  # roots in which references are looked for in a pass
PASSES = 20

Cancelled = Callable[[], bool]
Hashed = Callable[[Mask], tuple[Side, Side]]  # hashes both runs as a mask lets them count


class BaselineError(LabanError):
    """The two runs of a baseline have next to nothing in common."""


class Settled(NamedTuple):
    """Two runs hashed by a mask, and where they part."""

    mask: Mask
    a: Side
    b: Side
    found: Found


def settled(mask: Mask, hashed: Hashed, cancelled: Cancelled) -> Settled:
    """Return where two runs part, ids of events compared by which events they mean."""
    for _ in range(PASSES):
        a, b = hashed(mask)
        sides = (a.chains, b.chains)
        found = Causal(sides, (a.reads, b.reads), mask.streams, cancelled).find()
        entries = [entry for entry, _ in found.roots[:REFERRING]]
        referring = mask.referring(_references(a, b, entries))
        if referring == mask:
            break
        mask = referring
    return Settled(mask, a, b, found)


def without_noise(mask: Mask, hashed: Hashed, cancelled: Cancelled) -> Mask:
    """
    Return *mask*, ignoring too what differs between two runs that *hashed* hashes.

    That is every pointer where two events differ, with `*` for an index; and every stream in
    which events are missing, or in another order, even so. Raises BaselineError when hardly
    anything would be left to compare.
    """
    for _ in range(PASSES):
        mask, a, b, found = settled(mask, hashed, cancelled)
        if not found.roots:
            break
        entries = [entry for entry, _ in found.roots] + found.changed
        quieter = mask.ignoring(pointers=_pointers(a, b, entries[:LOOKED_AT]))
        if quieter == mask:
            quieter = mask.ignoring(streams=_streams(a, b, found))
        if quieter == mask:
            break
        mask = quieter
        _check(mask, a)
    return mask


def _check(mask: Mask, a: Side) -> None:
    streams = a.timeline.stream_count(a.timeline.head)
    noisy = sum(1 for stream in mask.streams if a.timeline.start_of(stream))
    if 2 * noisy > streams:
        raise BaselineError(
            f"{noisy:,} of {streams:,} streams differ between A and its baseline even "
            "without the values that differ: name a second run that should be the same as A."
        )


def _references(a: Side, b: Side, entries: list[Entry]) -> Iterator[str]:
    for number, other in entries:
        ours, theirs = a.event(number), b.event(other)
        if ours is not None and theirs is not None:
            found = differences(a.reader, b.reader, ours, theirs)
            yield from reference_pointers(found, a.knows, b.knows)


def _pointers(a: Side, b: Side, entries: list[Entry]) -> Iterator[str]:
    for number, other in entries:
        ours, theirs = a.event(number), b.event(other)
        if ours is None or theirs is None or ours.type != theirs.type:
            continue  # that an event is missing, or another one, is no noise in a value
        for difference in differences(a.reader, b.reader, ours, theirs):
            path = parse_pointer(difference.pointer)
            if path[0] != "type":
                yield format_pointer(ANY if part.isdecimal() else part for part in path)


def _streams(a: Side, b: Side, found: Found) -> Iterator[str]:
    for (number, other), _ in found.roots:
        for event in (a.event(number), b.event(other)):
            if event is not None:
                yield event.stream
