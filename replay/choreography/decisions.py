"""Decisions: the events that the engine records itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from laban.store.event import Event, NewEvent
from laban.store.jsontext import EMPTY, JsonObject, to_json

ENGINE = "laban"  # the source of every decision

# A decision's stream is the part of the state that it changes, and its data the new values
# there, so that the default reducer shows the engine's state at any position.
ACTIONS, CIRCUITS, SEQUENCES, SAGAS = "$actions", "$circuits", "$sequences", "$sagas"
DEAD_LETTERS, PATTERNS, DUPLICATES = "$dead_letters", "$patterns", "$duplicates"
TIMERS = "$timers"
OWN_STREAMS = frozenset(
    (ACTIONS, CIRCUITS, SEQUENCES, SAGAS, DEAD_LETTERS, PATTERNS, DUPLICATES, TIMERS)
)
CLOCK = "clock"  # the source of every event in TIMERS
ANSWERS = ("action.started", "action.completed", "action.failed")  # what agents say in ACTIONS


def is_decision(event: NewEvent) -> bool:
    """Tell whether the engine made *event*."""
    return event.source == ENGINE


def derived_id(cause: NewEvent, rule: str, ordinal: int) -> str:
    """Return the id of a decision: the same cause, rule and ordinal always give the same."""
    text = f"{cause.source}\0{cause.id}\0{rule}\0{ordinal}"
    if text.count("\0") > 3:  # in a name, too: it must not look like another one's end
        text = to_json([cause.source, cause.id, rule, ordinal])
    return sha256(text.encode()).hexdigest()[:24]


@lru_cache(4096)
def _only_rule(rule: str) -> JsonObject:
    return JsonObject(to_json({"rule": rule}))


class Step:
    """
    What the engine makes of one event: its decisions, in order.

    Ids count by rule, so that a rule which is added or taken away leaves those of the others
    as they are: an old log's answers still find the requests of a changed choreography.
    """

    def __init__(self, event: Event, now_ns: int | None, correlation: str) -> None:
        self.event, self.now_ns, self.correlation = event, now_ns, correlation
        self.decisions: list[NewEvent] = []
        self._ordinals: dict[str, int] = {}

    def new_id(self, rule: str) -> str:
        """Return an id for something that *rule* begins in this step."""
        return derived_id(self.event, rule, -1 - self._ordinal(f"new {rule}"))

    def _ordinal(self, rule: str) -> int:
        ordinal = self._ordinals.get(rule, 0)
        self._ordinals[rule] = ordinal + 1
        return ordinal

    def decide(
        self,
        rule: str,
        type: str,
        stream: str,
        data: Mapping[str, Any],
        *,
        removes: tuple[str, ...] = (),
        correlation: str | None = None,
    ) -> str:
        """
        Add a decision of *rule* and return its id.

        *data* is what it sets in *stream*, *removes* what goes.
        """
        said = {"rule": rule, "removes": list(removes)} if removes else _only_rule(rule)
        decision = NewEvent(
            stream=stream,
            type=type,
            id=derived_id(self.event, rule, self._ordinal(rule)),
            source=ENGINE,
            data=data or EMPTY,
            time_ns=self.now_ns,
            correlation_id=correlation or self.correlation,
            causation_id=self.event.id,
            metadata=said,
        )
        self.decisions.append(decision)
        return decision.id
