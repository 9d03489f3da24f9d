"""Decisions between the moment they are made and the moment they are met in the log."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from laban.replay.choreography.engine import unreadable
from laban.store.errors import LabanError
from laban.store.event import Event, NewEvent


class RulesDifferError(LabanError):
    """The log holds other decisions than the choreography makes of its events."""


class Ledger:
    """
    The decisions that were made and are not in the log yet, as far as it was read.

    Each correlation's decisions are recorded in the order they were made. So after a crash
    those that are missing are the last ones; anything else means that the rules are others.
    """

    def __init__(self) -> None:
        self._made: dict[str, NewEvent] = {}
        self._next: dict[str | None, deque[str]] = defaultdict(deque)  # ids by correlation

    def __len__(self) -> int:
        return len(self._made)

    def made(self, decisions: Iterable[NewEvent]) -> None:
        """Take in that the engine made *decisions*."""
        for decision in decisions:
            self._made[decision.id] = decision
            self._next[decision.correlation_id].append(decision.id)

    def met(self, event: Event) -> None:
        """Take in that a decision is in the log. Raises RulesDifferError for another one."""
        waiting = self._next.get(event.correlation_id)
        expected = self._made[waiting[0]] if waiting else None
        if waiting is None or expected is None or not _same(expected, event):
            what = f"{expected.type} of {_rule(expected)}" if expected else "no decision"
            raise RulesDifferError(
                f"@{event.position} holds {event.type} of {_rule(event)}, but these rules decide "
                f"{what} there: go on with the rules that made the log, or begin a new one."
            )
        del self._made[waiting.popleft()]
        if not waiting:
            del self._next[event.correlation_id]

    def missing(self) -> list[NewEvent]:
        """Return the decisions that the log lacks, in the order they were made."""
        return list(self._made.values())


def _same(made: NewEvent, met: Event) -> bool:
    return (made.id, made.type, made.stream) == (met.id, met.type, met.stream) and (
        made.data.text == met.data.text or (unreadable(met) is None and made.data == met.data)
    )


def _rule(decision: NewEvent) -> str:
    return repr(decision.metadata.get("rule", "no rule"))
