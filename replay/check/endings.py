"""What never ended, ended too late, or was given up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from laban.replay.choreography.decisions import is_decision
from laban.replay.lives import Life, Lives, rule_of
from laban.store.clock import format_time
from laban.store.event import Event
from laban.store.log import EventLog

from .flaw import Certainty, Flaw

_PENDING = ("requested", "started", "retried", "timed out")


class Endings:
    """
    Requests, sequences and sagas by how they ended, and dead letters.

    With *contracts*, violations are told as they are recorded. A sequence is not missed in a
    correlation whose last event is one of *ends*: its story ended otherwise.
    """

    def __init__(
        self, log: EventLog, *, contracts: bool = True, ends: Collection[str] = ()
    ) -> None:
        self._log, self._contracts, self._ends = log, contracts, ends
        self._lives = Lives()
        self._ended: set[str] = set()  # correlations whose last event is one of ends
        self._now_ns: int | None = None

    def take_in(self, event: Event) -> Iterator[Flaw]:
        if event.time_ns is not None:
            self._now_ns = max(event.time_ns, self._now_ns or event.time_ns)
        if not event.stream.startswith("$"):
            if self._ends:
                note = self._ended.add if event.type in self._ends else self._ended.discard
                note(event.correlation_id or event.stream)
            return
        ended = list(self._lives.take_in(event))
        if event.type == "sequence.timed_out" and is_decision(event):
            yield _gave_up(event, [one.life for one in ended])
        elif is_decision(event):
            yield from self._decided(event)

    def finish(self, last: Event | None) -> Iterator[Flaw]:
        for life in self._lives.open.values() if last else ():
            if life.kind == "action":
                if life.status in _PENDING:
                    yield self._unanswered(life)
            elif life.kind == "sequence":
                if life.correlation in self._ended:
                    continue
                detail = f"{_run(life)} it {_progress(life.about, 'still waits')}"
                yield _flaw(life, "incomplete sequence", detail)
            else:
                detail = f"{_run(life)} is {life.about.get('status')} at step {_step(life.about)}"
                yield _flaw(life, "unfinished saga", detail)

    def _decided(self, event: Event) -> Iterator[Flaw]:
        where = f"in correlation {event.correlation_id}"
        for id, about in event.data.items():
            if not isinstance(about, dict):
                continue
            match event.type:
                case "action.timed_out":
                    detail = f"{_asked(about)} was not answered in time, {where}"
                    yield _at(event, "timeout", detail)
                case "saga.compensation_failed":
                    detail = f"step {_step(about)} {where} could not be undone: {_reason(about)}"
                    yield _at(event, "compensation failed", detail)
                case "action.dead_lettered":
                    detail = f"{about.get('action')} {where} was given up: {_reason(about)}"
                    yield _at(event, "dead letter", detail)
                case "event.dead_lettered":
                    yield from self._refused(event, id, about)

    def _refused(self, event: Event, id: str, about: dict[str, Any]) -> Iterator[Flaw]:
        """An event was refused: the flaw is where it stands, not where that was decided."""
        refused = [e for e in self._log.find(id) if e.position < event.position]
        position = refused[-1].position if refused else event.position
        of = refused[-1].type if refused else id
        errors = about.get("errors")
        if not isinstance(errors, list):
            yield Flaw(
                rule=rule_of(event),
                kind="dead letter",
                position=position,
                detail=f"{of} was refused: {_reason(about)}",
            )
        elif self._contracts:
            yield Flaw(rule=of, kind="contract", position=position, detail=violation(errors))

    def _unanswered(self, life: Life) -> Flaw:
        due, certainty = _due(life.about), "certain"
        if life.status == "retried":
            why = "was to be tried again, and never was"
        elif due is None:
            why = "has no answer, and no timeout that would tell"
        elif self._now_ns is not None and due <= self._now_ns:
            why = f"has no answer, due at {format_time(due)}, and nobody noticed"
        else:
            why, certainty = f"has no answer yet: it is due at {format_time(due)}", "possible"
        begun = "; the agent began it" if life.status == "started" else ""
        detail = f"{_asked(life.about)}, {_run(life)} {why}{begun}"
        return _flaw(life, "unanswered request", detail, certainty)


def violation(errors: Sequence[object]) -> str:
    """Return every error of a violated contract with its path, on one line."""
    return "; ".join(
        f"{e.get('path') or '/'}: {e.get('error')}" for e in errors if isinstance(e, dict)
    )


def _flaw(life: Life, kind: str, detail: str, certainty: Any = "certain") -> Flaw:
    known: Certainty = certainty
    return Flaw(rule=life.rule, kind=kind, position=life.position, detail=detail, certainty=known)


def _at(event: Event, kind: str, detail: str) -> Flaw:
    return Flaw(rule=rule_of(event), kind=kind, position=event.position, detail=detail)


def _gave_up(event: Event, lives: Sequence[Life]) -> Flaw:
    how_far = "".join(
        f"; it {_progress(life.about, 'waited in vain')}" for life in lives if life.about
    )
    detail = f"gave up in correlation {event.correlation_id}{how_far}"
    return _at(event, "sequence timed out", detail)


def _due(about: dict[str, Any]) -> int | None:
    due = about.get("deadline_ns")
    return due if isinstance(due, int) and abs(due) < 2**63 else None


def _step(about: dict[str, Any]) -> int | str:
    step = about.get("step")
    return step + 1 if isinstance(step, int) else "?"


def _run(life: Life) -> str:
    return f"in correlation {life.correlation}"


def _asked(about: dict[str, Any]) -> str:
    agent = f" of {about['agent']}" if about.get("agent") else ""
    return f"{about.get('action')}{agent}, attempt {about.get('attempt')}"


def _reason(about: dict[str, Any]) -> str:
    return str(about.get("reason") or "no reason was given")


def _progress(about: dict[str, Any], waits: str) -> str:
    if "done" in about:
        return f"came to event {about['done']} of {about.get('of')}"
    missing = [type for type, come in about.items() if not come]
    return f"{waits} for {', '.join(missing)}"
