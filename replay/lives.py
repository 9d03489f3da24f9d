"""What the decisions of a log began and ended: actions, sequences and sagas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from laban.store.event import Event

from .choreography.decisions import ACTIONS, DEAD_LETTERS, SAGAS, SEQUENCES, TIMERS, is_decision

Kind = Literal["action", "sequence", "saga"]
Ending = Literal["completed", "failed", "timed out", "compensated"]

_AWAITING = ("requested", "started")
_ENDINGS: dict[str, Ending] = {
    "sequence.completed": "completed",
    "sequence.timed_out": "timed out",
    "saga.completed": "completed",
    "saga.compensated": "compensated",
    "saga.failed": "failed",
}


class Life(Struct, kw_only=True):
    """Something that a rule began and that has to end."""

    kind: Kind
    id: str
    rule: str
    correlation: str
    position: int  # where it began; of an action, where its last attempt was asked for
    since_ns: int | None  # when it began
    about: dict[str, Any]  # what the last decision about it says
    status: str = "begun"  # of an action: requested, started, failed, retried, timed out, …


class Ended(Struct, frozen=True):
    """Something that is over, and how."""

    life: Life
    how: Ending


class Lives:
    """
    What is open after the events that were taken in.

    Memory is bounded by what is open at once.
    """

    def __init__(self) -> None:
        self.open: dict[tuple[Kind, str], Life] = {}
        self.most = 0  # open at once

    def take_in(self, event: Event) -> Iterator[Ended]:
        """Take in the next event of a log, and yield what it ends."""
        if event.stream == ACTIONS:
            yield from self._action(event)
        elif event.stream == TIMERS:
            self._fire(event)
        elif event.stream == DEAD_LETTERS and event.type == "action.dead_lettered":
            for id in event.data:
                yield self._end("action", id, event, "failed")
        elif event.stream in (SEQUENCES, SAGAS) and is_decision(event):
            yield from self._longer(event, "sequence" if event.stream == SEQUENCES else "saga")
        self.most = max(self.most, len(self.open))

    def _fire(self, event: Event) -> None:
        """An answer after the deadline counts no more, even before that was decided."""
        kind, _, id = str(event.metadata.get("timer")).partition(":")
        life = self.open.get(("action", id)) if kind == "deadline" else None
        due_ns = life.about.get("deadline_ns") if life else None
        if life and life.status in _AWAITING and isinstance(due_ns, int):
            life.status = "timed out" if due_ns <= (event.time_ns or 0) else life.status

    def _action(self, event: Event) -> Iterator[Ended]:
        for id, about in event.data.items():
            if not isinstance(about, dict):
                continue
            if is_decision(event):
                life = self._living("action", id, event)
                life.about, life.status = about, event.type.partition(".")[2].replace("_", " ")
                if life.status == "requested":
                    life.position = event.position
                continue
            open = self.open.get(("action", id))
            if open is None or not _awaits(open, about):
                continue
            if event.type == "action.completed":
                yield self._end("action", id, event, "completed")
            elif event.type in ("action.started", "action.failed"):
                open.status = event.type.partition(".")[2]

    def _longer(self, event: Event, kind: Kind) -> Iterator[Ended]:
        for id, about in event.data.items():
            self._living(kind, id, event).about = about if isinstance(about, dict) else {}
        how = _ENDINGS.get(event.type)
        removes = event.metadata.get("removes") if how else None
        for id in removes if isinstance(removes, list) else ():
            if how and isinstance(id, str):
                yield self._end(kind, id, event, how)

    def _living(self, kind: Kind, id: str, event: Event) -> Life:
        life = self.open.get((kind, id))
        if life is None:
            life = self.open[kind, id] = Life(
                kind=kind,
                id=id,
                rule=rule_of(event),
                correlation=event.correlation_id or event.stream,
                position=event.position,
                since_ns=event.time_ns,
                about={},
            )
        return life

    def _end(self, kind: Kind, id: str, event: Event, how: Ending) -> Ended:
        life = self._living(kind, id, event)
        del self.open[kind, id]
        return Ended(life, how)


def _awaits(life: Life, answer: dict[str, Any]) -> bool:
    attempt = answer.get("attempt")
    return life.status in _AWAITING and life.about.get("attempt") == attempt


def rule_of(decision: Event) -> str:
    """Return the name of the rule that decided; a run of a saga counts as its saga."""
    return str(decision.metadata.get("rule", "")).partition("/")[0]
