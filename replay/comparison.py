"""Recorded decisions beside recomputed ones, matched by their causes in bounded memory."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, Literal

from msgspec import Struct, field

from laban.store.clock import format_time
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from laban.store.log import EventLog

from .choreography.decisions import is_decision

PAGE = 1000  # events looked at together
TOLD = 200  # characters of data that cannot be read

Kind = Literal["different", "missing", "extra", "order"]


class Mismatch(Struct, kw_only=True):
    """A decision that was recorded otherwise than it is recomputed, or only one of both."""

    position: int  # of the recorded decision; of the cause, where none is recorded
    cause: int | None  # the position of the event decided on; None: it is not in the log
    kind: Kind  # missing: not recorded; extra: recorded only; order: both, but elsewhere
    expected: dict[str, Any] | None  # as recorded
    actual: dict[str, Any] | None  # as recomputed
    state: dict[str, Any] = {}  # what both decided on


class Difference(Struct, frozen=True, kw_only=True):
    """All mismatches of one sort."""

    kind: Kind
    expected: tuple[str, str] | None  # rule and type, as recorded
    actual: tuple[str, str] | None
    decisions: int
    correlations: int


class _Group(Struct):
    """The decisions on one event."""

    position: int
    decisions: list[NewEvent]  # recomputed
    same: int = 0  # so many, from the first on, are recorded alike
    recorded: list[Event] = field(default_factory=list)  # from the first that is not alike on

    def take_in(self, decision: Event) -> None:
        """Take in the next recorded one."""
        same = self.same < len(self.decisions) and not self.recorded
        if same and _same(decision, self.decisions[self.same]):
            self.same += 1
        else:
            self.recorded.append(decision)


class Comparison:
    """
    Takes in the events of a log and what is recomputed from each, in order of position.

    Decisions may be recorded long after their cause. Only the latest *window* causes are
    waited for; what the log holds for an older one is looked up, and remembered until met.
    """

    def __init__(self, log: EventLog, head: int, *, window: int, keep: int) -> None:
        self._log, self._head, self._window, self._keep = log, head, window, keep
        self._waiting: dict[str, _Group] = {}  # by the id of the cause, the oldest first
        self._ahead: dict[str, int] = {}  # decisions compared before they were met, by cause
        self._frontier = last_decided(log, head)
        self._last = _last_decision(log, head)  # its id
        self._kept: list[Mismatch] = []
        self._sums: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, set()])
        self._correlations: set[str] = set()  # with a mismatch
        self._all_correlations: set[str | None] = set()
        self.decisions = self.mismatched = self.unfinished = 0
        self.unfinished_from: int | None = None  # the first event whose decisions are not all there

    def recomputed(self, cause: Event, decisions: list[NewEvent]) -> None:
        """Take in what is decided on *cause*."""
        if (group := self._waiting.get(cause.id)) is not None:  # the id of another source, too
            group.decisions.extend(decisions)
            return
        self._waiting[cause.id] = _Group(cause.position, decisions)
        if len(self._waiting) > self._window:
            self._look_ahead()

    def recorded(self, decision: Event) -> None:
        """Take in a decision of the log."""
        self.decisions += 1
        self._all_correlations.add(decision.correlation_id)
        cause = decision.causation_id or ""
        group = self._waiting.get(cause)
        if group is None:
            self._late(cause, decision)
            return
        group.take_in(decision)
        if group.same == len(group.decisions):
            del self._waiting[cause]

    def finish(self) -> None:
        """Compare what is left."""
        for group in self._waiting.values():
            self._settle(group)
        self._waiting.clear()
        self._trim()

    @property
    def mismatches(self) -> list[Mismatch]:
        """The first mismatches, in order of position."""
        return self._kept

    @property
    def correlations(self) -> int:
        """How many correlations have a mismatch."""
        return len(self._correlations)

    @property
    def all_correlations(self) -> int:
        """How many correlations there are, with a mismatch or with a recorded decision."""
        return len((self._all_correlations | self._correlations) - {None})

    def differences(self) -> list[Difference]:
        """Return the sorts of mismatches, the most frequent first."""
        rows = [
            Difference(
                kind=kind, expected=expected, actual=actual, decisions=n, correlations=len(where)
            )
            for (kind, expected, actual), (n, where) in self._sums.items()
        ]
        return sorted(rows, key=lambda row: -row.decisions)

    def _late(self, cause: str, decision: Event) -> None:
        """Take in a decision on an event that none is awaited for."""
        if ahead := self._ahead.get(cause, 0):
            self._ahead[cause] = ahead - 1
            if ahead == 1:
                del self._ahead[cause]
            return
        found = self._log.find(cause) if cause else ()
        self._note("extra", found[0].position if found else None, decision, None)

    def _look_ahead(self) -> None:
        """Compare the oldest cause with all that the log holds for it."""
        id = next(iter(self._waiting))
        group = self._waiting.pop(id)
        met = group.same + len(group.recorded)
        recorded = [d for d in self._log.caused_by(id) if is_decision(d)]
        ahead = [d for d in recorded if d.position <= self._head][met:]
        if ahead:
            self._ahead[id] = len(ahead)
        for decision in ahead:
            group.take_in(decision)
        self._settle(group)

    def _is_unfinished(self, group: _Group) -> bool:
        """Tell whether the log ends before, or in the midst of, the decisions on an event."""
        if group.recorded or group.same == len(group.decisions):
            return False
        if group.same:
            return group.decisions[group.same - 1].id == self._last
        return group.position > self._frontier

    def _settle(self, group: _Group) -> None:
        """Compare the decisions on one event one by one: those of one id belong together."""
        if self._is_unfinished(group):
            self.unfinished += len(group.decisions) - group.same
            self.unfinished_from = min(group.position, self.unfinished_from or group.position)
            return
        expected, actual = group.recorded, group.decisions[group.same :]
        by_id = {decision.id: decision for decision in actual}
        both = [(decision, by_id[decision.id]) for decision in expected if decision.id in by_id]
        ids = {decision.id for decision, _ in both}
        for old, new in both:
            if not _same(old, new):
                self._note("different", group.position, old, new)
        placed = [new for new in actual if new.id in ids]
        for (old, _), new in zip(both, placed, strict=True):
            if old.id != new.id:
                self._note("order", group.position, old, new)
                break
        extra = [decision for decision in expected if decision.id not in ids]
        missing = [decision for decision in actual if decision.id not in ids]
        for kind, a, b in _paired(extra, missing):
            self._note(kind, group.position, a, b)

    def _note(
        self, kind: Kind, cause: int | None, expected: Event | None, actual: NewEvent | None
    ) -> None:
        self.mismatched += 1
        position = expected.position if expected is not None else cause or 0
        sums = self._sums[kind, _sort(expected), _sort(actual)]
        sums[0] += 1
        either = expected if expected is not None else actual
        if either is not None and either.correlation_id is not None:
            sums[1].add(either.correlation_id)
            self._correlations.add(either.correlation_id)
        self._kept.append(
            Mismatch(
                position=position, cause=cause, kind=kind,
                expected=_fields(expected), actual=_fields(actual),
            )
        )  # fmt: skip
        if len(self._kept) >= 2 * self._keep:
            self._trim()

    def _trim(self) -> None:
        self._kept.sort(key=lambda mismatch: (mismatch.position, mismatch.cause or 0))
        del self._kept[self._keep :]


def _paired(
    extra: Iterable[Event], missing: Sequence[NewEvent]
) -> Iterable[tuple[Kind, Event | None, NewEvent | None]]:
    """Put those of one type side by side: most likely another rule decided the same."""
    types = dict.fromkeys(d.type for d in (*extra, *missing))
    for type in types:
        old, new = [d for d in extra if d.type == type], [d for d in missing if d.type == type]
        for a, b in zip_longest(old, new):
            yield ("missing" if a is None else "extra" if b is None else "different"), a, b


def _same(recorded: Event, decision: NewEvent) -> bool:
    return (
        recorded.id == decision.id
        and recorded.type == decision.type
        and recorded.stream == decision.stream
        and recorded.time_ns == decision.time_ns
        and recorded.correlation_id == decision.correlation_id
        and _alike(recorded.data, decision.data)
        and _alike(recorded.metadata, decision.metadata)
    )


def _alike(a: JsonObject, b: JsonObject) -> bool:
    """Tell whether two texts say the same; unlike in Python, 1, 1.0 and true do not."""
    return a.text == b.text or _canonical(a) == _canonical(b)


def _canonical(value: JsonObject) -> str:
    return json.dumps(_readable(value), sort_keys=True)


def _readable(value: JsonObject) -> dict[str, Any]:
    """Return what can be compared and shown; no decision of ours is too deep or endless."""
    try:
        _ = json.dumps(value.parsed)
    except (ValueError, RecursionError):
        return {"unreadable": value.text[:TOLD]}
    return value.parsed


def _sort(decision: NewEvent | None) -> tuple[str, str] | None:
    return None if decision is None else (_rule(decision), decision.type)


def _rule(decision: NewEvent) -> str:
    return str(_readable(decision.metadata).get("rule", ""))


def _fields(decision: NewEvent | None) -> dict[str, Any] | None:
    """Return what is compared."""
    if decision is None:
        return None
    return {
        "rule": _rule(decision),
        "type": decision.type,
        "stream": decision.stream,
        "data": _readable(decision.data),
        "removes": _readable(decision.metadata).get("removes", []),
        "correlation_id": decision.correlation_id,
        "time": None if decision.time_ns is None else format_time(decision.time_ns),
        "id": decision.id,
    }


def _last_decision(log: EventLog, head: int) -> str | None:
    last = log.get(head) if head else None
    return last.id if last is not None and is_decision(last) else None


def last_decided(log: EventLog, stop: int) -> int:
    """
    Return the position of the last event that a decision up to *stop* is about, 0 if none is.

    Reads back from there as far as the last decision; none before it is about a later event.
    """
    while stop > 0:
        start = max(stop - PAGE, 0)
        page = list(log.read(start + 1, stop))
        places = {event.id: event.position for event in page if not is_decision(event)}
        causes = {event.causation_id or "" for event in page if is_decision(event)}
        found = [places[cause] for cause in causes if cause in places]
        found += [e.position for cause in causes - places.keys() for e in log.find(cause)[:1]]
        if found:
            return max(found)
        stop = start
    return 0
