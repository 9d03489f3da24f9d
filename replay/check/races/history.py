"""The streams that need a closer look: who wrote which version of which field, and who read it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import ReducerFunction, State
from laban.replay.choreography.scope import ReducerFailed, reduced
from laban.replay.reducer import assignments, reduce
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog

from .scan import Read, Scan, key_of
from .source import reads_of, streams

Reaction = tuple[str, str]  # a source, and what it reacts to
_Telling = tuple[int, str, str, str, str]  # position, source, cause, type, metadata


class Write(Struct, frozen=True, gc=False):
    """What one event wrote."""

    position: int
    transaction: int  # the position of its first event
    source: str
    cause: str
    fields: dict[str, int]  # hashes of the values


class Versions:
    """The versions of a field, in order."""

    __slots__ = ("_next", "_other", "field", "positions", "writes")

    def __init__(self, field: str, writes: list[Write]) -> None:
        self.field = field
        self.writes = [write for write in writes if field in write.fields]
        self.positions = [write.position for write in self.writes]
        self._other = _other_reactions(self.writes)
        self._next: list[int] = []

    def value(self, index: int) -> int:
        return self.writes[index].fields[self.field]

    def as_of(self, position: int) -> int:
        """Return the index of the newest version up to *position*, -1 if there is none."""
        return bisect_right(self.positions, position) - 1

    def newest_other(self, before: int, reaction: Reaction) -> Write | None:
        """Return the newest version ahead of position *before* that is not of *reaction*."""
        index = bisect_left(self.positions, before) - 1
        if index >= 0 and _is_of(self.writes[index], reaction):
            index = self._other[index]
        return self.writes[index] if index >= 0 else None

    def first_other(self, after: int, reaction: Reaction) -> Write | None:
        """Return the first version past position *after* that is not of *reaction*."""
        index = bisect_right(self.positions, after)
        if index < len(self.writes) and _is_of(self.writes[index], reaction):
            index = self._following()[index]
        return self.writes[index] if index < len(self.writes) else None

    def _following(self) -> list[int]:
        """Return the index of the next version of another reaction, for each."""
        if len(self._next) != len(self.writes):
            count = len(self.writes)
            back = _other_reactions(self.writes[::-1])
            self._next = [count - 1 - back[count - 1 - index] for index in range(count)]
        return self._next


def _other_reactions(writes: list[Write]) -> list[int]:
    """Return the index of the newest write before it by another reaction, for each; -1: none."""
    others: list[int] = []
    for index, write in enumerate(writes):
        last = writes[index - 1] if index else write
        own = last.source == write.source and last.cause == write.cause
        others.append((others[-1] if index else -1) if own else index - 1)
    return others


class History:
    """
    The versions of the streams that were loaded, and what their events read.

    A stream is loaded once, when it is first asked for, whole.
    """

    def __init__(
        self, log: EventLog, head: int, reducers: Mapping[str, ReducerFunction], scan: Scan
    ) -> None:
        self.log, self._head, self._reducers, self.scan = log, head, reducers, scan
        self.writes: dict[str, list[Write]] = {}  # by stream
        self._fields: dict[str, list[str]] = {}  # by stream
        self._versions: dict[tuple[str, str], Versions] = {}
        self._written: dict[int, list[tuple[str, Write]]] = defaultdict(list)  # by transaction
        self._unplaced: list[str] = []  # streams whose writes nobody has asked for by transaction
        self._unread: list[_Telling] = []  # nobody has asked for these reads yet
        self._reads: dict[int, list[Read]] = defaultdict(list)  # by transaction
        self._reads_of: dict[str, list[tuple[int, Read]]] = defaultdict(list)  # by stream read

    def load(self, names: Iterable[str]) -> None:
        """Load those of the streams *names* that are not loaded yet."""
        missing = list(dict.fromkeys(name for name in names if name not in self.writes))
        for name in missing:
            self.writes[name] = []
        self._unplaced += missing
        for name, events in self.writing(missing):
            writes = self.writes[name]
            for event, fields in events:
                self._note(event, fields, writes)

    def load_with_readers(self, name: str) -> None:
        self.load([name, *self.scan.readers.get(name, ())])

    def writing(
        self, names: Iterable[str]
    ) -> Iterator[tuple[str, Iterator[tuple[Event, dict[str, int]]]]]:
        """Yield the streams *names*: each event with the hash of what it wrote, by field."""
        for name, events in streams(self.log, names, self._head):
            yield name, self._folded(events)

    def versions(self, stream: str, field: str) -> Versions:
        """Return the versions of a field, none if it was never written."""
        found = self._versions.get((stream, field))
        if found is None:
            self.load([stream])
            found = self._versions[stream, field] = Versions(field, self.writes[stream])
        return found

    def fields_of(self, read: Read) -> Iterable[str]:
        """Return the fields that *read* is of."""
        if read.field is not None:
            return [read.field]
        if read.stream not in self._fields:
            self.load([read.stream])
            every = (field for write in self.writes[read.stream] for field in write.fields)
            self._fields[read.stream] = list(dict.fromkeys(every))
        return self._fields[read.stream]

    def written(self, transaction: int) -> Sequence[tuple[str, Write]]:
        """Return what *transaction* wrote into the loaded streams, each with its stream."""
        for name in self._unplaced:
            for write in self.writes[name]:
                self._written[write.transaction].append((name, write))
        self._unplaced.clear()
        return self._written.get(transaction, ())

    def reads(self, transaction: int) -> Sequence[Read]:
        """Return what the loaded events of *transaction* read."""
        self._look_at_reads()
        return self._reads.get(transaction, ())

    def reads_of(self, stream: str) -> Sequence[tuple[int, Read]]:
        """Return which loaded transactions read what of *stream*."""
        self._look_at_reads()
        return self._reads_of.get(stream, ())

    def transaction(self, position: int) -> int:
        return self.scan.first_of.get(position, position)

    def _note(self, event: Event, fields: dict[str, int], writes: list[Write]) -> None:
        position, source, cause = event.position, event.source, event.causation_id or event.id
        if fields:
            writes.append(Write(position, self.transaction(position), source, cause, fields))
        if '"reads"' in event.metadata.text:
            self._unread.append((position, source, cause, event.type, event.metadata.text))

    def _look_at_reads(self) -> None:
        for telling in self._unread:
            transaction = self.transaction(telling[0])
            for read in self._told_by(*telling):
                self._reads[transaction].append(read)
                self._reads_of[read.stream].append((transaction, read))
        self._unread.clear()

    def _told_by(
        self, position: int, source: str, cause: str, type_: str, metadata: str
    ) -> Iterator[Read]:
        for pointer, version in (reads_of(metadata) or {}).items():
            key = key_of(pointer)
            if key is not None:
                seen = version if type(version) is int else self._position(str(version), position)
                if seen is not None:
                    yield Read(position, *key, seen, pointer, version, source, cause, type_)

    def _position(self, id: str, before: int) -> int | None:
        found = [other.position for other in self.log.find(id)]
        ahead = [position for position in found if position < before]
        return ahead[-1] if ahead else next(iter(found), None)

    def _folded(self, events: Iterable[Event]) -> Iterator[tuple[Event, dict[str, int]]]:
        state: State = {}
        for event in events:
            if unreadable(event) is not None:
                continue
            reducer = self._reducers.get(event.type)
            texts = assignments(event) if reducer is None else {}
            if self._reducers:
                try:
                    after = reduced(reducer or reduce, state, event)
                except ReducerFailed:
                    after, texts = state, {}  # as in the engine, which makes a dead letter of it
                if reducer is not None:
                    texts = _changes(state, after)
                state = after
            yield event, {field: hash(text) for field, text in texts.items()}


def _changes(before: State, after: State) -> dict[str, str | None]:
    changed = {f: to_json(v) for f, v in after.items() if f not in before or before[f] != v}
    return {**changed, **{field: None for field in before if field not in after}}


def _is_of(write: Write, reaction: Reaction) -> bool:
    return write.source == reaction[0] and write.cause == reaction[1]
