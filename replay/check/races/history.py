"""The streams that need a closer look: who wrote which version of which field, and who read it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import ReducerFunction, State
from laban.replay.choreography.scope import ReducerFailed, reduced
from laban.replay.reducer import assignments, reduce
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog

from .scan import Read, Scan, key_of, reads_of
from .source import streams

Reaction = tuple[str, str]  # a source, and what it reacts to


class Write(Struct, frozen=True, gc=False):
    """One version of a field; of a whole stream, one event."""

    position: int
    transaction: int  # the position of its first event
    source: str
    cause: str
    value: int  # its hash
    other: int  # the index of the newest version before it by another reaction, -1: none


class Versions:
    """The versions of a field, or of a whole stream, in order."""

    __slots__ = ("_next", "positions", "writes")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.writes: list[Write] = []
        self._next: list[int] = []

    def add(self, event: Event, transaction: int, value: int) -> None:
        source, cause, other = event.source, event.causation_id or event.id, -1
        if self.writes:
            last = self.writes[-1]
            own = last.source == source and last.cause == cause
            other = last.other if own else len(self.writes) - 1
        self.positions.append(event.position)
        self.writes.append(Write(event.position, transaction, source, cause, value, other))

    def as_of(self, position: int) -> int:
        """Return the index of the newest version up to *position*, -1 if there is none."""
        return bisect_right(self.positions, position) - 1

    def newest_other(self, before: int, reaction: Reaction) -> Write | None:
        """Return the newest version ahead of position *before* that is not of *reaction*."""
        index = bisect_left(self.positions, before) - 1
        if index >= 0 and _is_of(self.writes[index], reaction):
            index = self.writes[index].other
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
            self._next = [count] * count
            for i in range(count - 2, -1, -1):
                same = _reaction(self.writes[i]) == _reaction(self.writes[i + 1])
                self._next[i] = self._next[i + 1] if same else i + 1
        return self._next


class History:
    """
    The versions of the streams that were loaded, and what their events read.

    A stream is loaded once, when it is first asked for, whole.
    """

    def __init__(
        self, log: EventLog, head: int, reducers: Mapping[str, ReducerFunction], scan: Scan
    ) -> None:
        self.log, self._head, self._reducers, self.scan = log, head, reducers, scan
        self.fields: dict[str, dict[str | None, Versions]] = {}  # by stream; None: all of it
        self.written: dict[int, list[tuple[str, str, int]]] = defaultdict(list)  # with the index
        self.reads: dict[int, list[Read]] = defaultdict(list)  # by transaction
        self.reads_of: dict[str, list[tuple[int, Read]]] = defaultdict(list)  # by stream read

    def load(self, names: Iterable[str]) -> None:
        """Load those of the streams *names* that are not loaded yet."""
        missing = list(dict.fromkeys(name for name in names if name not in self.fields))
        for name in missing:
            self.fields[name] = {None: Versions()}
        for name, events in self.writing(missing):
            for event, fields in events:
                self._note(name, event, fields)

    def load_with_readers(self, name: str) -> None:
        self.load([name, *self.scan.readers.get(name, ())])

    def writing(
        self, names: Iterable[str]
    ) -> Iterator[tuple[str, Iterator[tuple[Event, dict[str, int]]]]]:
        """Yield the streams *names*: each event with the hash of what it wrote, by field."""
        for name, events in streams(self.log, names, self._head):
            yield name, self._folded(events)

    def versions(self, stream: str, field: str | None) -> Versions | None:
        """Return the versions of a field, None if it was never written."""
        if stream not in self.fields:
            self.load([stream])
        return self.fields[stream].get(field)

    def fields_of(self, read: Read) -> list[str]:
        """Return the fields that *read* is of."""
        if read.stream not in self.fields:
            self.load([read.stream])
        if read.field is not None:
            return [read.field]
        return [field for field in self.fields[read.stream] if field is not None]

    def transaction(self, position: int) -> int:
        return self.scan.first_of.get(position, position)

    def _note(self, name: str, event: Event, fields: dict[str, int]) -> None:
        transaction, known = self.transaction(event.position), self.fields[name]
        if fields:
            known[None].add(event, transaction, hash(tuple(fields.items())))
        for field, value in fields.items():
            versions = known.get(field)
            if versions is None:
                versions = known[field] = Versions()
            self.written[transaction].append((name, field, len(versions.writes)))
            versions.add(event, transaction, value)
        if '"reads"' in event.metadata.text:
            for read in self._reads(event):
                self.reads[transaction].append(read)
                self.reads_of[read.stream].append((transaction, read))

    def _reads(self, event: Event) -> Iterator[Read]:
        for pointer, version in (reads_of(event.metadata.text) or {}).items():
            key = key_of(pointer)
            if key is not None:
                seen = version if type(version) is int else self._position(str(version), event)
                if seen is not None:
                    cause = event.causation_id or event.id
                    yield Read(
                        event.position, *key, seen, pointer, version, event.source, cause,
                        event.type,
                    )  # fmt: skip

    def _position(self, id: str, event: Event) -> int | None:
        found = [other.position for other in self.log.find(id)]
        ahead = [position for position in found if position < event.position]
        return ahead[-1] if ahead else next(iter(found), None)

    def _folded(self, events: Iterable[Event]) -> Iterator[tuple[Event, dict[str, int]]]:
        state: State = {}
        for event in events:
            if unreadable(event) is not None:
                continue
            reducer = self._reducers.get(event.type)
            after, texts = state, assignments(event) if reducer is None else {}
            if self._reducers:
                try:
                    after = reduced(reducer or reduce, state, event)
                except ReducerFailed:
                    texts = {}  # as in the engine, which makes a dead letter of it
                if reducer is not None:
                    texts = _changes(state, after)
            state = after
            yield event, {field: hash(text) for field, text in texts.items()}


def _changes(before: State, after: State) -> dict[str, str | None]:
    changed = {f: to_json(v) for f, v in after.items() if f not in before or before[f] != v}
    return {**changed, **{field: None for field in before if field not in after}}


def _reaction(write: Write) -> Reaction:
    return write.source, write.cause


def _is_of(write: Write, reaction: Reaction) -> bool:
    return write.source == reaction[0] and write.cause == reaction[1]
