"""The log of a fork while it is made."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import ReducerFunction
from laban.replay.pointer import BadPointerError
from laban.replay.runtime.reader import Reader, WholeStateError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.log import EventLog

from .edits import ForkError

BATCH = 2_000  # events recorded in one transaction


class Draft:
    """
    Takes events in, tells at once where they stand, and records them in batches.

    It knows where the events of the original came to stand, and lets copies name their causes
    and what they had read accordingly.
    """

    def __init__(
        self, into: EventLog, head: int, reducers: dict[str, ReducerFunction] | None = None
    ) -> None:
        if into.head():
            raise ForkError("A fork goes into a new, empty log.")
        self._into = into
        self._waiting: list[Event] = []
        self._by_stream: dict[str, list[Event]] = defaultdict(list)  # of those that wait
        self._lengths: dict[str, int] = defaultdict(int)
        self.head = 0
        self.reader = Reader(self, reducers or {})
        self.places = array("q", bytes(8 * (head + 1)))  # by position in the original; 0: nowhere
        self.renamed: dict[str, str] = {}  # ids of events that have another one here

    def append(self, event: NewEvent, old: int = 0) -> Event:
        """Take in an event, a copy of the one at *old* in the original if that is given."""
        self.head += 1
        recorded = Event(
            **{name: getattr(event, name) for name in NewEvent.__struct_fields__},
            position=self.head,
            stream_position=self._lengths[event.stream],
            recorded_at_ns=0,
            hash=b"",
        )
        self._lengths[event.stream] += 1
        self._waiting.append(recorded)
        self._by_stream[event.stream].append(recorded)
        if old:
            self.places[old] = self.head
        if len(self._waiting) >= BATCH:
            self.flush()
        return recorded

    def flush(self) -> None:
        """Record what waits."""
        events = [
            NewEvent(**{name: getattr(event, name) for name in NewEvent.__struct_fields__})
            for event in self._waiting
        ]
        positions = self._into.append(*events) if events else ()
        if list(positions) != [event.position for event in self._waiting]:
            raise ForkError("Two events of the fork have the same source and id: a fault in laban.")
        self._waiting.clear()
        self._by_stream.clear()

    def read_stream(self, stream: str, start: int = 0) -> Iterator[Event]:
        """Yield a stream's events from stream position *start* on."""
        waiting = self._by_stream.get(stream, [])
        first = waiting[0].stream_position if waiting else self._lengths[stream]
        if start < first:
            yield from self._into.read_stream(stream, start)
        yield from (event for event in list(waiting) if event.stream_position >= start)

    def last_writes(self, reads: Mapping[str, int]) -> dict[str, int]:
        """Return the last writes of those in *reads* whose own write is not copied."""
        return {
            pointer: self.reader.read(pointer)[1]
            for pointer, version in reads.items()
            if version and not self.places[version]
        }

    def adapted(self, event: NewEvent, writes: Mapping[str, int] | None = None) -> NewEvent:
        """
        Return a copy that names its cause, and what it had read, as they are here.

        Where a write that was read does not happen, *writes* names the one that was read instead.
        """
        cause = self.renamed.get(event.causation_id) if event.causation_id else None
        if cause is not None:
            event = replace(event, causation_id=cause)
        if '"reads"' not in event.metadata.text or unreadable(event) is not None:
            return event
        reads = event.metadata.get("reads")
        if not isinstance(reads, dict):
            return event
        moved = {
            pointer: self._version(pointer, version, writes or {})
            for pointer, version in reads.items()
        }
        if moved == reads:
            return event
        metadata = {**event.metadata.parsed, "reads": moved}
        return replace(event, metadata=JsonObject(to_json(metadata)))

    def _version(self, pointer: str, version: object, writes: Mapping[str, int]) -> object:
        """Return where the write that was read stands here; else the last one before now."""
        if isinstance(version, str):
            return self.renamed.get(version, version)
        if type(version) is not int or not 0 < version < len(self.places):
            return version
        if place := self.places[version]:
            return place
        if pointer in writes:
            return writes[pointer]
        try:
            return self.reader.read(pointer)[1]
        except (BadPointerError, WholeStateError):
            return version
