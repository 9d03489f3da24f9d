"""What other rules would have made of the same events: the log made anew."""

from __future__ import annotations

from typing import Any

from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .choreography import Plan
from .choreography.decisions import is_decision
from .choreography.engine import Engine, unreadable


def rehearsed(log: EventLog, plan: Plan) -> MemoryLog:
    """
    Return the log that *plan* would have made of the events of *log*, in O(its events).

    Every decision is made again: it stands where it is recorded, or right after its cause.
    Agents do not run: what they answered and published stands while the rules ask for the same
    action. What followed from a request that is not made any more is left out; what is asked
    anew gets no answer. With the rules that recorded the log, the same log comes of it.
    """
    engine, made = Engine(plan), MemoryLog()
    recorded = {event.id for event in log.read() if is_decision(event)}
    due: dict[str, NewEvent] = {}  # decisions that have their place further on in the log, by id
    gone: set[str] = set()  # ids of what does not happen, or is not answered by what follows
    for event in log.read():
        if is_decision(event):
            engine.overhear(event)
            decision = due.pop(event.id, None)
            if decision is not None:
                made.append(decision)
            if decision is None or _asked_for(decision) != _asked_for(event):
                gone.add(event.id)
        elif event.causation_id in gone:
            gone.add(event.id)
        else:
            made.append(unplaced(event))
            for decision in engine.step(made.get(made.head())):
                if decision.id in recorded:
                    due[decision.id] = decision
                else:
                    made.append(decision)
    made.append(*due.values())
    return made


def unplaced(event: NewEvent) -> NewEvent:
    """Return *event* without its place in a log."""
    return NewEvent(**{field: getattr(event, field) for field in NewEvent.__struct_fields__})


def _asked_for(decision: NewEvent) -> Any:
    """Return what an answer to *decision* answers: which attempt at what, whoever makes it."""
    if decision.type != "action.requested" or unreadable(decision) is not None:
        return None
    return {
        id: [about.get(part) for part in ("action", "capability", "attempt")]
        for id, about in decision.data.items()
        if isinstance(about, dict)
    }
