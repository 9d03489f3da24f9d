"""A recorded attempt that is made again, perhaps at another time or under another id."""

from __future__ import annotations

from laban.replay.choreography.actions import Request
from laban.replay.choreography.decisions import ACTIONS, ANSWERS
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject, to_json

from .record import UNTIMED, Attempted, Record


class Again:
    """What was said to a request, said again to one that is the same."""

    def __init__(
        self, record: Record, attempt: Attempted, request: Request, now_ns: int, in_place: bool
    ) -> None:
        self.attempt, self.request, self.in_place = attempt, request, in_place
        self.begun_ns = now_ns
        self.checked = self.mute = False
        self.writes: dict[str, int] = {}  # what was read in place of writes that do not happen
        before = record.clock[attempt.asked]
        self._shift_ns = 0 if in_place or UNTIMED in (before, now_ns) else now_ns - before

    def copy(self, event: NewEvent) -> NewEvent:
        """Return what was said as it is said now."""
        old, new = self.attempt, self.request
        values = {name: getattr(event, name) for name in NewEvent.__struct_fields__}
        if event.source == old.agent:
            values["source"] = new.agent
        if event.causation_id == old.asked_by:
            values["causation_id"] = new.asked_by
        if self._shift_ns and event.time_ns is not None:
            values["time_ns"] = event.time_ns + self._shift_ns
        if old.id != new.id:
            values["correlation_id"] = new.correlation
            if event.id.startswith(old.id):
                values["id"] = new.id + event.id[len(old.id) :]
            if event.stream == ACTIONS and event.type in ANSWERS:
                answers = {new.id if id == old.id else id: v for id, v in event.data.items()}
                values["data"] = JsonObject(to_json(answers))
        return NewEvent(**values)
