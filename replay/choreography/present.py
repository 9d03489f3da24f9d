"""The state as it is now, for agents to read."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from laban.replay.pointer import MISSING, look_up, parse_pointer
from laban.replay.reducer import assignments
from laban.store.event import Event
from laban.store.log import EventLog

from .plan import Plan, State


class Present:
    """The state at the head of a log, folded by a plan's reducers as far as somebody looks."""

    def __init__(self, log: EventLog, plan: Plan) -> None:
        self._log, self._reducers = log, plan.reducers
        self._state: dict[str, State] = {}
        self._position = 0

    def read(self, pointer: str) -> tuple[Any, int]:
        """Return a value, None where there is none, and the position that it is as of."""
        for event in self._log.read(self._position + 1):
            self._fold(event)
            self._position = event.position
        value = look_up(self._state, parse_pointer(pointer))
        return None if value is MISSING else deepcopy(value), self._position

    def _fold(self, event: Event) -> None:
        state = self._state.setdefault(event.stream, {})
        if reducer := self._reducers.get(event.type):
            self._state[event.stream] = reducer(state, event)
            return
        for field, text in assignments(event).items():
            if text is None:
                state.pop(field, None)
            else:
                state[field] = event.data[field]
