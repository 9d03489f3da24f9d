"""What is changed at one position of a log, and the events as they are then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from laban.replay.choreography.decisions import CLOCK, ENGINE, TIMERS, is_decision
from laban.store.clock import format_time
from laban.store.errors import LabanError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.log import EventLog

from .setting import SetError, with_value

MARK = "fork"  # the field of `metadata` that says what a fork did to an event


class ForkError(LabanError):
    """A fork that cannot be made."""


class Set(Struct, frozen=True):
    """Give a part of the event another value."""

    pointer: str  # from the event: /data/amount, /type
    value: str  # JSON text, kept as it is


class Drop(Struct, frozen=True):
    """Let the event not happen."""


class Insert(Struct, frozen=True):
    """Let events happen right after it."""

    events: tuple[NewEvent, ...]


class Move(Struct, frozen=True):
    """Let the event happen before another one."""

    before: int  # a position


Edit = Set | Drop | Insert | Move


class Item(Struct, frozen=True):
    """An event that is to happen, and where it stands in the original."""

    event: NewEvent
    old: int  # position in the original, 0 for an inserted one
    place: int  # the position after which, or at which, it is its turn
    edited: bool = False  # somebody wants it so: it happens whatever else does


class Change(Struct, frozen=True, kw_only=True):
    """The edits at one position, checked."""

    at: int
    event: NewEvent | None = None  # in place of the one there; None: it stays as it is
    drop: bool = False
    insert: tuple[NewEvent, ...] = ()
    before: int | None = None
    was: str = ""  # id of the event there
    told: list[dict[str, Any]] = []  # the edits for people and for `about`

    @property
    def is_none(self) -> bool:
        return not self.told


def checked(log: EventLog, at: int, edits: Sequence[Edit]) -> Change:
    """Return *edits* at position *at* of *log* as one change. Raises ForkError."""
    sets = [edit for edit in edits if isinstance(edit, Set)]
    moves = [edit for edit in edits if isinstance(edit, Move)]
    drop = any(isinstance(edit, Drop) for edit in edits)
    inserted = [event for edit in edits if isinstance(edit, Insert) for event in edit.events]
    if drop and (sets or moves):
        raise ForkError("An event that is dropped cannot be set or moved, too: choose one.")
    if len(moves) > 1:
        raise ForkError("An event can be moved to one place only.")
    if not 0 <= at <= log.head():
        raise ForkError(f"There is no event @{at}: the log ends at @{log.head()}.")
    found = _editable(log, at) if sets or moves or drop else None
    event = None
    if found is not None and not drop:
        event = _changed(log, found, sets, moves)
    told = [] if event is None and not drop else _told(at, found, sets, moves, drop)
    if inserted:
        told.append({"at": at, "insert": [_checked_new(log, each).id for each in inserted]})
    return Change(
        at=at,
        event=event,
        drop=drop,
        insert=tuple(_marked(_timed(log, e, at), {"inserted": True}) for e in inserted),
        before=moves[0].before if moves and event is not None else None,
        was="" if found is None else found.id,
        told=told,
    )


def script(log: EventLog, change: Change) -> Iterator[Item]:
    """Yield all events of *log*, in order, as they are after *change*."""
    for event in log.read():
        if event.position == 1 and change.at == 0:
            yield from _inserted(change)
        if change.event is not None and change.before == event.position:
            yield Item(change.event, change.at, event.position - 1, edited=True)
        if event.position != change.at:
            yield Item(event, event.position, event.position)
            continue
        if change.event is not None and change.before is None:
            yield Item(change.event, change.at, change.at, edited=True)
        elif change.event is None and not change.drop:
            yield Item(event, event.position, event.position)
        yield from _inserted(change)
    if log.head() == 0:
        yield from _inserted(change)


def _inserted(change: Change) -> Iterator[Item]:
    for event in change.insert:
        yield Item(event, 0, change.at, edited=True)


def _editable(log: EventLog, at: int) -> Event:
    if at == 0:
        raise ForkError("@0 is before the first event: only --insert works there.")
    event = log.get(at)
    if is_decision(event):
        cause = next((e for e in log.find(event.causation_id or "") if e.position < at), None)
        where = f" @{cause.position}" if cause else ""
        raise ForkError(
            f"@{at} is a decision, {event.type}: it follows from the rules. Edit the event that "
            f"it is on{where}, or give other rules by --choreography."
        )
    if event.stream == TIMERS and event.source == CLOCK:
        raise ForkError(f"@{at} {event.type} is what the clock said: edit what set the timer.")
    return event


def _changed(
    log: EventLog, found: Event, sets: Sequence[Set], moves: Sequence[Move]
) -> NewEvent | None:
    """Return the event that *found* becomes, None when it stays what and where it is."""
    event = NewEvent(**{name: getattr(found, name) for name in NewEvent.__struct_fields__})
    mark: dict[str, Any] = {}
    for each in sets:
        try:
            event, before = with_value(event, each.pointer, each.value)
        except SetError as error:
            raise ForkError(f"@{found.position}: {error}") from None
        mark.setdefault("edited", {}).setdefault(each.pointer, before)
    if mark and _alike(event, found):
        mark = {}
    elif mark:
        digest = sha256(to_json([[each.pointer, each.value] for each in sets]).encode())
        mark["id"] = found.id
        event = replace(event, id=f"{found.id}~{digest.hexdigest()[:8]}")
    if moves and moves[0].before not in (found.position, found.position + 1):
        event = _moved(log, event, found.position, moves[0].before, mark)
    return _marked(event, mark) if mark else None


def _moved(log: EventLog, event: NewEvent, at: int, before: int, mark: dict[str, Any]) -> NewEvent:
    if not 1 <= before <= log.head():
        raise ForkError(
            f"There is no event @{before} to go before: give a position from @1 to @{log.head()}."
        )
    mark["moved_from"] = at
    if before < at and event.time_ns is not None:
        place = _clock(log, before - 1) or log.get(before).time_ns
        if place is not None and place < event.time_ns:
            mark["time"] = format_time(event.time_ns)
            return replace(event, time_ns=place)
    return event


def _checked_new(log: EventLog, event: NewEvent) -> NewEvent:
    if event.source == ENGINE or (event.stream == TIMERS and event.source == CLOCK):
        raise ForkError(
            f"Event {event.id!r} has the engine's source {event.source!r}: name another."
        )
    if known := [e.position for e in log.find(event.id) if e.source == event.source]:
        raise ForkError(f"Event {event.id!r} of {event.source!r} is in the log: @{known[0]}.")
    return event


def _timed(log: EventLog, event: NewEvent, at: int) -> NewEvent:
    """Return *event*; without a time it gets that of its place."""
    return event if event.time_ns is not None else replace(event, time_ns=_clock(log, at))


def _clock(log: EventLog, at: int) -> int | None:
    """Return the highest time of an event up to a position, None when none has one."""
    times = (event.time_ns for event in log.read(1, at) if event.time_ns is not None)
    return max(times, default=None)


def _told(
    at: int, found: Event | None, sets: Sequence[Set], moves: Sequence[Move], drop: bool
) -> list[dict[str, Any]]:
    assert found is not None
    about = {"at": at, "id": found.id, "type": found.type, "stream": found.stream}
    if drop:
        return [{**about, "drop": True}]
    told: list[dict[str, Any]] = [
        {**about, "set": s.pointer, "value": msgspec.json.decode(s.value)} for s in sets
    ]
    return told + [{**about, "before": move.before} for move in moves]


def _marked(event: NewEvent, mark: dict[str, Any]) -> NewEvent:
    metadata = {**event.metadata.parsed, MARK: mark}
    return replace(event, metadata=JsonObject(to_json(metadata)))


def _alike(a: NewEvent, b: NewEvent) -> bool:
    """Tell whether two events say the same."""
    names = (name for name in NewEvent.__struct_fields__ if name not in ("data", "metadata"))
    return (
        all(getattr(a, name) == getattr(b, name) for name in names)
        and a.data == b.data
        and a.metadata == b.metadata
    )
