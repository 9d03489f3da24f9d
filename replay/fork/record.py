"""What a log tells of its attempts at actions: who was asked for what, and what came of it."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from laban.replay.builder import CancelledError, Progress
from laban.replay.choreography import Choreography
from laban.replay.choreography.actions import Request
from laban.replay.choreography.decisions import ACTIONS, ANSWERS, CLOCK, TIMERS, is_decision
from laban.replay.choreography.engine import Engine, unreadable
from laban.replay.choreography.timers import Timer
from laban.replay.pointer import BadPointerError, parse_pointer
from laban.store.collector import collector_paused
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

from .timers import NEVER, FiredIds, WatchedTimers

KEPT = 4096  # events that are looked at again soon
POLL = 1000  # events between two looks at *cancelled*
UNTIMED = -(2**63)  # the clock before any event had a time

Cancelled = Callable[[], bool]


class Attempted(Struct, kw_only=True, eq=False):
    """One attempt at an action, as the log tells it. Positions are those of the original."""

    id: str
    number: int
    action: str
    capability: str
    agent: str
    correlation: str
    asked: int  # the decision that asks for it
    asked_by: str  # its id
    event: int  # the event that it is about
    begun: int
    events: list[int] = []  # what its agent said, and whatever else names the request as its cause
    ended: int = 0  # the first of them that is not its beginning; 0: none is
    answer: int = 0
    failed: bool = False
    published: bool = False  # something but the answer was said
    expired: int = 0  # the event that made it too late
    state: str = "open"  # then "in place", "moved" or "replaced"
    reads: dict[str, int] = {}  # position of the write by pointer
    values: dict[str, Any] = {}  # what was there, by pointer
    fresh: dict[str, set[str]] = field(  # pointers whose write was the last one still
        default_factory=lambda: {"begin": set(), "end": set()}
    )

    def batches(self) -> list[list[int]]:
        """Return its events, those together that were recorded in one."""
        found: list[list[int]] = []
        for place in self.events:
            if found and place == found[-1][-1] + 1 and found[-1][-1] >= self.ended:
                found[-1].append(place)
            else:
                found.append([place])
        return found

    @property
    def is_late(self) -> bool:
        """Tell whether the answer came when nobody waited for it any more."""
        return 0 < self.expired < self.answer

    @property
    def is_cut(self) -> bool:
        """Tell whether it is unknown what a success would have published: it was too late."""
        return self.is_late and not self.failed and not self.published


class Record:
    """What the original says, and how it went under the given rules."""

    def __init__(self, log: EventLog, choreography: Choreography) -> None:
        self.log, self.choreography = log, choreography
        self.head = log.head()
        self.attempts: dict[tuple[str, int], Attempted] = {}
        self.member: dict[int, Attempted] = {}  # by the position of one of its events
        self.clock = array("q", [UNTIMED])  # the highest time so far, by position
        self.decisions: dict[str, int] = {}  # the recorded ones: what they say, by id
        self.missing: set[str] = set()  # ids of decisions that the log ends before
        self.same_rules = True  # whether these are the rules that recorded the log
        self.timers = WatchedTimers()
        self.fired_ids = FiredIds()
        self.event = lru_cache(KEPT)(log.get)
        self._by_decision: dict[str, Attempted] = {}
        self._about: dict[str, int] = {}  # position of a request's event, by the request's id
        self._alike: dict[int, list[Attempted]] | None = None
        self._kindred: dict[tuple[str, str, str, int], list[Attempted]] = defaultdict(list)

    def fate(self, timer: Timer) -> int:
        """
        Return the position up to which a timer of a fork is left alone, 0 when it is not.

        Under other rules that is so only for what fired when it was due, or was not due yet.
        """
        fate = self.timers.fates.get((timer.key, timer.due_ns), 0)
        if self.same_rules or not fate:
            return fate
        if fate == NEVER:
            return fate if timer.due_ns > self.clock[self.head] else 0
        return fate if fate in self.timers.fired and self.clock[fate] == timer.due_ns else 0

    def elapsed(self, since: int, until: int) -> int:
        """Return the ns between two positions, 0 when no event had a time before."""
        return self.clock[until] - self.clock[since] if self.clock[since] != UNTIMED else 0

    def alike(self, request: Request) -> Attempted | None:
        """Return an attempt that nobody took up, which had the same request under another id."""
        if self._alike is None:
            self._alike = defaultdict(list)
            for attempt in self.attempts.values():
                event = self.log.get(attempt.event) if attempt.event else None
                if event is not None:
                    self._alike[_signature(attempt, attempt.number, event)].append(attempt)
        found = self._alike.get(_signature(request, request.attempt, request.event), ())
        return next((each for each in found if each.state == "open"), None)

    def kindred(self, request: Request) -> Attempted | None:
        """Return the first attempt that nobody took up at the same action of a correlation."""
        key = (request.correlation, request.action, request.capability, request.attempt)
        found = (each for each in self._kindred.get(key, ()) if each.state == "open")
        return next(found, None)

    # Taking in the log

    def take_in(self, progress: Progress | None, cancelled: Cancelled | None) -> None:
        """Read the whole log, and let the given rules decide over it."""
        engine, made = Engine(self.choreography.plan, timers=self.timers), dict[str, int]()
        fingerprints: set[str] = set()
        with collector_paused():
            for event in self.log.read(1, self.head):
                self.timers.position = event.position
                if is_decision(event):
                    self.decisions[event.id] = _content(event)
                    self._decided(event)
                    engine.overhear(event)
                else:
                    self._said(event, fingerprints)
                    for decision in engine.step(event):
                        made[decision.id] = _content(decision)
                        self._made(engine, decision)
                self.clock.append(UNTIMED if engine.now_ns is None else engine.now_ns)
                _look_up(event.position, self.head, progress, cancelled)
        plan = self.choreography.plan
        known = fingerprints == {plan.fingerprint}
        self.same_rules = known or (not fingerprints and made == self.decisions)
        self.missing = made.keys() - self.decisions.keys() if self.same_rules else set()

    def _made(self, engine: Engine, decision: NewEvent) -> None:
        if decision.type == "action.requested":
            ((id, _),) = decision.data.items()
            self._about[id] = engine.actions.open[id].event.position

    def _decided(self, event: Event) -> None:
        if event.stream != ACTIONS or unreadable(event) is not None:
            return
        for id, about in event.data.items():
            if not isinstance(about, dict) or type(about.get("attempt")) is not int:
                continue
            if event.type == "action.requested":
                self._asked(event, id, about)
            elif event.type == "action.timed_out":
                attempt = self.attempts.get((id, about["attempt"]))
                if attempt is not None and not attempt.expired:
                    attempt.expired = self._cause(event)

    def _asked(self, event: Event, id: str, about: dict[str, Any]) -> None:
        if id not in self._about:  # these rules did not ask for it
            self._about[id] = self._cause(event)
        attempt = Attempted(
            id=id,
            number=about["attempt"],
            action=str(about.get("action")),
            capability=str(about.get("capability")),
            agent=str(about.get("agent")),
            correlation=str(event.correlation_id),
            asked=event.position,
            asked_by=event.id,
            event=self._about[id],
            begun=event.position,
        )
        self.attempts[id, attempt.number] = self._by_decision[event.id] = attempt
        key = (attempt.correlation, attempt.action, attempt.capability, attempt.number)
        self._kindred[key].append(attempt)

    def _cause(self, event: Event) -> int:
        """Return the position of the event that *event* names as its cause, 0 if there is none."""
        found = self.log.find(event.causation_id) if event.causation_id else ()
        return max((each.position for each in found if each.position < event.position), default=0)

    def _said(self, event: Event, fingerprints: set[str]) -> None:
        if event.source == CLOCK and event.stream == TIMERS and unreadable(event) is None:
            if event.type == "timer.fired":
                self.fired_ids.recorded(str(event.metadata.get("timer")), event.id)
            elif isinstance(rules := event.metadata.get("fingerprint"), str):
                fingerprints.add(rules)
            return
        attempt = self._by_decision.get(event.causation_id or "") or self._answered(event)
        if attempt is None:
            return
        attempt.events.append(event.position)
        self.member[event.position] = attempt
        if event.stream == ACTIONS and event.type == "action.started":
            attempt.begun = event.position
            return
        _note_reads(self.log, event, attempt.reads)
        attempt.ended = attempt.ended or event.position
        if event.stream == ACTIONS and event.type in ANSWERS:
            if not attempt.answer:
                attempt.answer, attempt.failed = event.position, event.type == "action.failed"
        else:
            attempt.published = True

    def _answered(self, event: Event) -> Attempted | None:
        """Return the attempt that *event* is an answer of, by what it says."""
        if event.stream != ACTIONS or event.type not in ANSWERS or unreadable(event) is not None:
            return None
        for id, about in event.data.items():
            number = about.get("attempt") if isinstance(about, dict) else None
            if type(number) is int and (attempt := self.attempts.get((id, number))) is not None:
                return attempt if attempt.agent == event.source else None
        return None


def _content(decision: NewEvent) -> int:
    return hash((decision.type, decision.stream, decision.correlation_id, decision.data.text))


def _signature(asked: Attempted | Request, number: int, event: Event) -> int:
    try:
        data = json.dumps(event.data.parsed, sort_keys=True)
    except (ValueError, RecursionError):
        data = event.data.text
    named = (asked.correlation, asked.action, asked.capability, number)
    return hash((*named, event.stream, event.type, data))


def _look_up(
    position: int, head: int, progress: Progress | None, cancelled: Cancelled | None
) -> None:
    if position % POLL == 0:
        if progress is not None:
            progress(position, 2 * head)
        if cancelled is not None and cancelled():
            raise CancelledError("The fork was cancelled; nothing was made.")


def _note_reads(log: EventLog, event: Event, reads: dict[str, int]) -> None:
    """Add to *reads* what *event* says was read; what makes no sense is left out."""
    if '"reads"' not in event.metadata.text or unreadable(event) is not None:
        return
    told = event.metadata.get("reads")
    for pointer, version in told.items() if isinstance(told, dict) else ():
        if isinstance(version, str):
            before = (e.position for e in log.find(version) if e.position < event.position)
            version = max(before, default=None)
        try:
            if parse_pointer(pointer) and type(version) is int and 0 <= version < event.position:
                reads[pointer] = version
        except BadPointerError:
            continue
