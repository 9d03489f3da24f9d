"""Conditions evaluated where a choreography would have: at each event of a correlation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from laban.replay.builder import CancelledError, Progress
from laban.replay.choreography.engine import Engine
from laban.replay.choreography.plan import Plan
from laban.replay.choreography.scope import EngineScope, ScopeBefore
from laban.replay.diagram import each_rule
from laban.replay.scope import EVENT_NAMES
from laban.store.event import Event

from .conditions import Part, unmet
from .facts import Facts

POLL = 1_000  # events between two looks at *cancelled*
Judgement = tuple[list[Part], bool]  # what was not met; and whether it held before already


class Judge:
    """
    Says which parts of a rule's condition were not met at an event.

    Conditions that read the event alone are evaluated on it. Others need what was before: the
    log is folded once through the engine, up to the correlation's last event.
    """

    def __init__(
        self,
        plan: Plan,
        facts: Facts,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._plan, self._facts = plan, facts
        self._progress = progress or (lambda *_: None)
        self._cancelled = cancelled or (lambda: False)
        self._folded: dict[tuple[str, int], Judgement] | None = None

    def judge(self, rule: Any, event: Event) -> Judgement:
        """Return the parts that *rule*'s condition failed on at *event*: none when it held."""
        condition = self._plan.conditions[rule.condition]
        if condition.names <= EVENT_NAMES.keys() and rule not in self._transitions(event.type):
            return unmet(condition, _EventScope(event)), False
        if self._folded is None:
            self._folded = self._fold()
        return self._folded.get((rule.name, event.position), ([], False))

    def _transitions(self, type: str) -> tuple[Any, ...]:
        return self._plan.transitions.get(type, ())

    def _fold(self) -> dict[tuple[str, int], Judgement]:
        folded: dict[tuple[str, int], Judgement] = {}
        wanted = {e.position for e in self._facts.events if not e.stream.startswith("$")}
        last = max(wanted, default=0)
        engine = Engine(self._plan)
        for event in self._facts.timeline.log.read(1, last):
            if event.position % POLL == 0:
                self._progress(event.position, last)
                if self._cancelled():
                    raise CancelledError(f"Cancelled at @{event.position:,}.")
            engine.overhear(event)
            engine.step(event)
            if event.position in wanted:
                scope = EngineScope(engine.history, event, event.correlation_id or event.stream)
                self._note(folded, event, scope)
        return folded

    def _note(
        self, folded: dict[tuple[str, int], Judgement], event: Event, scope: EngineScope
    ) -> None:
        plan = self._plan
        for group in (plan.patterns, plan.transitions, plan.sagas):
            for rule in group.get(event.type, ()):
                condition = plan.conditions[rule.condition]
                turns = rule in self._transitions(event.type)
                held = turns and bool(condition.holds(ScopeBefore(scope)))
                folded[rule.name, event.position] = unmet(condition, scope), held


class _EventScope(Mapping[str, Any]):
    """The names that an event alone gives."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __getitem__(self, name: str) -> Any:
        return EVENT_NAMES[name](self._event)

    def __iter__(self) -> Any:
        return iter(EVENT_NAMES)

    def __len__(self) -> int:
        return len(EVENT_NAMES)


def rules_of(plan: Plan) -> dict[str, Any]:
    """Return the rules that ask for actions, by name."""
    groups = (plan.patterns, plan.sequences, plan.temporal, plan.thresholds, plan.transitions,
              plan.sagas)  # fmt: skip
    return {rule.name: rule for group in groups for rule in each_rule(group)}
