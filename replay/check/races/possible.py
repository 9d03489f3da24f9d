"""
Writes that nothing puts in an order, where sources do not record what they read.

One event happens before another (Lamport, CACM 1978) when the same source recorded it earlier
in the stream, or when it was in the log before the cause of the other: whoever reacts to an
event had the log up to there at hand. Two writes of a field by two sources that are in no such
order are a race. One that would be in order if other races were is a mere follow-up of those,
and not told (race coverage, EventRacer, OOPSLA 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct


class Written(Struct, frozen=True):
    """What one event of a stream wrote."""

    position: int
    source: str
    cause: int | None  # position of what it reacts to; None: nothing is known
    judged: bool  # whether it may not have seen what was written since its cause
    fields: dict[str, int]  # hashes of the values


class Unordered(Struct, frozen=True):
    """Two writes of some fields, the first of which the second one's source may not have seen."""

    first: Written
    then: Written
    fields: list[str]


class _Knowledge(Struct):
    """What a source knows of a stream: all up to a position, and more of some sources."""

    upto: int = 0
    more: dict[str, int] = {}  # the last known position of a source

    def has(self, write: Written) -> bool:
        return write.position <= max(self.upto, self.more.get(write.source, 0))

    def copy(self) -> _Knowledge:
        return _Knowledge(self.upto, dict(self.more)) if self.more else _Knowledge(self.upto)

    def gains(self, write: Written, other: _Knowledge) -> None:
        """Learn of a write, and all that its source knew."""
        self.upto = max(self.upto, other.upto)
        for source, position in [*other.more.items(), (write.source, write.position)]:
            self.more[source] = max(self.more.get(source, 0), position)


def unordered(writes: Iterable[Written]) -> Iterator[Unordered]:
    """
    Yield the uncovered races among the *writes* of one stream, by their second event.

    Only a write that was not yet overwritten in some order counts, and none that says the same.
    Of one event the nearest comes first. Time: linear, as long as few sources write a field
    without knowing of one another.
    """
    knowledge: dict[str, _Knowledge] = {}
    newest: dict[str, list[tuple[Written, _Knowledge]]] = {}  # by field, one a source
    for write in writes:
        known = knowledge.setdefault(write.source, _Knowledge())
        known.upto = max(known.upto, write.cause or 0)
        if write.judged:
            yield from _races(write, known, newest)
        now = (write, known.copy())
        for field in write.fields:
            others = newest.get(field, ())
            newest[field] = [
                each for each in others if each[0].source != write.source and not known.has(each[0])
            ]
            newest[field].append(now)


def _races(
    write: Written, known: _Knowledge, newest: dict[str, list[tuple[Written, _Knowledge]]]
) -> Iterator[Unordered]:
    unseen: dict[int, tuple[Written, _Knowledge, list[str]]] = {}
    for field, value in write.fields.items():
        for other, its in newest.get(field, ()):
            differs = other.fields[field] != value and other.source != write.source
            if differs and not known.has(other):
                unseen.setdefault(other.position, (other, its, []))[2].append(field)
    for position in sorted(unseen, reverse=True):  # the nearest first: it may cover others
        other, its, fields = unseen[position]
        if not known.has(other):
            known.gains(other, its)
            yield Unordered(other, write, fields)
