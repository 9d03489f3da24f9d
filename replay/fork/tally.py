"""What a fork has in common with its original, counted while it is made."""

from __future__ import annotations

from collections import Counter

from laban.replay.choreography.decisions import is_decision
from laban.store.event import Event, NewEvent


class Tally:
    """Counts events and answers."""

    def __init__(self) -> None:
        self.same = self.same_decisions = 0  # at their recorded place, as recorded
        self.new = self.new_decisions = 0  # all others
        self.fell_away = 0  # from outside, with a recorded cause that does not happen
        self.used: set[tuple[str, int]] = set()  # attempts whose recorded results are used
        self.stood_in: Counter[str] = Counter()
        self.first: Event | None = None  # that is not as recorded, edits aside

    def event(self, event: Event, *, same: bool, edited: bool = False) -> None:
        """Take in an event of the fork."""
        decision = is_decision(event)
        if same:
            self.same += 1
            self.same_decisions += decision
            return
        self.new += 1
        self.new_decisions += decision
        if self.first is None and not edited:
            self.first = event


def alike(a: NewEvent, b: NewEvent) -> bool:
    """Tell whether two events say the same."""
    return (
        (a.id, a.stream, a.type, a.source, a.time_ns, a.correlation_id, a.causation_id)
        == (b.id, b.stream, b.type, b.source, b.time_ns, b.correlation_id, b.causation_id)
        and (a.data.text == b.data.text or a.data == b.data)
        and (a.metadata.text == b.metadata.text or a.metadata == b.metadata)
    )
