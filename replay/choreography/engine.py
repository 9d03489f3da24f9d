"""The engine: a pure state machine from events to decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from laban.store.event import Event, NewEvent
from laban.store.jsontext import to_json

from .actions import Actions, Request
from .decisions import (
    ACTIONS,
    ANSWERS,
    CLOCK,
    DEAD_LETTERS,
    DUPLICATES,
    OWN_STREAMS,
    PATTERNS,
    TIMERS,
    Step,
    is_decision,
)
from .entrance import Entrance
from .plan import Plan
from .sagas import Sagas
from .scope import DEEPEST, EngineScope, History, ReducerFailed, ScopeBefore
from .timers import Timer, Timers
from .waiting import Waiting

LONGEST = 4000  # digits of a number
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(r"[][{}]")
_ENDLESS = re.compile(rf"[0-9]{{{LONGEST + 1}}}")


class Engine:
    """
    Decides what follows from each event of a log, taken in order of position.

    It reads no clock, draws nothing at random and does nothing: the same events give the
    same decisions, live and at every replay. Its own decisions in the log are skipped; what
    they changed was changed when they were made.
    """

    def __init__(self, plan: Plan, timers: Timers | None = None) -> None:
        self.plan = plan
        self.timers = timers or Timers()
        self.history = History(plan)
        self.actions = Actions(plan, self.timers, self._ended)
        self.waiting = Waiting(plan, self.timers, self.actions)
        self.sagas = Sagas(plan, self.actions)
        self.entrance = Entrance(plan, self.actions.knows)

    @property
    def now_ns(self) -> int | None:
        """The highest time of an event so far."""
        return self.entrance.now_ns

    def step(self, event: Event) -> list[NewEvent]:
        """Take in the next event and return the decisions that it leads to, in order."""
        if is_decision(event):
            return []
        self.entrance.advance(event)
        step = Step(event, self.now_ns, event.correlation_id or event.stream)
        if (reason := unreadable(event)) is not None:
            self._dead_letter(step, {"reason": reason})
        elif event.stream in OWN_STREAMS:
            self._take_in_own(step, event)
        elif self._accepts(step, event):
            self._react(step, event)
        return step.decisions

    def overhear(self, event: Event) -> None:
        """
        Take in whom a recorded decision asked: the answers that the log holds are its answers.

        Under the rules that made the log it changes nothing. Under others, an action may go to
        another agent than the one that was asked, and answered.
        """
        if event.type == "action.requested" and is_decision(event) and unreadable(event) is None:
            for id, about in event.data.items():
                if isinstance(about, dict):
                    self.actions.stand_in(id, about.get("attempt"), str(about.get("agent")))

    def _take_in_own(self, step: Step, event: Event) -> None:
        """Agents answer, and the clock tells what fired; nobody else writes the own streams."""
        answers = event.stream != ACTIONS or event.type in ANSWERS
        if not (answers and self.entrance.may_speak(event)):
            refused = f"{event.source} may not write {event.type} to {event.stream}"
            self._dead_letter(step, {"reason": refused})
        elif event.stream == ACTIONS:
            self._answer(step, event)
        elif event.type == "timer.fired":
            self._fire(step, event)

    def _answer(self, step: Step, event: Event) -> None:
        """An agent answered: recorded by the runtime under the request's id and attempt."""
        refusals = []
        for id, answer in event.data.items():
            attempt = answer.get("attempt") if isinstance(answer, dict) else None
            if (refusal := self.actions.refusal(event.source, id, attempt)) is not None:
                refusals.append(refusal)
            elif not self.actions.awaits(id, attempt):
                continue  # late: it timed out and was tried again, or was answered before
            elif event.type == "action.completed":
                self.actions.succeed(step, id)
            elif event.type == "action.failed":
                self.actions.fail(step, id, str(answer.get("reason") or "failed"))
        if refusals:
            self._dead_letter(step, {"reason": refusals[0]})

    def _fire(self, step: Step, event: Event) -> None:
        timer = self.timers.take(str(event.metadata.get("timer")), self.now_ns)
        if timer is None:
            return
        step.correlation = timer.correlation
        if timer.kind in ("sequence", "temporal"):
            self.waiting.fire(step, timer.kind, timer.subject)
        else:
            self.actions.fire(step, timer.kind, timer.subject)

    def _accepts(self, step: Step, event: Event) -> bool:
        """Tell whether an event may be reacted to; say in a decision why not."""
        if (about := self.entrance.refusal(event)) is not None:
            self._dead_letter(step, about)
            return False
        if self.entrance.is_duplicate(event):
            step.decide(event.type, "event.deduplicated", DUPLICATES, {})
            return False
        return True

    def _dead_letter(self, step: Step, about: Mapping[str, Any]) -> None:
        step.decide("contract", "event.dead_lettered", DEAD_LETTERS, {step.event.id: about})

    def _react(self, step: Step, event: Event) -> None:
        try:
            self.history.take_in(event, step.correlation)
        except ReducerFailed as error:
            self._dead_letter(step, {"reason": f"reducer of {event.type}: {error}"})
            return
        scope = EngineScope(self.history, event, step.correlation)
        conditions = self.plan.conditions
        for pattern in self.plan.patterns.get(event.type, ()):
            if conditions[pattern.condition].holds(scope):
                self._match(step, event, pattern)
        for rule in self.plan.transitions.get(event.type, ()):
            condition = conditions[rule.condition]
            if condition.holds(scope) and not condition.holds(ScopeBefore(scope)):
                step.decide(rule.name, "transition.matched", PATTERNS, {})
                self.actions.request(
                    step, rule=rule.name, action=rule.action, capability=rule.target_capability
                )
        self.waiting.take_in(step, event)
        for saga in self.plan.sagas.get(event.type, ()):
            if conditions[saga.condition].holds(scope):
                self.sagas.begin(step, saga)

    def _match(self, step: Step, event: Event, pattern: Any) -> None:
        correlation = step.correlation
        if event.correlation_id is None and pattern.correlation_keys:
            values = [event.data.get(key) for key in pattern.correlation_keys]
            correlation = "|".join(v if isinstance(v, str) else to_json(v) for v in values)
        step.decide(pattern.name, "pattern.matched", PATTERNS, {}, correlation=correlation)
        self.actions.request(
            step,
            rule=pattern.name,
            action=pattern.action,
            capability=pattern.target_capability,
            timeout_seconds=pattern.timeout_seconds,
            correlation=correlation,
        )

    def _ended(self, step: Step, request: Request, reason: str | None) -> None:
        self.sagas.ended(step, request, reason)


def timer_event(timer: Timer, now_ns: int) -> NewEvent:
    """Return the event that records that *timer* fired: what a runtime records when it is due."""
    return NewEvent(
        stream=TIMERS,
        type="timer.fired",
        id=f"{timer.key}#{timer.number}",
        source=CLOCK,
        time_ns=max(now_ns, timer.due_ns),
        correlation_id=timer.correlation,
        data={},
        metadata={"timer": timer.key},
    )


def unreadable(event: NewEvent) -> str | None:
    """
    Return why *event* is no use, None when it is: it nests too deep, or has endless digits.

    The bounds are our own: Python's depend on how deep the stack is that it is called from.
    """
    for part in (event.data, event.metadata):
        if len(part.text) <= DEEPEST:
            continue
        opened = part.text.count("{") + part.text.count("[")
        if opened > DEEPEST and _depth(part.text) > DEEPEST:
            return f"unreadable: more than {DEEPEST} levels"
        if len(part.text) > LONGEST and _ENDLESS.search(_TEXTS.sub("", part.text)):
            return f"unreadable: a number of more than {LONGEST:,} digits"
    return None


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
