"""
What if: a log with an edit at one position, as a new log. The original never changes.

    answer = fork(log, 266, [Set("/data/rating", '"medium"')], into=SqliteLog.create("new.laban"))

With the choreography, what follows is decided anew; agents answer as recorded while their
inputs are, and a stand-in answers for them where they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from laban.replay.builder import CancelledError, Progress
from laban.replay.choreography import Choreography
from laban.store.collector import collector_paused
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.log import EventLog

from .answering import (
    CHOICES,
    Answer,
    Asked,
    Nearest,
    Publish,
    StandIn,
    StandInError,
    StandInNeededError,
    constant,
    fail,
    own_agents,
    read_answers,
)
from .copying import copied
from .draft import Draft
from .edits import Change, Drop, Edit, ForkError, Insert, Move, Set, checked
from .inputs import Input
from .record import Attempted, Record
from .rerun import Rerun
from .tally import Tally

__all__ = [
    "CHOICES",
    "Answer",
    "Asked",
    "Attempted",
    "Drop",
    "Edit",
    "ForkError",
    "Forked",
    "Input",
    "Insert",
    "Move",
    "Publish",
    "Set",
    "StandIn",
    "StandInError",
    "StandInNeededError",
    "constant",
    "fail",
    "fork",
    "read_answers",
]

POLL = 1000  # events between two looks at *cancelled*


class Origin(Struct, frozen=True):
    """What a log was forked from."""

    identity: str
    position: int
    head: int


class Forked(Struct, frozen=True, kw_only=True):
    """What a fork has in common with its original."""

    forked_from: Origin
    edits: list[dict[str, object]]
    fingerprint: str | None  # of the choreography; None: nothing reacted
    same_rules: bool | None  # whether the given rules are those that recorded the log
    events: int
    same: int  # as recorded, where they were recorded
    new: int  # all others of the fork
    gone: int  # of the original, that are not so in the fork
    decisions_new: int
    decisions_gone: int
    fell_away: int  # events with a recorded cause that does not happen
    first: Event | None  # the first consequence; positions are those of the fork
    used: int  # attempts with their recorded results
    stood_in: dict[str, int]  # attempts answered by stand-ins, by name
    unneeded: int  # recorded answers that nobody asked for, or to other inputs


def fork(
    log: EventLog,
    at: int,
    edits: Sequence[Edit],
    into: EventLog,
    *,
    choreography: Choreography | None = None,
    stand_in: StandIn | str | None = None,  # or "nearest", "agents", "fail"
    with_effects: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Forked:
    """
    Fill *into*, an empty log, with what *log* would hold after *edits* at position *at*.

    Without a choreography nothing reacts: the other events are copied, without those that a
    dropped event led to if *with_effects*. With one, the whole log is made anew by its rules.
    What an agent said is taken from *log* while it is asked the same: action, event data, and
    the values that it had read; else *stand_in* answers. Without one StandInNeededError is
    raised. Raises ForkError for an edit that makes no sense, and CancelledError.
    """
    change = checked(log, at, edits)
    head = log.head()
    steps = 1 if choreography is None else 2

    def report(position: int) -> None:
        if position % POLL == 0:
            if progress is not None:
                progress((steps - 1) * head + position, steps * head)
            if cancelled is not None and cancelled():
                raise CancelledError("The fork was cancelled; nothing was made.")

    record = None
    with collector_paused():
        if choreography is None:
            draft = Draft(into, head)
            tally = copied(log, change, draft, with_effects=with_effects, report=report)
        else:
            record = Record(log, choreography)
            record.take_in(progress, cancelled)
            draft = Draft(into, head, choreography.reducers)
            chosen, name = _chosen(stand_in, record, choreography)
            rerun = Rerun(record, change, draft, chosen, name)
            rerun.run(report)
            tally = rerun.tally
    return _described(log, into, change, tally, record)


def _chosen(
    stand_in: StandIn | str | None, record: Record, choreography: Choreography
) -> tuple[StandIn | None, str]:
    match stand_in:
        case None:
            return None, ""
        case "nearest":
            return Nearest(record), "nearest"
        case "agents":
            return own_agents(choreography), "agents"
        case "fail":
            return fail, "fail"
        case str():
            raise ForkError(f"There is no stand-in {stand_in!r}: choose {CHOICES}.")
    return stand_in, getattr(stand_in, "__name__", "given").replace("<lambda>", "given")


def _described(
    log: EventLog, into: EventLog, change: Change, tally: Tally, record: Record | None
) -> Forked:
    """Keep with the new log what it was forked from, and return what was done."""
    origin = Origin(log.identity, change.at, log.head())
    plan = record.choreography.plan if record is not None else None
    into.describe("forked_from", to_json(_fields(origin)))
    into.describe("edits", to_json(change.told))
    if plan is not None:
        rules = {"name": plan.name, "fingerprint": plan.fingerprint}
        into.describe("choreography", to_json(rules))
    attempts = record.attempts.values() if record is not None else ()
    unneeded = sum(1 for a in attempts if a.answer and a.state in ("open", "replaced"))
    return Forked(
        forked_from=origin,
        edits=change.told,
        fingerprint=plan.fingerprint if plan is not None else None,
        same_rules=record.same_rules if record is not None else None,
        events=tally.same + tally.new,
        same=tally.same,
        new=tally.new,
        gone=log.head() - tally.same,
        decisions_new=tally.new_decisions,
        decisions_gone=len(record.decisions) - tally.same_decisions if record is not None else 0,
        fell_away=tally.fell_away,
        first=tally.first,
        used=len(tally.used),
        stood_in=dict(tally.stood_in),
        unneeded=unneeded,
    )


def _fields(origin: Origin) -> dict[str, object]:
    return {name: getattr(origin, name) for name in origin.__struct_fields__}
