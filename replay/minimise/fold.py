"""An expression over some of a log's events, in one pass and without an index."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from laban.replay.choreography import Choreography
from laban.replay.choreography.folding import Folding
from laban.replay.expression import Expression, Undefined
from laban.replay.pointer import MISSING
from laban.replay.reducer import assignments
from laban.replay.scope import EVENT_NAMES, RECENT, STATE_NAMES
from laban.store.event import Event, envelope

from .part import part
from .past import Past

# Names that tell of an event where it stands: it gets another place in a smaller log.
_PLACED = frozenset({"event", "metadata", "position", "recent_events", "correlated_events"})

State = dict[str, dict[str, Any]]


class WhereTest:
    """
    Tells whether an expression is true at any position of a set of events, 0 included.

    It says what `laban bisect` says of a log of these events, at about a million events a
    second. Over the state alone, it is evaluated only where a stream that it read was written.
    It is not evaluated at all for a set that begins as the last one that it was true for did up
    to there, or that is no more than a beginning of that: what comes later changes nothing.
    """

    def __init__(
        self, expression: Expression, past: Past, choreography: Choreography | None = None
    ) -> None:
        """The state is what the reducers of *choreography* make, else the default one does."""
        self._expression, self._past = expression, past
        self._plan = None if choreography is None else choreography.plan
        self._of_state = expression.names <= STATE_NAMES
        self._in_place = expression.names.isdisjoint(_PLACED)
        self._written: dict[int, dict[str, Any]] = {}
        self._led: list[int] = []  # the events up to where it was true first, when it was last

    def __call__(self, kept: Sequence[int]) -> bool:
        """Return whether the expression is true anywhere among the events at *kept*."""
        if self._in_place and self._led:
            if (beginning := list(kept[: len(self._led)])) == self._led:
                return True
            if len(kept) < len(self._led) and beginning == self._led[: len(kept)]:
                return False
        turned = self._turns(kept)
        if turned:
            self._led = list(kept[:turned])
        return turned is not None

    def _turns(self, kept: Sequence[int]) -> int | None:
        """Return after how many of the events it is true first, None when it never is."""
        scope = FoldScope(self._expression.names)
        if self._holds(scope):
            return 0
        written = self._writer()
        for count, (position, event) in enumerate(zip(kept, self._events(kept), strict=True), 1):
            scope.take_in(event, written(position, event))
            if (not self._of_state or scope.is_read(event.stream)) and self._holds(scope):
                return count
        return None

    def _events(self, kept: Sequence[int]) -> Iterator[Event]:
        if self._in_place:
            return (self._past.events[position] for position in kept)
        return part(self._past, kept).read()

    def _writer(self) -> Callable[[int, Event], dict[str, Any]]:
        """Return what tells the writes of one event after another, from the first on."""
        if self._plan is None:
            return self._assigned
        folding = Folding(self._plan, lambda _: {})
        return lambda _, event: _values(folding.written(event))

    def _assigned(self, position: int, event: Event) -> dict[str, Any]:
        found = self._written.get(position)
        if found is None:
            found = self._written[position] = _values(assignments(event))
        return found

    def _holds(self, scope: FoldScope) -> bool:
        scope.forget_reads()
        return self._expression.holds(scope) is True


def _values(texts: Mapping[str, str | None]) -> dict[str, Any]:
    return {f: MISSING if text is None else json.loads(text) for f, text in texts.items()}


class FoldScope(Mapping[str, Any]):
    """The names of the expression language at the event that was taken in last."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names, self._event = names, None  # type: tuple[frozenset[str], Event | None]
        self._count = 0
        self._state: State = {}
        self._before: tuple[str, dict[str, Any] | None] = ("", None)
        self._by_source: dict[str, int] = defaultdict(int)
        self._recent: deque[Event] = deque(maxlen=RECENT)
        self._correlated: dict[str, list[Event]] = defaultdict(list)
        self._streams: set[str] = set()  # that were read
        self._all_streams = False

    def take_in(self, event: Event, written: Mapping[str, Any]) -> None:
        """Go on to the next event, which assigns *written* to fields of its stream."""
        self._event, names = event, self._names
        self._count += 1
        self._assign(event.stream, written)
        if "source_event_count" in names:
            self._by_source[event.source] += 1
        if "recent_events" in names:
            self._recent.append(event)
        if "correlated_events" in names and event.correlation_id is not None:
            self._correlated[event.correlation_id].append(event)

    def _assign(self, stream: str, written: Mapping[str, Any]) -> None:
        fields = self._state.get(stream)
        if "before" in self._names:
            self._before = (stream, fields)
            fields = dict(fields or {})
        elif fields is None:
            fields = {}
        self._state[stream] = fields
        for field, value in written.items():
            if value is MISSING:
                fields.pop(field, None)
            else:
                fields[field] = value

    def is_read(self, stream: str) -> bool:
        """Tell whether what was read may have changed, now that *stream* was written."""
        return self._all_streams or stream in self._streams or "before" in self._names

    def forget_reads(self) -> None:
        """Begin to note anew what is read."""
        self._streams.clear()
        self._all_streams = False

    def __getitem__(self, name: str) -> Any:
        if name == "state":
            return _Streams(self, self._state)
        if name == "before":
            return _Before(self, self._state, *self._before)
        if self._event is None:
            raise Undefined("there is no event at position 0")
        if name in EVENT_NAMES:
            return EVENT_NAMES[name](self._event)
        return self._of_the_past(name, self._event)

    def _of_the_past(self, name: str, event: Event) -> Any:
        match name:
            case "event_count":
                return self._count
            case "source_event_count":
                return self._by_source[event.source]
            case "recent_events":
                return [envelope(each) for each in self._recent]
            case _:
                found = self._correlated.get(event.correlation_id or "", ())
                return [envelope(each) for each in found]

    def __iter__(self) -> Iterator[str]:
        return iter((*STATE_NAMES, *EVENT_NAMES))

    def __len__(self) -> int:
        return len(STATE_NAMES) + len(EVENT_NAMES)

    def note(self, stream: str | None) -> None:
        """Note that *stream* was read, None for all of them."""
        if stream is None:
            self._all_streams = True
        else:
            self._streams.add(stream)


class _Streams(Mapping[str, Any]):
    """The state, stream by stream, noting which ones are looked at."""

    def __init__(self, scope: FoldScope, state: State) -> None:
        self._scope, self._state = scope, state

    def __getitem__(self, stream: str) -> dict[str, Any]:
        self._scope.note(stream)
        return self._state[stream]

    def __iter__(self) -> Iterator[str]:
        self._scope.note(None)
        return iter(self._state)

    def __len__(self) -> int:
        self._scope.note(None)
        return len(self._state)

    def __repr__(self) -> str:
        return repr(dict(self.items()))


class _Before(_Streams):
    """The state before the event: that of one stream is the only one that differs."""

    def __init__(
        self, scope: FoldScope, state: State, changed: str, fields: dict[str, Any] | None
    ) -> None:
        super().__init__(scope, state)
        self._changed, self._fields = changed, fields

    def __getitem__(self, stream: str) -> dict[str, Any]:
        if stream != self._changed:
            return super().__getitem__(stream)
        if self._fields is None:
            raise KeyError(stream)
        return self._fields

    def __iter__(self) -> Iterator[str]:
        absent = self._changed if self._fields is None else None
        return (stream for stream in super().__iter__() if stream != absent)

    def __len__(self) -> int:
        return super().__len__() - (self._fields is None and self._changed in self._state)
