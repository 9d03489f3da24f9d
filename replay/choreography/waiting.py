"""Rules that wait for more than one event: sequences, temporal sequences, thresholds."""

from __future__ import annotations

from collections import defaultdict, deque

from msgspec import Struct

from laban.store.clock import SECOND
from laban.store.event import Event

from .actions import Actions
from .decisions import SEQUENCES, Step
from .memory import UNTIMED
from .plan import Plan
from .rules import Sequence, TemporalSequence
from .timers import Timers


class _Progress(Struct):
    """How far a sequence has come in one correlation."""

    rule: str
    done: int
    last_ns: int | None  # the time of its last event


class _Gathering(Struct):
    """What of a temporal sequence has come in one correlation."""

    rule: str
    come: dict[str, bool]  # by required event type
    until_ns: int  # the last moment of its window


class Waiting:
    """The sequences under way, by rule and correlation, and the counts of thresholds."""

    def __init__(self, plan: Plan, timers: Timers, actions: Actions) -> None:
        self._plan, self._timers, self._actions = plan, timers, actions
        self.sequences: dict[str, _Progress] = {}
        self.temporal: dict[str, _Gathering] = {}
        self._untimed: dict[str, str] = {}  # kinds by key: what no timer ends, the latest last
        self._counted: dict[str, deque[int]] = defaultdict(deque)  # times, by threshold

    def take_in(self, step: Step, event: Event) -> None:
        """Advance every rule that waits for an event of this type."""
        for sequence in self._plan.sequences.get(event.type, ()):
            self._advance(step, event, sequence)
        for temporal in self._plan.temporal.get(event.type, ()):
            self._gather(step, event, temporal)
        for threshold in self._plan.thresholds.get(event.type, ()):
            times, now = self._counted[threshold.name], step.now_ns or 0
            while times and times[0] <= now - round(threshold.time_window * SECOND):
                times.popleft()
            times.append(now)
            if len(times) >= threshold.threshold:
                times.clear()
                step.decide(threshold.name, "threshold.reached", SEQUENCES, {})
                self._act(step, threshold.name, threshold.action, threshold.target_capability)

    def fire(self, step: Step, kind: str, key: str) -> None:
        """The time of a sequence is over."""
        under_way = self.sequences if kind == "sequence" else self.temporal
        self._untimed.pop(key, None)
        self._timers.cancel(kind, key)
        if (over := under_way.pop(key, None)) is not None:
            correlation = key.partition("/")[2]
            step.decide(
                over.rule, "sequence.timed_out", SEQUENCES, {}, removes=(key,),
                correlation=correlation,
            )  # fmt: skip

    def _keep_untimed(self, step: Step, kind: str, key: str) -> None:
        """Note that no timer ends a sequence: when there are too many, the first one is over."""
        self._untimed[key] = kind
        if len(self._untimed) > UNTIMED:
            first = next(iter(self._untimed))
            self.fire(step, self._untimed[first], first)

    def _advance(self, step: Step, event: Event, sequence: Sequence) -> None:
        key = f"{sequence.sequence_id}/{step.correlation}"
        progress = self.sequences.get(key)
        if progress is not None and self._too_late(step, progress, sequence):
            self.fire(step, "sequence", key)
            progress = None
        done = progress.done if progress else 0
        if event.type != sequence.events[done]:
            return
        self._timers.cancel("sequence", key)
        self._untimed.pop(key, None)
        if done + 1 == len(sequence.events):
            self.sequences.pop(key, None)
            step.decide(sequence.name, "sequence.completed", SEQUENCES, {}, removes=(key,))
            self._act(step, sequence.name, sequence.action, sequence.target_capability)
            return
        self.sequences[key] = _Progress(sequence.name, done + 1, step.now_ns)
        if sequence.max_interval is not None and step.now_ns is not None:
            due = step.now_ns + round(sequence.max_interval * SECOND) + 1
            self._timers.set(due, "sequence", key, step.correlation)
        else:
            self._keep_untimed(step, "sequence", key)
        state = {"done": done + 1, "of": len(sequence.events)}
        step.decide(sequence.name, "sequence.advanced", SEQUENCES, {key: state})

    def _too_late(self, step: Step, progress: _Progress, sequence: Sequence) -> bool:
        if sequence.max_interval is None or progress.last_ns is None or step.now_ns is None:
            return False
        return step.now_ns - progress.last_ns > round(sequence.max_interval * SECOND)

    def _gather(self, step: Step, event: Event, temporal: TemporalSequence) -> None:
        key, now = f"{temporal.sequence_id}/{step.correlation}", step.now_ns or 0
        gathering = self.temporal.get(key)
        if gathering is not None and now > gathering.until_ns:
            self.fire(step, "temporal", key)
            gathering = None
        if gathering is None:
            if event.type != temporal.trigger_event:
                return
            until = now + round(temporal.time_window * SECOND)
            come = dict.fromkeys(temporal.required_events, False)
            self.temporal[key] = _Gathering(temporal.name, come, until)
            self._timers.set(until + 1, "temporal", key, step.correlation)
            if step.now_ns is None:
                self._keep_untimed(step, "temporal", key)
        elif gathering.come.get(event.type) is not False:
            return
        else:
            come = gathering.come
            come[event.type] = True
        if all(come.values()):
            del self.temporal[key]
            self._untimed.pop(key, None)
            self._timers.cancel("temporal", key)
            step.decide(temporal.name, "sequence.completed", SEQUENCES, {}, removes=(key,))
            self._act(step, temporal.name, temporal.action, temporal.target_capability)
        else:
            step.decide(temporal.name, "sequence.advanced", SEQUENCES, {key: dict(come)})

    def _act(self, step: Step, rule: str, action: str, capability: str) -> None:
        self._actions.request(step, rule=rule, action=action, capability=capability)
