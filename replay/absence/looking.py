"""Working backwards from what was not observed: which rules lead there, and where they stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laban.replay.choreography.actions import agents_of
from laban.replay.choreography.authority import reacts_to
from laban.replay.choreography.plan import Plan
from laban.replay.choreography.rules import (
    Saga,
    Sequence,
    StateTransition,
    TemporalSequence,
    ThresholdPattern,
)
from laban.replay.explain.origin import about_of
from laban.store.event import Event

from .answer import Absent, Found, Way
from .facts import Facts
from .fates import fate
from .judging import Judge, rules_of
from .leads import Lead, learn
from .waiting import waited

LATEST = 4  # of what stood in one way


class Looker:
    """Explains event types that were not observed in one correlation."""

    def __init__(self, facts: Facts, plan: Plan | None, judge: Judge | None) -> None:
        self._facts, self._plan, self._judge = facts, plan, judge
        self._rules = {} if plan is None else rules_of(plan)
        self._told: set[str] = set()

    def explain(self, type: str) -> Absent:
        """Return every way that leads to *type* elsewhere, and what stood in it here."""
        if type in self._told:
            return Absent(type, [], 0, again=True)
        self._told.add(type)
        learned = learn(self._facts.timeline, type)
        leads = learned.leads or list(self._declared(type))
        return Absent(type, [self._way(lead) for lead in leads], learned.events)

    def _declared(self, type: str) -> Iterator[Lead]:
        """Yield the rules that ask somebody who may publish *type*, by the authorisations."""
        if self._plan is None:
            return
        for rule in self._rules.values():
            for action, capability in _asks(rule):
                for agent in agents_of(self._plan.capabilities[capability]):
                    if type in self._plan.authorised.get(agent, ()):
                        yield Lead(rule.name, action, capability, reacts_to(rule)[0], agent, 0, 0)
                        break

    def _way(self, lead: Lead) -> Way:
        facts, rule = self._facts, self._rules.get(lead.rule or "")
        requests = [
            r
            for r in facts.requests.values()
            if (r.origin.rule, r.origin.action) == (lead.rule, lead.action)
        ]
        found = [fate(facts.timeline, request, facts.at) for request in requests]
        if lead.rule is not None or lead.trigger is not None:
            found += self._unfired(lead, rule, bool(requests))
        else:
            where = "it comes from outside, and did not come here"
            found.append(Found(kind="missing", position=None, since=0, detail=where))
        found.sort(key=lambda one: one.since)
        return Way(lead, found[-LATEST:], max(len(found) - LATEST, 0))

    def _unfired(self, lead: Lead, rule: Any, asked: bool) -> Iterator[Found]:
        """Yield why the rule did not fire, or not at every event that it waits for."""
        if isinstance(rule, (Sequence, TemporalSequence, ThresholdPattern)):
            if not asked:
                yield waited(self._facts, rule, self.explain)
            return
        if isinstance(rule, Saga) and self._begun(rule):
            if not asked:
                yield from self._stuck(rule, lead)
            return
        trigger = reacts_to(rule)[0] if rule is not None else lead.trigger
        if trigger is None:
            return
        came = self._facts.by_type.get(trigger, [])
        if not came and not asked:
            detail = f"{trigger} was not observed"
            absent = [self.explain(trigger)]
            yield Found(kind="missing", position=None, since=0, detail=detail, absent=absent)
        for event in came:
            if not self._facts.decided.get((lead.rule or "", event.id)):
                yield self._not_followed(event, lead, rule)
            elif rule is None and not asked:
                detail = f"{trigger} @{event.position} came, and the rule has not asked for this"
                yield Found(
                    kind="undecided", position=event.position, since=event.position,
                    detail=f"{detail}: give the rules to see its steps",
                )  # fmt: skip

    def _not_followed(self, event: Event, lead: Lead, rule: Any) -> Found:
        place, since = f"{event.type} @{event.position}", event.position
        if (refusal := self._facts.refused.get(event.id)) is not None:
            return _refused(event, refusal)
        if rule is None or self._judge is None:
            detail = f"{place} came, and nothing followed"
            if lead.rule is not None:
                detail += ": give the rules to see the condition"
            return Found(kind="undecided", position=since, since=since, detail=detail)
        parts, held = self._judge.judge(rule, event)
        if parts:
            return Found(
                kind="condition", position=since, since=since, parts=parts,
                condition=rule.condition, detail=f"{place} came, and the condition was not met",
            )  # fmt: skip
        if isinstance(rule, StateTransition) and held:
            return Found(
                kind="condition", position=since, since=since, condition=rule.condition,
                detail=f"{place} came, and the condition had held before: it did not turn true",
            )  # fmt: skip
        detail = f"{place} came and meets the condition, but no decision on it is recorded"
        return Found(kind="undecided", position=since, since=since, detail=detail)

    def _begun(self, saga: Saga) -> list[Event]:
        return [e for e in self._facts.about.get(saga.name, ()) if e.type == "saga.started"]

    def _stuck(self, saga: Saga, lead: Lead) -> Iterator[Found]:
        """Yield the step where a saga went no further, or why nothing was undone."""
        facts = self._facts
        steps = [step.execute for step in saga.steps]
        asked = [
            request
            for request in facts.requests.values()
            if request.origin.rule == saga.name and request.origin.action in steps
        ]
        if asked and lead.action in steps:
            found = fate(facts.timeline, asked[-1], facts.at)
            found.detail = f"it got to the step {asked[-1].origin.action}: {found.detail}"
            yield found
            return
        end = facts.about[saga.name][-1]
        detail = f"the saga stands at {end.type} @{end.position}: this step was not to be undone"
        since = self._begun(saga)[-1].position
        yield Found(kind="over", position=end.position, since=since, detail=detail)


def _refused(event: Event, refusal: Event) -> Found:
    place = f"{event.type} @{event.position}"
    if refusal.type == "event.deduplicated":
        detail = f"{place} came, and was taken for a duplicate @{refusal.position}"
        return Found(
            kind="duplicate", position=refusal.position, since=event.position, detail=detail
        )
    about = about_of(refusal)
    detail = f"{place} came, and was refused @{refusal.position}: {about.get('reason')}"
    errors = about.get("errors")
    more = [
        f"{error.get('path') or '/'}: {error.get('error')}"
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    return Found(
        kind="refused", position=refusal.position, since=event.position, detail=detail, more=more
    )


def _asks(rule: Any) -> Iterator[tuple[str, str]]:
    """Yield each action that a rule asks for, with the capability."""
    if isinstance(rule, Saga):
        for step in rule.steps:
            yield step.execute, step.target_capability
            if step.compensate:
                yield step.compensate, step.target_capability
    else:
        yield rule.action, rule.target_capability
