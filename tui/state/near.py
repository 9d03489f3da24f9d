"""States of streams, those near the ones looked at last made from them: wide ones take long."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from laban.replay.pointer import MISSING, parse_pointer
from laban.replay.timeline import Timeline

_KEPT = 4  # streams
_NEAR = 64  # events between two states from which one is made from the other …
_FIELDS = 25  # … or one event for so many fields: looking them all up takes as long


class NearStates:
    """The states of a timeline's streams, of which the last few are kept."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._kept: OrderedDict[str, tuple[int, dict[str, Any]]] = OrderedDict()

    def at(self, stream: str, position: int) -> dict[str, Any] | None:
        """Return the state of *stream* at *position*, None before its first event."""
        start, kept = self._kept.pop(stream, (0, None))
        near = kept is not None and abs(position - start) <= max(_NEAR, len(kept) // _FIELDS)
        state = self._moved(stream, kept, start, position) if kept is not None and near else None
        if state is None:
            state = self.timeline.stream_at(stream, position)
        if state is not None:
            self._kept[stream] = (position, state)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return state

    def _moved(
        self, stream: str, state: dict[str, Any], start: int, position: int
    ) -> dict[str, Any] | None:
        """Return *state*, of *start*, as it is at *position*; None where the order is not known."""
        began = self.timeline.start_of(stream)
        if began is None or began > position:
            return None
        state = state.copy()
        for change in self.timeline.diff(start, position):
            name, field = parse_pointer(change.pointer)
            if name != stream:
                continue
            if change.after is MISSING:
                state.pop(field, None)
            elif field in state or self._is_last(field, state):
                state[field] = change.after
            else:
                return None
        return state

    def _is_last(self, field: str, state: dict[str, Any]) -> bool:
        """Tell whether *field* stands after all others: they are in the order of their numbers."""
        number = self.timeline.index.field
        return not state or (number(field) or 0) > (number(next(reversed(state))) or 0)
