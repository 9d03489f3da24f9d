"""Races: events that rest on values which others had changed, or that did not exist yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from laban.replay.choreography.decisions import ACTIONS, ENGINE, is_decision
from laban.replay.choreography.plan import ReducerFunction, State
from laban.replay.choreography.scope import ReducerFailed, reduced
from laban.replay.pointer import BadPointerError, format_pointer, parse_pointer
from laban.replay.reducer import assignments, reduce
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog

from .flaw import Flaw

Unit = tuple[str, str]  # a source and what it reacts to: its events see one another's writes
Key = tuple[str, ...]  # (stream, field), or (stream,) for any field of it


class _Write(Struct, frozen=True, gc=False):
    position: int
    id: str
    source: str
    unit: Unit
    value: int  # its hash


class _Newest(Struct, gc=False):
    write: _Write
    others: _Write | None  # the newest one by another unit


class Races:
    """
    Finds stale reads, lost updates and future reads by the recorded `metadata.reads`.

    Where a source records none, two different values by two sources are a `possible` race
    when the second source reacts to something older than the first value. Fields are
    written as *reducers* do it, by event type, and else as the default reducer does.
    Memory: the newest write of each field; with reducers, the state.
    """

    def __init__(self, log: EventLog, reducers: Mapping[str, ReducerFunction]) -> None:
        self._log, self._reducers = log, reducers
        self._state: dict[str, State] = {}
        self._newest: dict[Key, _Newest] = {}
        self._recording: set[str] = set()  # sources that record what they read
        self._told: dict[str, tuple[Unit, set[tuple[str, str]]]] = {}  # by source, of its unit

    def take_in(self, event: Event) -> Iterator[Flaw]:
        if event.stream[0] == "$" and (event.stream != ACTIONS or is_decision(event)):
            return
        unit = (event.source, event.causation_id or event.id)
        written = {} if event.stream == ACTIONS else self._written(event)
        reads = event.metadata.get("reads") if '"reads"' in event.metadata.text else None
        if isinstance(reads, dict):
            self._recording.add(event.source)
            for pointer, version in reads.items():
                for flaw in self._judged(event, unit, written, pointer, version):
                    if self._is_new(event.source, unit, pointer, flaw.kind):
                        yield flaw
        unseen: dict[str, _Write] = {}  # by field
        for field, text in written.items():
            write = _Write(event.position, event.id, event.source, unit, hash(text))
            if event.causation_id is not None and event.source not in self._recording:
                unseen |= self._unseen(event, field, write)
            self._note((event.stream, field), write)
            self._note((event.stream,), write)
        if unseen:
            yield self._possible(event, unseen)

    def finish(self, last: Event | None) -> Iterator[Flaw]:  # noqa: ARG002 - as every check
        return iter(())

    def _written(self, event: Event) -> dict[str, str | None]:
        """Return what *event* writes, as JSON text by field; None for a removal."""
        if not self._reducers:
            return assignments(event)
        before = self._state.get(event.stream, {})
        reducer = self._reducers.get(event.type)
        try:
            after = self._state[event.stream] = reduced(reducer or reduce, before, event)
        except ReducerFailed:
            return {}  # as in the engine, which makes a dead letter of it
        if reducer is None:
            return assignments(event)
        changed = {f: to_json(v) for f, v in after.items() if f not in before or before[f] != v}
        return {**changed, **{field: None for field in before if field not in after}}

    def _is_new(self, source: str, unit: Unit, pointer: str, kind: str) -> bool:
        """Tell whether this was not told yet: all that an agent says at once has the same reads."""
        if self._told.get(source, (None,))[0] != unit:
            self._told[source] = (unit, set())
        told = self._told[source][1]
        new = (pointer, kind) not in told
        told.add((pointer, kind))
        return new

    def _note(self, key: Key, write: _Write) -> None:
        newest = self._newest.get(key)
        if newest is None:
            self._newest[key] = _Newest(write, None)
            return
        if newest.write.unit != write.unit:
            newest.others = newest.write
        newest.write = write

    def _judged(
        self, event: Event, unit: Unit, written: dict[str, Any], pointer: str, version: Any
    ) -> Iterator[Flaw]:
        key = _key(pointer)
        if not key or key[0][:1] == "$":
            return
        newest = self._newest.get(key)
        write = None
        if newest is not None:
            write = newest.others if newest.write.unit == unit else newest.write
        if write is not None and version == write.id:
            return
        seen = version if isinstance(version, int) else self._position(str(version), event)
        if seen is None or seen >= event.position:
            of = f"@{version}" if isinstance(version, int) else f"#{version}"
            known = "is not in this log" if seen is None else "was recorded later"
            detail = f"{event.source} read {pointer} as written by {of}, which {known}"
            yield _flaw(
                event.position, "future read", detail, "possible" if seen is None else "certain"
            )
        elif write is not None and seen < write.position:
            assert newest is not None
            yield self._stale(event, unit, written, pointer, key, seen, write, newest)

    def _stale(
        self,
        event: Event,
        unit: Unit,
        written: dict[str, Any],
        pointer: str,
        key: Key,
        seen: int,
        write: _Write,
        newest: _Newest,
    ) -> Flaw:
        had = f"as of @{seen}" if seen else "before it was written"
        since = f"{write.source} had written it at @{write.position}"
        own = newest.write.unit == unit
        if own or (event.stream == key[0] and (key[1:] == () or key[1] in written)):
            position = newest.write.position if own else event.position
            detail = f"{event.source} wrote {pointer}, having read it {had}: {since}"
            return _flaw(position, "lost update", detail)
        detail = f"{event.source} read {pointer} {had} for {event.type}: {since}"
        return _flaw(event.position, "stale read", detail)

    def _position(self, id: str, event: Event) -> int | None:
        """Return where the event that *event* says it had read is, the nearest before it."""
        found = self._log.find(id)
        before = [other.position for other in found if other.position < event.position]
        return before[-1] if before else (found[0].position if found else None)

    def _unseen(self, event: Event, field: str, write: _Write) -> dict[str, _Write]:
        """Return the write of *field* by another source that the writer may not have seen."""
        newest = self._newest.get((event.stream, field))
        if newest is None or newest.write.source == write.source:
            return {}
        other = newest.write
        if other.value == write.value:
            return {}
        cause = self._cause(event)
        if cause is None or cause.source == ENGINE or cause.position >= other.position:
            return {}  # unknown; or a runtime records all that is read; or it came before the cause
        return {field: other}

    def _cause(self, event: Event) -> Event | None:
        causes = self._log.find(event.causation_id or "")
        return next((c for c in reversed(causes) if c.position < event.position), None)

    def _possible(self, event: Event, unseen: dict[str, _Write]) -> Flaw:
        field, other = next(iter(unseen.items()))
        cause = self._cause(event)
        more = f" (as {len(unseen) - 1:,} more of its fields)" if len(unseen) > 1 else ""
        detail = (
            f"{event.source} wrote {format_pointer((event.stream, field))} in reaction to "
            f"@{cause.position if cause else 0}, and may not have seen that {other.source} had "
            f"written it at @{other.position}{more}"
        )
        return _flaw(event.position, "possible race", detail, "possible")


def _key(pointer: str) -> Key:
    try:
        return parse_pointer(pointer)[:2]
    except BadPointerError:
        return ()


def _flaw(position: int, kind: str, detail: str, certainty: Any = "certain") -> Flaw:
    return Flaw(rule=None, kind=kind, position=position, detail=detail, certainty=certainty)
