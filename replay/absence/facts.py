"""What a log holds of one business transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct, field

from laban.replay.explain.origin import ACTIONS, Origin, is_decision, origin_of, setter_of
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, did_you_mean
from laban.store.event import Event

DEAD_LETTERS = "$dead_letters"


class UnknownCorrelationError(LabanError):
    """No event has this correlation."""


class Request(Struct):
    """An action that a rule asked for, and all that is recorded of it."""

    id: str
    origin: Origin  # the first decision about it
    on: Event | None  # the event that the rule reacted to
    said: list[Event] = field(default_factory=list)  # decisions and answers, in order
    published: list[Event] = field(default_factory=list)  # by whoever was asked


class Facts:
    """The events of one correlation up to a position."""

    def __init__(self, timeline: Timeline, correlation: str, at: int) -> None:
        self.timeline, self.at = timeline, at
        self.correlation, self.events = _events(timeline, correlation, at)
        self.by_type: dict[str, list[Event]] = defaultdict(list)
        self.refused: dict[str, Event] = {}  # by the id of the event: the decision not to react
        self.requests: dict[str, Request] = {}
        self.decided: dict[tuple[str, str], list[Event]] = defaultdict(list)  # by (rule, on)
        self.about: dict[str, list[Event]] = defaultdict(list)  # decisions by rule
        asking: dict[str, Request] = {}  # by the id of the decision that asked
        for event in self.events:
            self._take_in(event, asking)

    @property
    def last(self) -> Event | None:
        """The last event that is neither a decision nor an answer."""
        return next((e for e in reversed(self.events) if not e.stream.startswith("$")), None)

    def _take_in(self, event: Event, asking: dict[str, Request]) -> None:
        if not event.stream.startswith("$"):
            self.by_type[event.type].append(event)
            if request := asking.get(event.causation_id or ""):
                request.published.append(event)
            return
        if is_decision(event):
            self.decided[origin_of(event).rule, event.causation_id or ""].append(event)
            self.about[origin_of(event).rule].append(event)
            if event.type in ("event.dead_lettered", "event.deduplicated"):
                self.refused[event.causation_id or ""] = event
        if event.stream in (ACTIONS, DEAD_LETTERS):
            for id, about in event.data.items():
                if isinstance(about, dict) and event.type.startswith("action."):
                    self._note(id, event, asking)

    def _note(self, id: str, event: Event, asking: dict[str, Request]) -> None:
        if id not in self.requests:
            if not is_decision(event):
                return
            on = self.timeline.cause(event.position)
            while on is not None and (setter := setter_of(self.timeline, on)) is not None:
                on = self.timeline.cause(setter.position)
            self.requests[id] = Request(id, origin_of(event), on)
        self.requests[id].said.append(event)
        if event.type == "action.requested":
            asking[event.id] = self.requests[id]


def _events(timeline: Timeline, name: str, at: int) -> tuple[str, Sequence[Event]]:
    """Return the correlation that *name* means, itself or that of the stream, and its events."""
    log = timeline.log
    events = [event for event in log.correlated(name) if event.position <= at]
    own = [e for e in log.read_stream(name) if e.correlation_id is None and e.position <= at]
    if events or own:
        return name, sorted([*events, *own], key=lambda event: event.position)
    first = next(iter(log.read_stream(name, 0, 0)), None)
    if first is None or first.correlation_id is None:
        near = did_you_mean(name, timeline.similar_streams(name), " `laban log LOG` shows all.")
        raise UnknownCorrelationError(f"No event has the correlation {name!r}.{near}")
    correlation = first.correlation_id
    return correlation, [e for e in log.correlated(correlation) if e.position <= at]
