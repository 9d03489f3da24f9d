"""
Why something was not observed: worked backwards from what leads to it elsewhere.

What leads to an event type is learned from the log: which rule's request it followed where there
is one; where there is none, from who may publish it by the choreography's authorisations.
Then each of these rules is looked up in the correlation: it fired, and the request came to
something else or to nothing; what it waits for came, and its condition was not met; or that
did not come either, and the same is asked of it.

"Not observed" is all that is said: what no event records may still have happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from laban.replay.builder import Progress
from laban.replay.pointer import BadPointerError, format_pointer, parse_pointer
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, did_you_mean

from .answer import Absence, Absent, Found, Kind, Way, leaves
from .facts import Facts, UnknownCorrelationError

if TYPE_CHECKING:
    from laban.replay.choreography.plan import Plan

__all__ = [
    "Absence",
    "Absent",
    "Found",
    "Kind",
    "UnknownCorrelationError",
    "UnknownTypeError",
    "Way",
    "absence",
    "leaves",
]

STREAMS = 1_000  # that are looked at for what writes a field


class UnknownTypeError(LabanError):
    """No event of the log has this type, and no rule names it."""


def absence(
    timeline: Timeline,
    what: str,
    correlation: str | None,
    at: int,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Absence:
    """
    Explain why *what*, an event type or a pointer, was not observed up to *at*.

    *correlation* is one, or a stream of it; for a pointer it may be left out: it is that of the
    stream. Conditions are known when the timeline was opened with a choreography. Raises
    UnknownCorrelationError, UnknownTypeError and CancelledError.
    """
    from .judging import Judge
    from .looking import Looker

    tokens = parse_pointer(what) if what.startswith("/") else ()
    if tokens and len(tokens) < 2:
        raise BadPointerError(f"{what!r} is a whole stream: name a field, as in '{what}/status'.")
    facts = Facts(timeline, correlation or _named(tokens), at)
    types = _writers(timeline, tokens, at) if tokens else [what]
    if not tokens:
        _check_known(timeline, what)
    observed = _observed(timeline, facts, tokens, types, at)
    plan = timeline.plan
    judge = None if plan is None else Judge(plan, facts, progress, cancelled)
    looker = Looker(facts, plan, judge)
    absent = [] if observed is not None else [looker.explain(type) for type in types]
    stood = [(way, found) for one in absent for way, found in leaves(one)]
    decisive = max(stood, key=lambda pair: pair[1].since, default=(None, None))
    last = facts.last
    return Absence(
        pointer=what if tokens else None,
        types=types,
        correlation=facts.correlation,
        at=at,
        observed=observed,
        events=len(facts.events),
        last=None if last is None else last.position,
        absent=absent,
        decisive_way=decisive[0],
        decisive=decisive[1],
    )


def _named(tokens: tuple[str, ...]) -> str:
    if not tokens:
        raise UnknownCorrelationError(
            "In which correlation? Name one, or a stream of it, with --correlation."
        )
    return tokens[0]


def _observed(
    timeline: Timeline, facts: Facts, tokens: tuple[str, ...], types: list[str], at: int
) -> int | None:
    if tokens:
        write = timeline.last_write(format_pointer(tokens), at)
        return None if write is None else write.position
    found = facts.by_type.get(types[0])
    return found[-1].position if found else None


def _writers(timeline: Timeline, tokens: tuple[str, ...], at: int) -> list[str]:
    """Return the types of the events that write the field in other streams, the first ones."""
    types: dict[str, None] = {}
    for stream in timeline.streams(at, 0, STREAMS):
        position = timeline.last_write_of(stream, tokens[1], at)
        if position is not None and not stream.startswith("$"):
            types[timeline.log.get(position).type] = None
    if not types:
        raise UnknownTypeError(f"No event writes a field {tokens[1]!r} in the first {STREAMS:,} "
                               "streams: what leads to it cannot be learned here.")  # fmt: skip
    return list(types)


def _check_known(timeline: Timeline, type: str) -> None:
    """Raise UnknownTypeError for a type that neither the log nor the rules name."""
    rows = timeline.index.all("SELECT name FROM labels WHERE kind = 'type'")
    known = {name for (name,) in rows} | _declared(timeline.plan)
    if type not in known:
        near = did_you_mean(type, known, " `laban stats LOG` lists the types.")
        raise UnknownTypeError(f"No event has the type {type!r}.{near}")


def _declared(plan: Plan | None) -> set[str]:
    if plan is None:
        return set()
    groups = (plan.patterns, plan.sequences, plan.temporal, plan.thresholds, plan.transitions,
              plan.sagas, plan.validators)  # fmt: skip
    return set().union(*groups, *plan.authorised.values())
