"""Stand-ins: what answers an action whose inputs are not the recorded ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from laban.replay.choreography import Choreography
from laban.replay.choreography.agent import AgentFunction
from laban.replay.pointer import MISSING, same
from laban.store.clock import SECOND
from laban.store.errors import LabanError, did_you_mean
from laban.store.event import Event
from laban.store.jsontext import JsonObject, to_json

from .inputs import Input, Key, absolute, fields_of, relative
from .record import Attempted, Record

TOLD = 3  # changed inputs
LONGEST = 40  # characters of a value
CHOICES = "nearest, constant=FILE, agents or fail"


class StandInError(LabanError):
    """A stand-in that cannot answer."""


class StandInNeededError(StandInError):
    """An action has other inputs than the recorded ones, and nobody was named to answer."""


class Publish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that an answer publishes."""

    type: str
    data: Mapping[str, Any] = {}
    stream: str | None = None  # None: that of the action's event


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent would have said."""

    publish: list[Publish] = []
    output: Mapping[str, Any] = {}
    fails: str | None = None  # the reason
    seconds: float = 0.0  # that it takes
    tokens: int = 0
    cost: float = 0.0
    reads: list[str] = []  # pointers that it looked at
    said_by: str = ""  # for `metadata.stand_in`; "" is the name of the stand-in


class Asked(Struct, frozen=True, kw_only=True):
    """An action that needs an answer."""

    action: str
    capability: str
    agent: str
    attempt: int
    correlation: str
    event: Event  # that it is about, as it is in the fork
    recorded: Attempted | None  # what the log has for it, with other inputs
    changed: list[Input]  # those that are other ones
    read: Callable[[str], Any]  # a value of the fork's state now


StandIn = Callable[[Asked], Answer | AgentFunction | None]  # None: it has no answer


def fail(asked: Asked) -> Answer:
    """Let the action fail."""
    reason = "nobody stood in" if asked.recorded is None else "its inputs are other ones"
    return Answer(fails=reason, said_by="fail")


def constant(answers: Mapping[str, Answer]) -> StandIn:
    """Return a stand-in that gives, for an action, always the same answer."""

    def answer(asked: Asked) -> Answer:
        if asked.action not in answers:
            known = f" It answers {', '.join(answers) or 'nothing'}."
            near = did_you_mean(asked.action, answers, known)
            raise StandInError(f"The constant stand-in has no answer to {asked.action!r}.{near}")
        return answers[asked.action]

    answer.__name__ = "constant"
    return answer


def read_answers(text: str) -> dict[str, Answer]:
    """Return the answers by action that JSON *text* holds. Raises StandInError."""
    try:
        return msgspec.json.decode(text, type=dict[str, Answer])
    except (msgspec.DecodeError, RecursionError) as error:
        raise StandInError(
            f"The answers cannot be read, {str(error).lower()}: write "
            '{"ACTION": {"publish": [{"type": …, "data": {…}}], "output": {…}, "seconds": 1}}.'
        ) from None


def own_agents(choreography: Choreography) -> StandIn:
    """Return a stand-in that lets the choreography's own agents work."""

    def answer(asked: Asked) -> AgentFunction:
        function = choreography.agents.get(asked.capability)
        if function is None:
            raise StandInError(
                f"No function carries out {asked.capability!r}, which {asked.action!r} is asked "
                f"of: register one with @choreography.agent, or choose {CHOICES}."
            )
        return function

    return answer


class Nearest:
    """
    Gives the recorded answer to the most similar request for the same action.

    What counts, in this order: how many of the changed inputs it shares, whether it was in the
    same correlation, how many inputs it shares in all; then the earliest.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._candidates: dict[str, list[Attempted]] | None = None
        self._fields: dict[tuple[str, int], dict[Key, Any]] = {}

    def __call__(self, asked: Asked) -> Answer | None:
        """Return the answer, None when nobody ever gave one to this action."""
        changed = {each.key(asked.event) for each in asked.changed}
        now = fields_of(asked.event, {})
        best, best_rank = None, (-1, False, -1)
        for candidate in self._by_action().get(asked.action, ()):
            shared = {
                key for key, was in self._inputs(candidate).items() if _is(was, key, now, asked)
            }
            same_correlation = candidate.correlation == asked.correlation
            rank = (len(changed & shared), same_correlation, len(shared))
            if rank > best_rank:
                best, best_rank = candidate, rank
        return None if best is None else self._answer(best, asked)

    def _by_action(self) -> dict[str, list[Attempted]]:
        if self._candidates is None:
            self._candidates = {}
            for attempt in self._record.attempts.values():
                if attempt.answer and attempt.event and not attempt.is_cut:
                    self._candidates.setdefault(attempt.action, []).append(attempt)
        return self._candidates

    def _inputs(self, candidate: Attempted) -> dict[Key, Any]:
        key = (candidate.id, candidate.number)
        if key not in self._fields:
            event = self._record.log.get(candidate.event)
            self._fields[key] = fields_of(event, candidate.values)
        return self._fields[key]

    def _answer(self, candidate: Attempted, asked: Asked) -> Answer:
        """Return what was answered then, moved into the stream that is asked about."""
        log = self._record.log
        own = log.get(candidate.event)
        answer = log.get(candidate.answer)
        about = answer.data[candidate.id]
        said = [log.get(place) for place in candidate.events if candidate.begun < place]
        reads = (absolute(relative(pointer, own), asked.event) for pointer in candidate.reads)
        return Answer(
            publish=[
                Publish(
                    type=event.type,
                    data=event.data,
                    stream=None if event.stream == own.stream else event.stream,
                )
                for event in said
                if event.position < candidate.answer and not event.stream.startswith("$")
            ],
            output=about.get("output") or {},
            fails=str(about.get("reason") or "failed") if candidate.failed else None,
            seconds=self._record.elapsed(candidate.asked, candidate.answer) / SECOND,
            tokens=_number(answer.metadata, "tokens"),
            cost=_number(answer.metadata, "cost"),
            reads=list(reads),
            said_by=f"nearest @{candidate.answer}",
        )


def _is(recorded: Any, key: Key, now: dict[Key, Any], asked: Asked) -> bool:
    """Tell whether an input that was *recorded* is the same in what is asked now."""
    kind, name = key
    if kind == "read" and key not in now:
        now[key] = asked.read(absolute(name, asked.event))
    return same(recorded, now.get(key, MISSING))


def _number(metadata: JsonObject, name: str) -> Any:
    value = metadata.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def unanswered(asked: Asked, name: str) -> StandInError:
    """Return the error for an action that nobody answers; *name* is the stand-in that did not."""
    old, told = asked.recorded, _told(asked.changed)
    who = f"{asked.action!r} ({asked.capability}, in {asked.correlation})"
    if name:
        return StandInError(
            f"{who} has no answer by the stand-in {name!r}: nobody ever answered it. Choose "
            f"{CHOICES}."
        )
    if old is None:
        what = "is asked for, and was not when the log was recorded"
    elif told:
        what = f"has other inputs now: {told}"
    else:
        what = "was answered when it was too late, so the log does not tell what it would publish"
    where = f"@{old.asked} " if old is not None else ""
    return StandInNeededError(f"{where}{who} {what}. Choose --stand-in {CHOICES}.")


def _told(changed: Sequence[Input]) -> str:
    """Return what is different, in a few words."""
    told = [f"{c.pointer} {_short(c.now)}, recorded {_short(c.recorded)}" for c in changed[:TOLD]]
    more = f", and {len(changed) - TOLD} more" if len(changed) > TOLD else ""
    return "; ".join(told) + more


def _short(value: Any) -> str:
    text = "nothing" if value is MISSING else to_json(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
