"""What a condition sees while the engine runs: the past up to the event, and no further."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from laban.replay.expression import Undefined
from laban.replay.reducer import reduce
from laban.replay.scope import EVENT_NAMES, RECENT
from laban.store.event import Event, envelope
from laban.store.jsontext import JsonObject

from .memory import KEPT, Latest
from .plan import Plan, ReducerFunction, State

DEEPEST = 100  # objects and lists within one another
MOST_BITS = 13_287  # of a whole number: 4,000 digits
_PLAIN = frozenset((str, bool, type(None)))
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")

Past = deque[dict[str, Any]]  # envelopes, the newest last


class ReducerFailed(Exception):
    """A reducer could not take in an event; the text says why."""


class History:
    """What conditions may look back on, kept only as far as some condition does."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.state: dict[str, State] = {}
        self.before: tuple[str, State | None] = ("", None)  # the stream and its state before
        self.recent: Past = deque(maxlen=RECENT)
        self.correlated = Latest[str, Past](KEPT)
        self.by_source: dict[str, int] = defaultdict(int)
        self.count = 0

    def take_in(self, event: Event, correlation: str) -> None:
        """
        Add *event* to what there is to look back on, and fold it into the state.

        Raises ReducerFailed, and then nothing was added.
        """
        if self._plan.keeps_state:
            self._reduce(event)
        names = self._plan.names
        self.count += 1
        if "source_event_count" in names:
            self.by_source[event.source] += 1
        if "recent_events" in names:
            self.recent.append(envelope(event))
        if "correlated_events" in names:
            past = self.correlated.get(correlation) or deque(maxlen=RECENT)
            past.append(envelope(event))
            self.correlated[correlation] = past

    def _reduce(self, event: Event) -> None:
        old = self.state.get(event.stream)
        reducer: ReducerFunction = self._plan.reducers.get(event.type, reduce)
        new = reduced(reducer, {} if old is None else old, event)
        self.before = (event.stream, old)
        self.state[event.stream] = new


def reduced(reducer: ReducerFunction, state: State, event: Event) -> State:
    """
    Return what *reducer* makes of *state*. Raises ReducerFailed.

    A declared one gets copies and its answer is copied: nothing that it changes in place, now
    or later, changes what was. It sees the fields by name: their order tells it nothing.
    """
    if reducer is reduce:
        return _answer(reducer, state, event)
    own = replace(event, data=JsonObject(event.data.text), metadata=JsonObject(event.metadata.text))
    return _copied(_answer(reducer, _copied(dict(sorted(state.items()))), own))  # type: ignore[no-any-return]


def _answer(reducer: ReducerFunction, state: State, event: Event) -> State:
    try:
        new = reducer(state, event)
    except Exception as error:
        said = _ADDRESS.sub("0x…", f"{type(error).__name__}: {error}")  # of this run alone
        raise ReducerFailed(said.encode(errors="backslashreplace").decode()) from error
    if not isinstance(new, dict):
        raise ReducerFailed(f"it returned {type(new).__name__}, not a dict")
    return new


def _copied(value: Any, depth: int = 0) -> Any:
    """Return a copy of a JSON value. Raises ReducerFailed for anything else."""
    if depth > DEEPEST:
        raise ReducerFailed(f"it returned more than {DEEPEST} levels")
    if type(value) in _PLAIN:  # most are; what follows takes longer
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ReducerFailed("it returned an object with a key that is no text")
        return {key: _copied(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(inner, depth + 1) for inner in value]
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ReducerFailed("it returned a number of more than 4,000 digits")
    if value is None or (isinstance(value, (str, bool, int, float)) and value == value):
        return value
    raise ReducerFailed(f"it returned a {type(value).__name__}, which is not JSON")


class EngineScope(Mapping[str, Any]):
    """The names of the expression language at the event that the engine is at."""

    def __init__(self, history: History, event: Event, correlation: str) -> None:
        self._history, self._event, self._correlation = history, event, correlation

    def __getitem__(self, name: str) -> Any:
        history = self._history
        match name:
            case "data":
                return self._event.data.parsed
            case "state":
                return history.state
            case "before":
                return _Before(history)
            case "event_count":
                return history.count
            case "source_event_count":
                return history.by_source[self._event.source]
            case "recent_events":
                return list(history.recent)
            case "correlated_events":
                return list(history.correlated[self._correlation])
            case _ if name in EVENT_NAMES:
                return EVENT_NAMES[name](self._event)
        raise Undefined(f"no name {name!r}")

    def __iter__(self) -> Iterator[str]:
        return iter(EVENT_NAMES)

    def __len__(self) -> int:
        return len(EVENT_NAMES)


class ScopeBefore(Mapping[str, Any]):
    """The same names with the state as it was before the event, and nothing before that."""

    def __init__(self, scope: EngineScope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        if name == "before":
            raise Undefined("no name 'before' before the event")
        return self._scope["before" if name == "state" else name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope)

    def __len__(self) -> int:
        return len(self._scope)


class _Before(Mapping[str, Any]):
    """The state before the event: that of one stream is the only one that differs."""

    def __init__(self, history: History) -> None:
        self._history = history

    def __getitem__(self, stream: str) -> Any:
        changed, old = self._history.before
        if stream != changed:
            return self._history.state[stream]
        if old is None:
            raise KeyError(stream)
        return old

    def __iter__(self) -> Iterator[str]:
        changed, old = self._history.before
        return (s for s in self._history.state if s != changed or old is not None)

    def __len__(self) -> int:
        changed, old = self._history.before
        return len(self._history.state) - (old is None and changed in self._history.state)
