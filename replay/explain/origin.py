"""How an event came about: the rule that decided so, and who was asked for what."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from msgspec import Struct

from laban.replay.timeline import Timeline
from laban.store.event import Event

# As in choreography.decisions; that package takes longer to load than most answers take.
ENGINE, CLOCK = "laban", "clock"
ACTIONS, SEQUENCES, TIMERS = "$actions", "$sequences", "$timers"


class Origin(Struct, frozen=True):
    """What a decision says: which rule fired, and what it asked of whom."""

    position: int  # of the decision
    type: str
    rule: str  # its name; of a saga, its id
    action: str | None
    capability: str | None
    agent: str | None
    attempt: int | None
    reason: str | None  # of a decision on a failure


def is_decision(event: Event) -> bool:
    """Tell whether the engine made *event*."""
    return event.source == ENGINE and event.stream.startswith("$")


def origin_of(decision: Event) -> Origin:
    """Return what *decision* says of its rule and its request."""
    about = about_of(decision)
    attempt = about.get("attempt")
    return Origin(
        position=decision.position,
        type=decision.type,
        rule=str(decision.metadata.get("rule", "")).partition("/")[0],
        action=_text(about.get("action")),
        capability=_text(about.get("capability")),
        agent=_text(about.get("agent")),
        attempt=attempt if isinstance(attempt, int) else None,
        reason=_text(about.get("reason")),
    )


def about_of(event: Event) -> dict[str, Any]:
    """Return what an event in a stream of the engine says about the first thing it names."""
    about = next(iter(event.data.values()), None)
    return about if isinstance(about, dict) else {}


def setter_of(timeline: Timeline, event: Event) -> Event | None:
    """
    Return the decision that set the timer which *event* says fired, None for any other event.

    The timer names its subject, a request or a sequence, and the last decision about that
    set it.
    """
    if event.stream != TIMERS or event.source != CLOCK or event.causation_id is not None:
        return None
    kind, _, subject = str(event.metadata.get("timer")).partition(":")
    stream = ACTIONS if kind in ("deadline", "retry") else SEQUENCES
    before = event.position
    while (at := timeline.last_write_of(stream, subject, before - 1)) is not None:
        setter = timeline.log.get(at)
        if is_decision(setter):
            return setter
        before = at
    return None


def reducer_of(timeline: Timeline, event: Event) -> str:
    """Return the name of the reducer that made the state of *event*'s stream."""
    reducer = None if timeline.plan is None else timeline.plan.reducers.get(event.type)
    if reducer is None or event.stream.startswith("$"):
        return "default"
    name, code = getattr(reducer, "__qualname__", event.type), getattr(reducer, "__code__", None)
    if code is None:
        return str(name)
    return f"{name}, line {code.co_firstlineno} of {PurePath(code.co_filename).name}"


def label_of(event: Event) -> str:
    """Return the data of an event as text; of an answer or a decision, what it comes to."""
    if not event.stream.startswith("$"):
        return event.data.text
    about = about_of(event)
    parts = [about.get(key) for key in ("action", "status", "state", "reason")]
    said = ": ".join(part for part in parts if isinstance(part, str))
    timer = event.metadata.get("timer")
    return said or (timer.partition(":")[0] if isinstance(timer, str) else "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
