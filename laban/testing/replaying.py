"""What a choreography makes of what a log holds from outside and from agents."""

from __future__ import annotations

from typing import Any

from laban.replay.choreography import Plan
from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine, unreadable
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog

from .frames import clear
from .inputs import AnyChoreography, AnyLog, loaded, opened, plain


@clear
def replayed(log: AnyLog, choreography: AnyChoreography) -> MemoryLog:
    """
    Return the log that *choreography* would have made of the events of *log*.

    Every decision is made again: it stands where it is recorded, or right after its cause.
    Agents do not run: what they answered and published stands while the rules ask for the same
    action. What followed from a request that is not made any more is left out; what is asked
    anew gets no answer.
    """
    plan = loaded(choreography).plan
    with opened(log) as given:
        return rehearsed(given, plan)


def rehearsed(log: EventLog, plan: Plan) -> MemoryLog:
    """Return what `replayed` does, of an open log and a compiled choreography."""
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
            made.append(plain(event))
            for decision in engine.step(made.get(made.head())):
                if decision.id in recorded:
                    due[decision.id] = decision
                else:
                    made.append(decision)
    made.append(*due.values())
    return made


def _asked_for(decision: NewEvent) -> Any:
    """Return what an answer to *decision* answers: an action, whoever is to do it, and when."""
    if decision.type != "action.requested" or unreadable(decision) is not None:
        return None
    return {
        id: [about.get(part) for part in ("action", "capability", "attempt")]
        for id, about in decision.data.items()
        if isinstance(about, dict)
    }
