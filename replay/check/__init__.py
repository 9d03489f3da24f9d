"""
Checking a log: what went wrong in it without anybody saying so.

One pass over the log. With a choreography its rules are held against the events; without one
the log is checked by itself and by the decisions in it.
"""

from __future__ import annotations

from collections.abc import Callable

from laban.replay.builder import CancelledError, Progress
from laban.replay.choreography import Choreography
from laban.replay.choreography.engine import unreadable
from laban.store.event import Event
from laban.store.log import EventLog

from .chains import Chains
from .endings import Endings
from .flaw import SEVERITY, Certainty, Check, Flaw, ranked
from .races import Races
from .rules import Rules, handled

__all__ = ["SEVERITY", "Certainty", "Flaw", "check"]

POLL = 1_000  # events between two looks at *cancelled*


def check(
    log: EventLog,
    choreography: Choreography | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Flaw]:
    """
    Return what is wrong in *log*, the worst first.

    Raises ChoreographyError, and CancelledError when *cancelled* returns True.
    """
    plan = choreography.plan if choreography else None
    checks: list[Check] = [
        Races(log, plan.reducers if plan else {}),
        Endings(log, contracts=plan is None),
        Chains(log, None if plan is None else handled(plan)),
        *([Rules(plan)] if plan else []),
    ]
    flaws: list[Flaw] = []
    head, last = log.head(), None
    for event in log.read(1, head):
        if unreadable(event) is None:  # the engine makes dead letters of the others
            for one in checks:
                flaws.extend(one.take_in(event))
        last = event
        if event.position % POLL == 0:
            _report(event, head, progress, cancelled)
    for one in checks:
        flaws.extend(one.finish(last))
    return ranked(flaws)


def _report(
    event: Event, head: int, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> None:
    if cancelled is not None and cancelled():
        raise CancelledError(f"Cancelled after {event.position:,} of {head:,} events.")
    if progress is not None:
        progress(event.position, head)
