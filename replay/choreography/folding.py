"""The state as a choreography makes it: what each event writes, by its reducer."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from laban.replay.pointer import same
from laban.replay.reducer import assignments
from laban.store.event import Event
from laban.store.jsontext import to_json

from .decisions import OWN_STREAMS, is_decision
from .engine import unreadable
from .entrance import Entrance
from .plan import Plan, ReducerFunction, State
from .scope import ReducerFailed, reduced

KEPT = 10_000  # streams whose state stays in memory

Texts = dict[str, str | None]  # what was assigned to each field, as JSON; None for a removal


class StreamState:
    """The state of a stream. What is assigned to it is parsed when somebody looks."""

    def __init__(self, texts: Mapping[str, str | None] | None = None) -> None:
        self._values: State = {}
        self._texts: Texts = dict(texts or {})  # not yet among the values

    def values(self) -> State:
        """Return the state. Read it, never change it."""
        for field, text in self._texts.items():
            if text is None:
                self._values.pop(field, None)
            else:
                self._values[field] = json.loads(text)
        self._texts.clear()
        return self._values

    def fold(self, event: Event, reducer: ReducerFunction | None) -> Texts:
        """
        Take in *event* and return what it wrote.

        The default reducer, None, writes the fields that it assigns; any other one those that
        are different after it. Raises ReducerFailed, and then the state is as it was.
        """
        if reducer is None:
            written = assignments(event)
            self._texts |= written
            return written
        before = self.values()
        after = reduced(reducer, before, event)
        written = {
            field: to_json(value)
            for field, value in after.items()
            if field not in before or not same(before[field], value)
        }
        written |= {field: None for field in sorted(before) if field not in after}
        self._values = after
        return written


class Refused(Struct, frozen=True):
    """The events that a reducer could not take in."""

    count: int
    position: int  # of the first
    reason: str  # of the first


class Folding:
    """
    Tells what the events of a log write, taken in order of position.

    What the engine does not take in writes nothing: what may not be published, breaks its
    contract, is a duplicate or unreadable, or makes its reducer fail. The engine's own
    streams are as they were recorded. *known* gives what was written to a stream before; of
    streams that `forget` let go it must tell all. Memory: KEPT streams, and those since.
    """

    def __init__(self, plan: Plan, known: Callable[[str], Texts]) -> None:
        self._entrance = Entrance(plan)
        self._reducers, self._known = plan.reducers, known
        self._deduplicates = bool(plan.deduplications)
        self._streams: OrderedDict[str, StreamState] = OrderedDict()
        self.refused: Refused | None = None

    def written(self, event: Event) -> Texts:
        """Return what *event* writes, by field."""
        if not is_decision(event) and self._deduplicates:
            self._entrance.advance(event)
        if event.stream in OWN_STREAMS:
            return assignments(event)
        if is_decision(event) or unreadable(event) is not None:
            return {}
        if self._entrance.refusal(event) is not None or self._entrance.is_duplicate(event):
            return {}
        if not self._reducers:
            return assignments(event)
        try:
            return self._stream(event.stream).fold(event, self._reducers.get(event.type))
        except ReducerFailed as error:
            self._note(event, str(error))
            return {}

    def forget(self) -> None:
        """Let go of the streams that were not written for long: all is known elsewhere."""
        while len(self._streams) > KEPT:
            self._streams.popitem(last=False)

    def memory(self) -> dict[str, str]:
        """Return what has to be kept, beside what was written, to go on from here."""
        refused = self.refused and [self.refused.count, self.refused.position, self.refused.reason]
        return {"entrance": self._entrance.memory(), "refused": json.dumps(refused)}

    def remember(self, memory: Mapping[str, str]) -> None:
        """Go on from what `memory` returned."""
        if "entrance" in memory:
            self._entrance.remember(memory["entrance"])
            self.refused = refused_in(memory)

    def _stream(self, name: str) -> StreamState:
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = StreamState(self._known(name))
        self._streams.move_to_end(name)
        return stream

    def _note(self, event: Event, reason: str) -> None:
        first = self.refused or Refused(0, event.position, reason)
        self.refused = Refused(first.count + 1, first.position, first.reason)


def refused_in(memory: Mapping[str, str]) -> Refused | None:
    """Return the refused events that a memory tells of."""
    told: Any = json.loads(memory.get("refused", "null"))
    return Refused(*told) if told else None
