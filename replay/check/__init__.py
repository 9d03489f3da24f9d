"""
Checking a log: what went wrong in it without anybody saying so.

One pass over a few columns of the log for races, one over all of it for the rest. With a
choreography its rules are held against the events; without one the log is checked by itself
and by the decisions in it.
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
from .flaw import NOTES, SEVERITY, Certainty, Check, Flaw, ranked
from .intake import not_taken_in
from .races import races
from .rules import Rules, conditional, handled

__all__ = ["NOTES", "SEVERITY", "Certainty", "Flaw", "check"]

POLL = 1_000  # events between two looks at *cancelled*


def check(
    log: EventLog,
    choreography: Choreography | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Flaw]:
    """
    Return what is wrong in *log*, the worst first, and what is good to know about it last.

    Raises ChoreographyError, and CancelledError when *cancelled* returns True.
    """
    checks = _without_rules(log) if choreography is None else _with_rules(log, choreography)
    reducers = {} if choreography is None else choreography.plan.reducers
    head, last = log.head(), None

    def half(done: int, _: int) -> None:
        if progress is not None:
            progress(done // 2, head)

    flaws = [*not_taken_in(log), *races(log, reducers, progress=half, cancelled=cancelled)]
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


def _without_rules(log: EventLog) -> list[Check]:
    return [Endings(log), Chains(log, None)]


def _with_rules(log: EventLog, choreography: Choreography) -> list[Check]:
    plan, ends = choreography.plan, frozenset(choreography.ended_by)
    return [
        Endings(log, contracts=False, ends=ends),
        Chains(log, handled(plan), conditional(plan)),
        Rules(log, plan, ends),
    ]


def _report(
    event: Event, head: int, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> None:
    if cancelled is not None and cancelled():
        raise CancelledError(f"Cancelled after {event.position:,} of {head:,} events.")
    if progress is not None:
        progress((head + event.position) // 2, head)
