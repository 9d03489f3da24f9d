"""Failures that a choreography tells: a decision made otherwise, or a finding of `laban check`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from laban.replay.builder import Progress
from laban.replay.check import Flaw, check
from laban.replay.choreography import Choreography
from laban.replay.comparison import Mismatch
from laban.replay.recompute import Recomputed, recompute
from laban.store.event import Event
from laban.store.log import EventLog

VIOLATIONS = ("contract", "dead letter")  # kinds of findings

Show = Callable[[EventLog], bool | None]


class Failure:
    """
    Something that a log shows, and how to tell whether another log of its events shows it too.

    It is the same when the same rule says the same of the same event: what only looks like it,
    for events are missing that a rule counts, is another one. `focus` are the positions of the
    events that it is about.
    """

    def __init__(self, shown_by: Show, focus: Collection[int], text: str) -> None:
        self.shown_by, self.focus, self.text = shown_by, focus, text


def first_mismatch(
    log: EventLog, choreography: Choreography, *, progress: Progress | None = None
) -> Failure | None:
    """Return the first decision of *log* that *choreography* makes otherwise, None without one."""
    answer = recompute(log, choreography, progress=progress)
    if not answer.mismatches:
        return None
    first = answer.mismatches[0]
    wanted = _decision(first)

    def shown_by(other: EventLog) -> bool | None:
        found = recompute(other, choreography)
        if any(_decision(mismatch) == wanted for mismatch in found.mismatches):
            return True
        return None if _has_more(found) else False

    focus = {first.position, first.cause or first.position}
    either = first.expected or first.actual or {}
    text = f"{first.kind}: {either['type']} of {either['rule']} at @{first.position}"
    return Failure(shown_by, focus, text)


def first_finding(
    log: EventLog,
    kinds: Collection[str],
    choreography: Choreography | None = None,
    *,
    progress: Progress | None = None,
) -> Failure | None:
    """Return the first of the worst findings of one of *kinds*, None without one."""
    flaws = check(log, choreography, progress=progress)
    flaws = [flaw for flaw in flaws if flaw.kind in kinds]
    if not flaws:
        return None
    first = flaws[0]
    wanted = _finding(log, first)

    def shown_by(other: EventLog) -> bool:
        return any(
            _finding(other, flaw) == wanted
            for flaw in check(other, choreography)
            if (flaw.kind, flaw.rule) == (first.kind, first.rule)
        )

    focus = [] if first.position is None else [first.position]
    place = "" if first.position is None else f" at @{first.position}"
    return Failure(shown_by, focus, f"{first.kind}{place}: {first.detail}")


def _decision(mismatch: Mismatch) -> tuple[Any, ...]:
    """Return what makes a mismatch the same one in another log: ids derive from the cause."""
    sides = (mismatch.expected or {}, mismatch.actual or {})
    return mismatch.kind, *((side.get("rule"), side.get("type"), side.get("id")) for side in sides)


def _has_more(answer: Recomputed) -> bool:
    return answer.mismatched > len(answer.mismatches)


def _finding(log: EventLog, flaw: Flaw) -> tuple[Any, ...]:
    event: Event | None = None if flaw.position is None else log.get(flaw.position)
    return flaw.kind, flaw.rule, event and (event.source, event.id)
