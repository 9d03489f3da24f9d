"""What a choreography takes in: who may speak, what keeps its contract, and is no repetition."""

from __future__ import annotations

import json
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from laban.replay.pointer import format_pointer
from laban.store.clock import SECOND
from laban.store.event import Event

from .decisions import ACTIONS, CLOCK, OWN_STREAMS, TIMERS
from .plan import Plan


class Entrance:
    """
    Tells which events are reacted to, and the time, as far as they tell it.

    Events go through it in order of position. *knows* tells whether a source is an agent;
    without it, those that the plan names are.
    """

    def __init__(self, plan: Plan, knows: Callable[[str], bool] | None = None) -> None:
        self._plan = plan
        self._knows = knows or _agents(plan).__contains__
        self.now_ns: int | None = None  # the highest time of an event so far
        # By event type: contents and when each was accepted, the oldest first, none past its window
        self._seen: dict[str, OrderedDict[str, int]] = defaultdict(OrderedDict)

    def advance(self, event: Event) -> None:
        """Let the time of *event* pass; a source that may not publish it moves no clock."""
        time, now = event.time_ns, self.now_ns
        if time is not None and (now is None or time > now) and self.may_speak(event):
            self.now_ns = time

    def may_speak(self, event: Event) -> bool:
        """Tell whether the source of *event* may publish it at all."""
        if event.stream not in OWN_STREAMS:
            allowed = self._plan.authorised
            return not allowed or event.type in allowed.get(event.source, ())
        if event.stream == TIMERS:
            return event.source == CLOCK
        return event.stream == ACTIONS and self._knows(event.source)

    def refusal(self, event: Event) -> Mapping[str, Any] | None:
        """Return what is said of *event* if it may not come in, with the reason."""
        if not self.may_speak(event):
            return {"reason": f"{event.source} may not publish {event.type}"}
        validator = self._plan.validators.get(event.type)
        if validator is not None and not validator.is_valid(event.data.parsed):
            return {"reason": "contract", "errors": violations(validator, event)}
        return None

    def is_duplicate(self, event: Event) -> bool:
        """Tell whether an event came in that was the same one; if not, remember this one."""
        rule = self._plan.deduplications.get(event.type)
        if rule is None or self.now_ns is None:
            return False
        content = json.dumps([event.data.get(key) for key in rule.keys], sort_keys=True)
        seen, horizon = self._seen[event.type], self.now_ns - round(rule.window_seconds * SECOND)
        while seen and next(iter(seen.values())) < horizon:
            seen.popitem(last=False)
        if content in seen:
            return True
        seen[content] = self.now_ns
        return False

    def memory(self) -> str:
        """Return what has to be kept to go on from here, as JSON."""
        return json.dumps([self.now_ns, self._seen])

    def remember(self, memory: str) -> None:
        """Go on from what `memory` returned."""
        self.now_ns, seen = json.loads(memory)
        for event_type, contents in seen.items():
            self._seen[event_type] = OrderedDict(contents)


def _agents(plan: Plan) -> set[str]:
    return {agent for c in plan.capabilities.values() for agent in c.agents or (c.name,)}


def violations(validator: Any, event: Event) -> list[dict[str, str]]:
    """Return every error that *event* has by its contract, with its path, in order of path."""
    found = [
        {"path": format_pointer(map(str, error.instance_path)), "error": error.message}
        for error in validator.iter_errors(event.data.parsed)
    ]
    return sorted(found, key=lambda error: (error["path"], error["error"]))
