"""What leads to events of a type, learned from where the log has some."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from laban.replay.explain import cause_of
from laban.replay.explain.origin import is_decision, origin_of
from laban.replay.timeline import Timeline
from laban.store.event import Event

SAMPLE = 500  # events of a type that are looked at, the newest ones


class Lead(Struct):
    """One way in which events of a type came about elsewhere."""

    rule: str | None  # None: no rule asked for it
    action: str | None
    capability: str | None
    trigger: str | None  # the type of event that it followed; None: it came from outside
    source: str  # who published it
    seen: int  # how often, among those looked at
    example: int  # the position of the newest


class Learned(Struct, frozen=True):
    """The ways, the most frequent first, and how many events they were learned from."""

    leads: list[Lead]
    events: int


def learn(timeline: Timeline, type: str) -> Learned:
    """Return what led to events of *type* wherever the log has some."""
    leads: dict[tuple[str | None, ...], Lead] = {}
    events = 0
    for event in _newest(timeline, type):
        events += 1
        lead = _lead(timeline, event)
        key = (lead.rule, lead.action) if lead.rule else (None, lead.trigger, lead.source)
        leads.setdefault(key, lead).seen += 1
        if events == SAMPLE:
            break
    return Learned(sorted(leads.values(), key=lambda lead: -lead.seen), events)


def _newest(timeline: Timeline, type: str) -> Iterator[Event]:
    position = timeline.index.previous_marked("type", type, timeline.head + 1)
    while position is not None:
        yield timeline.log.get(position)
        position = timeline.index.previous_marked("type", type, position)


def _lead(timeline: Timeline, event: Event) -> Lead:
    cause = cause_of(timeline, event)
    if cause is not None and is_decision(cause):
        origin = origin_of(cause)
        trigger = _outer(timeline, cause)
        return Lead(
            rule=origin.rule, action=origin.action, capability=origin.capability,
            trigger=trigger, source=event.source, seen=0, example=event.position,
        )  # fmt: skip
    trigger = None if cause is None else cause.type
    return Lead(None, None, None, trigger, event.source, 0, event.position)


def _outer(timeline: Timeline, event: Event) -> str | None:
    """Return the type of the nearest cause that is not the engine's or an agent's answer."""
    seen = set[int]()
    cause = cause_of(timeline, event)
    while cause is not None and cause.stream.startswith("$") and cause.position not in seen:
        seen.add(cause.position)
        cause = cause_of(timeline, cause)
    return None if cause is None else cause.type
