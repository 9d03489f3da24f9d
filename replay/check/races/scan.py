"""
The first pass: which reads may be stale, which streams may hold unordered writes.

Most events are in order with what came before them in their stream, and that is seen from a
few numbers a stream, without looking at a field (as FastTrack, PLDI 2009, does it for the
accesses of threads). What is left over is looked at closely afterwards.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from operator import ge
from typing import Any

from msgspec import Struct, field

from laban.replay.choreography.decisions import ACTIONS, ENGINE
from laban.replay.pointer import BadPointerError, parse_pointer
from laban.store.log import EventLog

from .source import Batch, Reads

REMEMBERED = 12_000  # ids whose positions are at hand, twice: few enough for the processor's cache
AGES = 15  # as many again that are not far; others are looked up


class Read(Struct, frozen=True, gc=False):
    """A value that an event says it rests on."""

    position: int  # of the event
    stream: str  # of the value
    field: str | None  # None: the whole stream
    seen: int | None  # the value is as of this position; None when there is no such event
    pointer: str
    version: Any  # as recorded: a position or the id of an event
    source: str
    cause: str  # what its source reacts to, or its own id: with the source, its reaction
    type: str


class _Source:
    """The events that tell their reads, and that a source records one after the other."""

    __slots__ = ("cause", "first", "last", "recording")

    def __init__(self) -> None:
        self.recording = False  # whether it has told any reads
        self.cause = ""  # of the reaction that it is at
        self.first = self.last = 0  # positions of the transaction


class _Stream:
    """The end of a stream, as far as the scan came; no Struct, as those are slow to change."""

    __slots__ = ("cause", "last", "other_reaction", "other_source", "prefix", "source")

    def __init__(self, name: str, position: int, source: _Source, cause: str) -> None:
        self.prefix = f"/{name}/"  # of the pointers into it
        self.last = position
        self.source = source
        self.cause = cause
        self.other_reaction = 0  # the last position of another reaction than the last one's
        self.other_source = 0  # … of another source


class Scan(Struct):
    """What the first pass found."""

    suspects: list[Read] = field(default_factory=list)  # not fresh at first sight
    futures: list[Read] = field(default_factory=list)
    contended: set[str] = field(default_factory=set)  # streams whose writes may be unordered
    readers: dict[str, set[str]] = field(default_factory=dict)  # by stream: others that read it
    first_of: dict[int, int] = field(default_factory=dict)  # by position: of its transaction
    spread: list[tuple[int, int]] = field(default_factory=list)  # transactions others came into
    failed: dict[tuple[str, str], int] = field(default_factory=dict)  # reactions, and where
    recording: dict[str, int] = field(default_factory=dict)  # where a source first told its reads
    causes: array[int] = field(
        default_factory=lambda: array("q", [0])
    )  # by position; 0: unknown, <0: a decision
    is_short: bool = True  # all ids were at hand: what is unknown is not in the log before


class Scanner:
    """
    Fills a Scan from a log, batch by batch.

    A *reaction* is all that one source does on one cause. A *transaction* is what it records
    in one without recording anything else meanwhile, as long as all of it tells its reads and
    none is of after its first event: it was decided at once. Any other event is one by itself.
    Memory: a record a stream, a number an event, and what is suspect.
    """

    def __init__(self, log: EventLog) -> None:
        self.found = Scan()
        self._log = log
        self._streams: dict[str, _Stream] = {}
        self._sources: dict[str, _Source] = {}
        self._young: dict[str, int] = {}  # positions by id; decisions have negative ones
        self._old: dict[str, int] = {}
        self._ages: deque[dict[str, int]] = deque(maxlen=AGES)  # older ones, the oldest last
        self._before = 0  # the last event that is no decision

    def take_in(self, batch: Batch) -> None:
        """Take in the next events."""
        known = self._causes(batch)
        self.found.causes.extend(known)
        self._follow(batch, known)

    def _causes(self, batch: Batch) -> list[int]:
        """Return where the cause of each event is, 0 if unknown; keep where the events are."""
        positions: Sequence[int] = batch.positions
        if ENGINE in batch.sources:
            whose = zip(batch.sources, positions, strict=True)
            positions = [-position if source == ENGINE else position for source, position in whose]
        fresh = dict(zip(batch.ids, positions, strict=True))
        near, young, old, far = fresh.get, self._young.get, self._old.get, self._far
        known = [0 if c is None else near(c) or young(c) or old(c) or far(c) for c in batch.causes]
        if any(map(ge, map(abs, known), batch.positions)):  # not ahead of what it caused
            fresh.clear()
            each = enumerate(zip(batch.ids, positions, batch.causes, strict=True))
            for index, (id, position, c) in each:
                known[index] = 0 if c is None else near(c) or young(c) or old(c) or far(c)
                fresh[id] = position
        self._young.update(fresh)
        if len(self._young) >= REMEMBERED:
            if len(self._ages) == AGES and (self._ages or self._old):
                self.found.is_short = False
            self._ages.appendleft(self._old)
            self._old, self._young = self._young, {}
        return known

    def _far(self, id: str) -> int:
        for age in self._ages:
            if (position := age.get(id)) is not None:
                return position
        return 0

    def _follow(self, batch: Batch, causes: Iterable[int]) -> None:
        """Follow the streams and the sources; this is where the time goes."""
        streams, sources, before = self._streams, self._sources, self._before
        for position, stream, id, type, source, cause, known, reads in zip(  # noqa: B905 (a tenth slower)
            batch.positions, batch.streams, batch.ids, batch.types, batch.sources, batch.causes,
            causes, batch.reads,
        ):  # fmt: skip
            end = streams.get(stream)
            if end is None and stream[0] == "$":
                if stream == ACTIONS and source != ENGINE:
                    self._answered(position, stream, id, type, source, cause, reads)
                continue
            who = sources.get(source) or self._met(source)
            reaction = cause or id
            if reads is not None:
                newest = 0
                for pointer, version in reads.items():
                    if end is not None and version == end.last and pointer.startswith(end.prefix):
                        if version > newest:  # as usual, the last event of its own stream
                            newest = version
                    else:
                        newest = self._read(
                            position, stream, type, source, reaction, pointer, version, newest
                        )
                if newest < who.first and who.cause == reaction:
                    self._join(who, position, before)
                else:
                    who.cause, who.first, who.last = reaction, position, position
                    if not who.recording:
                        self._records(source, position)
            if end is None:
                streams[stream] = _Stream(stream, position, who, reaction)
            else:
                if end.source is who:
                    foreign = end.other_source
                    if end.cause != reaction:
                        end.other_reaction, end.cause = end.last, reaction
                else:
                    foreign = end.other_reaction = end.other_source = end.last
                    end.source, end.cause = who, reaction
                end.last = position
                if not who.recording and 0 <= known < foreign and cause is not None:
                    self.found.contended.add(stream)
            before = position
        self._before = before

    def _met(self, source: str) -> _Source:
        return self._sources.setdefault(source, _Source())

    def _records(self, source: str, position: int) -> None:
        """Keep where a source first told what it had read."""
        self._met(source).recording = True
        self.found.recording.setdefault(source, position)

    def _answered(
        self, position: int, stream: str, id: str, type: str, source: str, cause: str | None,
        reads: Reads | None,
    ) -> None:  # fmt: skip
        if reads is not None:
            self._records(source, position)
            for pointer, version in reads.items():
                self._read(position, stream, type, source, cause or id, pointer, version, 0)
        if type == "action.failed":
            self.found.failed[source, cause or id] = position
        elif type == "action.completed":
            self.found.failed.pop((source, cause or id), None)

    def _read(
        self, position: int, stream: str, kind: str, source: str, reaction: str, pointer: str,
        version: Any, newest: int,
    ) -> int:  # fmt: skip
        """Take in what an event read; return the later of *newest* and what it is as of."""
        key = key_of(pointer)
        if key is None:
            return newest
        if key[0] != stream and stream != ACTIONS:
            self.found.readers.setdefault(key[0], set()).add(stream)
        seen = version if type(version) is int else self._position(str(version), position)
        is_early = seen is None or seen >= position
        if is_early or not self._is_fresh(key[0], seen or 0, source, reaction):
            suspects = self.found.futures if is_early else self.found.suspects
            read = Read(position, *key, seen, pointer, version, source, reaction, kind)
            suspects.append(read)
        return newest if seen is None or is_early else max(newest, seen)

    def _is_fresh(self, stream: str, seen: int, source: str, reaction: str) -> bool:
        """Tell whether no other reaction recorded anything in *stream* past *seen*."""
        end = self._streams.get(stream)
        if end is None or end.last <= seen:
            return True
        own = end.source is self._sources.get(source) and end.cause == reaction
        return own and end.other_reaction <= seen

    def _join(self, run: _Source, position: int, before: int) -> None:
        """Count an event to the transaction that its source is at; *before* is the last one."""
        self.found.first_of[position] = run.first
        if before > run.last:
            self.found.spread.append((run.first, position))
        run.last = position

    def _position(self, id: str, before: int) -> int | None:
        """Return where the event with this id is, the nearest one ahead of *before* if several."""
        near = self._young.get(id) or self._old.get(id) or self._far(id)
        if near:
            return abs(near)
        found = [event.position for event in self._log.find(id)]
        ahead = [position for position in found if position < before]
        return ahead[-1] if ahead else next(iter(found), None)


def key_of(pointer: str) -> tuple[str, str | None] | None:
    """Return the stream and the field that *pointer* leads to or into; None if to no stream's."""
    if "~" in pointer:
        try:
            parts = ["", *parse_pointer(pointer)]
        except BadPointerError:
            return None
    else:
        parts = pointer.split("/", 3)
    if len(parts) < 2 or parts[0] or pointer == "/" or parts[1][:1] == "$":
        return None
    return parts[1], parts[2] if len(parts) > 2 else None
