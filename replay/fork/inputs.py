"""What an attempt had as its inputs, and whether they are the same in a fork."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from laban.replay.choreography.actions import Request
from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import ReducerFunction
from laban.replay.pointer import MISSING, format_pointer, parse_pointer, same
from laban.replay.runtime.reader import Reader
from laban.store.event import Event
from laban.store.log import EventLog

from .draft import Draft
from .record import Attempted, Record

OWN = "."  # stands for the stream of an action's own event


Key = tuple[Literal["event", "read"], str]  # a part of the event, or a pointer; see `fields_of`


class Input(Struct, frozen=True):
    """An input of an action that is another one now."""

    kind: Literal["event", "read"]
    pointer: str  # into the event, or into the state
    recorded: Any  # JSON; MISSING where there was nothing
    now: Any

    def key(self, event: Event) -> Key:
        """Return its name as in `fields_of`."""
        return self.kind, relative(self.pointer, event) if self.kind == "read" else self.pointer


class Inputs:
    """Compares what attempts had read, and what they were about, with the fork as it grows."""

    def __init__(self, record: Record, draft: Draft) -> None:
        self._record, self._draft = record, draft
        self._reducers = record.choreography.reducers
        self._wanted: dict[int, set[str]] = defaultdict(set)  # pointers by position of a write
        self._seen: dict[tuple[int, str], Any] = {}  # what the fork has there, after that write
        self._look_back()

    def copied(self, old: int) -> None:
        """Take in that the event at *old* was just copied."""
        for pointer in self._wanted.get(old, ()):
            self._seen[old, pointer] = self._draft.reader.read(pointer)[0]

    def changed(self, attempt: Attempted, request: Request, moment: str) -> list[Input]:
        """Return the inputs that differ, as far as known when it begins, or ends."""
        event = self._record.event(attempt.event) if attempt.event else None
        found = list(_event_inputs(event, request.event))
        for pointer, written in attempt.reads.items():
            if moment == "begin" and written > attempt.asked:
                continue
            now = self._value(pointer, written, pointer in attempt.fresh[moment])
            if not same(attempt.values[pointer], now):
                found.append(Input("read", pointer, attempt.values[pointer], now))
        return found

    def _value(self, pointer: str, written: int, is_last: bool) -> Any:
        """Return what an agent would read now that had read the write at *written*."""
        if not is_last and written == 0:
            return None
        if not is_last and (written, pointer) in self._seen:
            return self._seen[written, pointer]
        return self._draft.reader.read(pointer)[0]

    def _look_back(self) -> None:
        """Find out which values the attempts had read, and whether they were the last ones."""
        looks: list[tuple[int, str, Attempted, str]] = []
        for attempt in self._record.attempts.values():
            for pointer, written in attempt.reads.items():
                looks.append((written, pointer, attempt, ""))
                looks.append((attempt.asked, pointer, attempt, "begin"))
                looks.append((attempt.ended - 1, pointer, attempt, "end"))
        past = _Past(self._record.log, self._reducers)
        for position, pointer, attempt, moment in sorted(looks, key=lambda look: look[0]):
            value, written = past.read(pointer, position)
            if not moment:
                attempt.values[pointer] = value
            elif written == attempt.reads[pointer]:
                attempt.fresh[moment].add(pointer)
            else:
                self._wanted[attempt.reads[pointer]].add(pointer)


class _Past:
    """Reads a log as it was at positions that only grow."""

    def __init__(self, log: EventLog, reducers: dict[str, ReducerFunction]) -> None:
        self._log, self._last = log, 0
        self._reader = Reader(self, reducers)

    def read(self, pointer: str, position: int) -> tuple[Any, int]:
        self._last = position
        return self._reader.read(pointer)

    def read_stream(self, stream: str, start: int = 0) -> Iterator[Event]:
        for event in self._log.read_stream(stream, start):
            if event.position > self._last:
                return
            yield event


def fields_of(event: Event, values: dict[str, Any]) -> dict[Key, Any]:
    """Return the inputs of an action under names that are the same in every stream."""
    found: dict[Key, Any] = {("event", "/type"): event.type}
    if unreadable(event) is None:
        for name, value in event.data.parsed.items():
            found["event", format_pointer(("data", name))] = value
    for pointer, value in values.items():
        found["read", relative(pointer, event)] = value
    return found


def relative(pointer: str, event: Event) -> str:
    """Return *pointer* with OWN in place of the stream that *event* is in."""
    tokens = parse_pointer(pointer)
    return OWN + format_pointer(tokens[1:]) if tokens[0] == event.stream else pointer


def absolute(name: str, event: Event) -> str:
    """Return the pointer that `relative` was given, for the stream of *event*."""
    return format_pointer((event.stream,)) + name[len(OWN) :] if name.startswith(OWN) else name


def _event_inputs(recorded: Event | None, now: Event) -> Iterator[Input]:
    if recorded is None:
        yield Input("event", "/type", MISSING, now.type)
        return
    for name in ("type", "stream"):
        if getattr(recorded, name) != getattr(now, name):
            yield Input("event", f"/{name}", getattr(recorded, name), getattr(now, name))
    if recorded.data.text == now.data.text:
        return
    if unreadable(recorded) is not None or unreadable(now) is not None:
        yield Input("event", "/data", "unreadable", "unreadable")
        return
    was, is_ = recorded.data.parsed, now.data.parsed
    for name in dict.fromkeys((*was, *is_)):
        before, after = was.get(name, MISSING), is_.get(name, MISSING)
        if not same(before, after):
            yield Input("event", format_pointer(("data", name)), before, after)
