"""The state as agents read it: folded from the log where somebody looks, and when."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any, Protocol

from laban.replay.choreography.decisions import OWN_STREAMS
from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.folding import StreamState
from laban.replay.choreography.plan import ReducerFunction
from laban.replay.choreography.scope import ReducerFailed
from laban.replay.pointer import MISSING, look_up, parse_pointer
from laban.store.errors import LabanError
from laban.store.event import Event

KEPT = 1_000  # streams whose state stays in memory


class WholeStateError(LabanError):
    """An agent asked for all streams at once."""


class Streams(Protocol):
    """Where streams are read: a log, or a part of one."""

    def read_stream(self, stream: str, start: int = 0) -> Iterator[Event]:
        """Yield a stream's events from stream position *start* on."""
        ...


class _Stream:
    """A stream's state, and where each of its fields was written last."""

    def __init__(self) -> None:
        self.state = StreamState()
        self.written: dict[str, int] = {}  # position by field, removed ones included
        self.last = 0  # position of the last event
        self.next = 0  # stream position to go on from


class Reader:
    """
    Reads the state at the head of a log.

    A stream is folded when it is read first, O(its events), and from there on only what is
    new; of the streams that were not read for long nothing is kept.
    """

    def __init__(self, log: Streams, reducers: Mapping[str, ReducerFunction]) -> None:
        self._log, self._reducers = log, reducers
        self._streams: OrderedDict[str, _Stream] = OrderedDict()

    def read(self, pointer: str) -> tuple[Any, int]:
        """
        Return a value, None where there is none, and the position of the write that made it.

        The position is 0 for what was never written. Raises WholeStateError for "".
        """
        tokens = parse_pointer(pointer)
        if not tokens:
            raise WholeStateError("A read names a stream: /order-17 or /order-17/status.")
        stream = self._caught_up(tokens[0])
        value = look_up(stream.state.values(), tokens[1:]) if stream.last else MISSING
        position = stream.written.get(tokens[1], 0) if len(tokens) > 1 else stream.last
        return None if value is MISSING else deepcopy(value), position

    def _caught_up(self, name: str) -> _Stream:
        stream = self._streams.pop(name, None) or _Stream()
        for event in self._log.read_stream(name, stream.next):
            self._fold(stream, event)
        self._streams[name] = stream
        if len(self._streams) > KEPT:
            self._streams.popitem(last=False)
        return stream

    def _fold(self, stream: _Stream, event: Event) -> None:
        stream.last, stream.next = event.position, event.stream_position + 1
        if unreadable(event) is not None:
            return
        own = event.stream in OWN_STREAMS
        with suppress(ReducerFailed):  # the engine says so; the state stays as it was
            written = stream.state.fold(event, None if own else self._reducers.get(event.type))
            stream.written.update(dict.fromkeys(written, event.position))
