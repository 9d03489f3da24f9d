"""What a choreography makes of what a log holds from outside and from agents."""

from __future__ import annotations

from laban.replay.rehearsal import rehearsed
from laban.store.memory import MemoryLog

from .frames import clear
from .inputs import AnyChoreography, AnyLog, loaded, opened


@clear
def replayed(log: AnyLog, choreography: AnyChoreography) -> MemoryLog:
    """
    Return the log that *choreography* would have made of the events of *log*.

    Every decision is made again. Agents do not run: what they answered and published stands
    while the rules ask for the same action, and what is asked anew gets no answer.
    """
    plan = loaded(choreography).plan
    with opened(log) as given:
        return rehearsed(given, plan)
