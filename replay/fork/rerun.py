"""
A log made anew from an edit on: what was recorded happens again unless its inputs are others.

The script is the original, event by event. What depends on nothing that changed stands where
it stood, decisions and timers too, so that without any change the same log comes of it. What
is new, or comes at another time, is put in between by the clock: the highest time so far.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from functools import partial

from msgspec.structs import replace

from laban.replay.choreography.actions import Request
from laban.replay.choreography.decisions import ACTIONS, ANSWERS, CLOCK, TIMERS, is_decision
from laban.replay.choreography.engine import Engine, timer_event, unreadable
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject, to_json

from .again import Again
from .answering import Asked, StandIn, unanswered
from .draft import Draft
from .edits import Change, ForkError, Item, script
from .inputs import Input, Inputs
from .record import UNTIMED, Attempted, Record
from .tally import Tally, alike
from .timers import NEVER, HeldTimers
from .unrecorded import Unrecorded
from .work import Work

Act = Callable[[], None]


class Rerun:
    """One fork while it is made."""

    def __init__(
        self, record: Record, change: Change, draft: Draft, stand_in: StandIn | None, name: str
    ) -> None:
        self.record, self.change, self.draft = record, change, draft
        self.tally = Tally()
        self.timers = HeldTimers(record.fate)
        self.engine = Engine(record.choreography.plan, timers=self.timers)
        self.inputs = Inputs(record, draft)
        self._stand_in, self._name = stand_in, name
        self._most = 10 * record.head + 100_000  # events, before it counts as endless
        self._now = UNTIMED
        self._agenda: list[tuple[int, int, Act]] = []  # a heap: when, in which order, what
        self._count = 0
        self._left = set(record.decisions)  # ids whose recorded place is still to come
        self._made = Unrecorded()
        self._starts: dict[int, Act] = {}  # stand-ins, by where the one that they replace began
        self._new: set[str] = set()  # ids of what stand-ins said
        self._fresh: list[str] = []  # ids of those of them that wait for no recorded place
        self._last = 0  # position of the last event of the original
        self._said: set[str] = set()  # ids of decisions that did not wait for it
        self._runs: dict[tuple[str, int], Again] = {}  # recorded attempts that are made again
        self._gone: set[str] = {change.was} if change.drop else set()  # ids
        self._coming: dict[str, list[Event]] = {}  # what follows events that are late, by their id

    def run(self, report: Callable[[int], object]) -> None:
        """Make the fork; *report* is told each position of the original."""
        for item in script(self.record.log, self.change):
            report(item.place)
            if not self._goes_on(item):
                self._record_fresh()
                self._catch_up(self.record.clock[item.place], item.place)
            self._take(item)
            self._last = item.old
        self._record_fresh()
        self._catch_up(None, self.record.head + 1)
        if not self.change.is_none:  # where the log was cut may be anywhere now: nothing is missing
            for decision in self._made.rest():
                self._record_decision(decision)
        self.tally.fell_away += sum(map(len, self._coming.values()))
        self.draft.flush()

    def _goes_on(self, item: Item) -> bool:
        """Tell whether an event was recorded in one with the one before: an agent's answer."""
        attempt = self.record.member.get(item.old)
        if attempt is None or item.old != self._last + 1 or self._last < attempt.ended:
            return False
        return self.record.member.get(self._last) is attempt

    # The clock

    def _at(self, due_ns: int, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (due_ns, self._count, act))

    def _catch_up(self, limit_ns: int | None, place: int) -> None:
        """Do what is due before the event at *place*, which is recorded at *limit_ns*."""
        self.timers.advance(place)
        while True:
            timer = self.timers.next()
            limit = NEVER * 4 if limit_ns is None else limit_ns
            if self._agenda and self._agenda[0][0] <= min(limit, timer.due_ns if timer else limit):
                due, _, act = heapq.heappop(self._agenda)
                self._now = max(self._now, due)
                act()
                self._record_fresh()
            elif timer is not None and timer.due_ns < limit:
                self._now = max(self._now, timer.due_ns)
                event = timer_event(timer, self._now)
                self._happens(replace(event, id=self.record.fired_ids.next(timer.key, event.id)))
                self._record_fresh()
            else:
                return

    # What was recorded

    def _take(self, item: Item) -> None:
        event, old = item.event, item.old
        attempt = self.record.member.get(old)
        if item.edited:
            self._edited(event, old)
        elif is_decision(event):
            self._place(event, old)
        elif attempt is not None:
            self._again(attempt, event, old)
        elif _is_firing(event):
            self._fired(event, old)
        else:
            self._outside(event, old)

    def _edited(self, event: NewEvent, old: int) -> None:
        was = self.change.was
        if old and event.id != was and len(self.record.log.find(was)) == 1:
            self.draft.renamed[was] = event.id
        self._happens(event, old, edited=True)

    def _outside(self, event: NewEvent, old: int) -> None:
        """What comes from outside happens as it did, unless its recorded cause does not."""
        cause = event.causation_id or ""
        if cause in self._gone and old > self.change.at:
            self._gone.add(event.id)
            self.tally.fell_away += 1
        elif cause in self._coming:
            self._coming[cause].append(self.record.event(old))
            self._coming.setdefault(event.id, [])
        else:
            self._happens(_by_these_rules(self.record, event), old, event)

    def _fired(self, event: NewEvent, old: int) -> None:
        key = str(event.metadata.get("timer"))
        due = self.timers.due_of(key)
        if self.record.fired_ids.is_given(event.id):
            return
        now = max(event.time_ns or UNTIMED, self.engine.now_ns or UNTIMED)
        idle = old not in self.record.timers.fired and not self.record.log.caused_by(event.id)
        if idle or (due is not None and due <= now):
            self.record.fired_ids.give(event.id)
            self._happens(event, old, event)
        else:
            self._gone.add(event.id)

    def _again(self, attempt: Attempted, event: NewEvent, old: int) -> None:
        """Something that an agent said: it says it again if it was asked the same."""
        run = self._runs.get((attempt.id, attempt.number))
        if attempt.state == "open" or (attempt.state == "replaced" and event.id not in self._new):
            self._gone.add(event.id)
        elif attempt.state == "in place" and run is not None:
            self._say(run, event, old)
        if old in self._starts:
            self._starts.pop(old)()

    def _say(self, run: Again, event: NewEvent, old: int) -> None:
        attempt, answers = run.attempt, event.stream == ACTIONS and event.type in ANSWERS
        awaited = self.engine.actions.awaits(run.request.id, run.request.attempt)
        if old >= attempt.ended > 0 and not run.checked:
            run.checked = True
            changed = self._changed(attempt, run.request, "end")
            if changed or (attempt.is_cut and awaited):
                attempt.state = "replaced"
                self._ask(run.request, attempt, changed, run.begun_ns)
                return
            run.writes = self.draft.last_writes(attempt.reads)
            run.mute = not awaited and not 0 < attempt.expired < attempt.ended
        if run.mute and not answers:
            self._gone.add(event.id)
            return
        if run.checked:
            self.tally.used.add((attempt.id, attempt.number))
        copy = run.copy(event)
        if copy.id != event.id:
            self.draft.renamed[event.id] = copy.id
        self._happens(copy, old, event if run.in_place else None, writes=run.writes)

    # What happens

    def _happens(
        self,
        event: NewEvent,
        old: int = 0,
        recorded: NewEvent | None = None,
        *,
        edited: bool = False,
        writes: Mapping[str, int] | None = None,
    ) -> None:
        """Let *event* happen; *recorded* is what happened at its place, if that is where we are."""
        made = self.draft.append(self.draft.adapted(event, writes) if old else event, old)
        if made.position > self._most:
            raise ForkError(
                f"The fork has {made.position:,} events and goes on: the rules seem to run in "
                "a circle with these answers. Choose another stand-in."
            )
        if old:
            self.inputs.copied(old)
        if not 0 < old < self.change.at:  # else it is another source's, from before what is dropped
            self._gone.discard(event.id)
        self.tally.event(made, same=recorded is not None and alike(recorded, event), edited=edited)
        decisions = self.engine.step(made)
        self._now = max(self._now, UNTIMED if self.engine.now_ns is None else self.engine.now_ns)
        self._decide(decisions, placed=recorded is not None)
        if self._coming and old:
            self._follow(self.record.event(old))

    def _follow(self, cause: Event) -> None:
        """Let happen what waited for *cause*, an event of the original that was late."""
        for follower in self._coming.pop(cause.id, ()):
            wait = self.record.elapsed(cause.position, follower.position)
            self._coming.setdefault(follower.id, [])
            self._at(self._now + wait, partial(self._happens, follower, follower.position))

    def _decide(self, decisions: list[NewEvent], *, placed: bool) -> None:
        """Let decisions wait for their recorded place, or for the end of what is said in one."""
        for decision in decisions:
            self._made.add(decision)
            waits = placed and decision.id in self._left
            if not waits and decision.id not in self.record.missing:
                self._fresh.append(decision.id)

    def _record_fresh(self) -> None:
        """Record the decisions that have no recorded place, and what comes before them."""
        while self._fresh:
            fresh, self._fresh = self._fresh, []
            for id in fresh:
                for decision in self._made.up_to(id):
                    self._record_decision(decision)

    def _place(self, event: NewEvent, old: int) -> None:
        """A decision was recorded here: it is again, if it was made again."""
        self._left.discard(event.id)
        decision = self._made.take(event.id)
        if decision is not None:
            self._record_decision(decision, old, event)
        elif event.id not in self._said:
            self._gone.add(event.id)

    def _record_decision(
        self, decision: NewEvent, old: int = 0, recorded: NewEvent | None = None
    ) -> None:
        if recorded is None:
            self._said.add(decision.id)
            self._gone.discard(decision.id)
        event = self.draft.append(decision, old)
        if old:
            self.inputs.copied(old)
        self.tally.event(event, same=recorded is not None and alike(recorded, decision))
        if decision.type == "action.requested" and decision.id not in self.record.missing:
            ((id, about),) = decision.data.items()
            self._asked(id, about["attempt"], placed=recorded is not None)

    # Actions

    def _asked(self, id: str, number: int, *, placed: bool) -> None:
        """An action was asked for: whoever answered it answers again, or somebody stands in."""
        if not self.engine.actions.awaits(id, number):
            return
        request = replace(self.engine.actions.open[id])
        attempt = self.record.attempts.get((id, number))
        if attempt is None or attempt.state != "open":
            attempt, placed = self.record.alike(request), False
        if attempt is None:
            kindred = self.record.kindred(request)  # it may still be asked for itself
            changed = self._changed(kindred, request, "begin") if kindred is not None else []
            self._at(self._now, partial(self._ask, request, kindred, changed))
            return
        other = (attempt.action, attempt.capability) != (request.action, request.capability)
        changed = self._changed(attempt, request, "begin")
        if changed or other:
            attempt.state = "replaced"
            ask = partial(self._ask, request, attempt, changed)
            if placed and attempt.begun not in (attempt.asked, self.change.at):
                self._starts[attempt.begun] = ask
            else:
                self._at(self._now, ask)
            return
        run = Again(self.record, attempt, request, self._now, placed)
        self._runs[attempt.id, attempt.number] = run
        attempt.state = "in place" if placed else "moved"
        if not placed:
            for batch in attempt.batches():
                wait = self.record.elapsed(attempt.asked, batch[0])
                events = [self.record.log.get(place) for place in batch]
                self._coming.update({event.id: [] for event in events})
                self._at(self._now + wait, partial(self._later, run, events))

    def _later(self, run: Again, events: list[Event]) -> None:
        """What an agent said at another time, or to another request."""
        for event in events:
            if run.attempt.state == "moved":
                self._say(run, event, event.position)

    def _changed(self, attempt: Attempted, request: Request, moment: str) -> list[Input]:
        return self.inputs.changed(attempt, request, moment) if not self._is_edited(attempt) else []

    def _is_edited(self, attempt: Attempted) -> bool:
        """Tell whether somebody edited what was said: then it is not to be replaced."""
        return self.change.event is not None and self.change.at in attempt.events

    def _ask(
        self,
        request: Request,
        attempt: Attempted | None,
        changed: list[Input],
        begun_ns: int | None = None,
    ) -> None:
        """Let somebody stand in."""
        if not self.engine.actions.awaits(request.id, request.attempt):
            return
        asked = Asked(
            action=request.action,
            capability=request.capability,
            agent=request.agent,
            attempt=request.attempt,
            correlation=request.correlation,
            event=request.event,
            recorded=attempt,
            changed=changed,
            read=lambda pointer: self.draft.reader.read(pointer)[0],
        )
        answer = self._stand_in(asked) if self._stand_in is not None else None
        if answer is None:
            raise unanswered(asked, self._name)
        work = Work(
            request,
            answer,
            self._name,
            now=lambda: max(self._now, 0),
            read=self.draft.reader.read,
            spent_ns=0 if begun_ns is None else self._now - begun_ns,
        )
        self.tally.stood_in[self._name] += 1
        if begun_ns is None:
            self._happens(self._timed(work.attempt.started()))
        self._go_on(work, request)

    def _go_on(self, work: Work, request: Request) -> None:
        said = work.go_on()
        if isinstance(said, int):
            self._at(self._now + said, partial(self._go_on, work, request))
            return
        if not self.engine.actions.awaits(request.id, request.attempt):
            said = said[-1:]  # too late: the answer is kept, and nothing published
        for event in said:
            self._new.add(event.id)
            self._happens(self._timed(event))

    def _timed(self, event: NewEvent) -> NewEvent:
        """Return *event* without a time, if no event has one."""
        return replace(event, time_ns=None) if self.engine.now_ns is None else event


def _is_firing(event: NewEvent) -> bool:
    return (
        event.stream == TIMERS
        and event.source == CLOCK
        and event.type == "timer.fired"
        and unreadable(event) is None
    )


def _by_these_rules(record: Record, event: NewEvent) -> NewEvent:
    """Return *event*; where it says which rules a runtime follows, it names these."""
    if record.same_rules or (event.stream, event.source, event.type) != (
        TIMERS,
        CLOCK,
        "runtime.started",
    ):
        return event
    plan = record.choreography.plan
    about = {**event.metadata.parsed, "choreography": plan.name, "fingerprint": plan.fingerprint}
    return replace(event, metadata=JsonObject(to_json(about)))
