"""
Replay with rules: every decision of a log made again, and compared with the recorded one.

With the choreography that made the log nothing differs. With a changed one, what differs is
what would have been decided otherwise, given the same events from outside and from agents.
A live runtime records which rules it follows, so that the two cases can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Literal

from msgspec import Struct, to_builtins

from laban.store.collector import collector_paused
from laban.store.errors import LabanError
from laban.store.event import Event
from laban.store.log import EventLog

from .choreography import Choreography, Plan
from .choreography.actions import Request
from .choreography.decisions import CIRCUITS, TIMERS, is_decision
from .choreography.engine import Engine, unreadable
from .choreography.plan import State
from .choreography.scope import ReducerFailed, reduced
from .comparison import Comparison, Difference, Mismatch
from .reducer import reduce

KEPT = 100  # mismatches that are told in full, the first ones
WINDOW = 10_000  # causes whose recorded decisions are waited for; for others they are looked up
POLL = 1000  # events between two looks at *cancelled*

Progress = Callable[[int, int], object]
Cancelled = Callable[[], bool]


class RecomputeCancelledError(LabanError):
    """The user ended the work."""


class Recorder(Struct, frozen=True, kw_only=True):
    """The rules that a runtime followed, from a position of the log on."""

    position: int
    choreography: str
    fingerprint: str


class Recomputed(Struct, frozen=True, kw_only=True):
    """How the decisions of a log compare with those that a choreography makes of its events."""

    rules: Literal["same", "other", "unknown"]  # beside those that recorded the log
    fingerprint: str  # of the rules that were given
    recorded_by: list[Recorder]  # one for each change of the rules, in order of position
    events: int
    decisions: int  # recorded ones
    mismatches: list[Mismatch]  # the first KEPT
    mismatched: int  # all of them
    correlations: int  # with a mismatch
    all_correlations: int  # with a decision, recorded or recomputed otherwise
    differences: list[Difference]  # all mismatches by sort, the most frequent first
    unfinished: int  # decisions on the last events that were not recorded before the log ended
    unfinished_from: int | None  # position of the first event that they are on


def recompute(
    log: EventLog,
    choreography: Choreography,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    window: int = WINDOW,
) -> Recomputed:
    """
    Fold *log* through a fresh engine and compare its decisions with the recorded ones.

    Decisions are compared one by one for each event that caused some: rule, type, stream,
    data, correlation, time and order. Raises ChoreographyError and RecomputeCancelledError.
    """
    plan, head = choreography.plan, log.head()
    comparison = Comparison(log, head, window=window, keep=KEPT)
    recorders = _compare(plan, comparison, _watched(log, head, progress, cancelled))
    _add_states(log, plan, comparison.mismatches, cancelled)
    return Recomputed(
        rules=_beside(plan.fingerprint, {recorder.fingerprint for recorder in recorders}),
        fingerprint=plan.fingerprint,
        recorded_by=recorders,
        events=head,
        decisions=comparison.decisions,
        mismatches=comparison.mismatches,
        mismatched=comparison.mismatched,
        correlations=comparison.correlations,
        all_correlations=comparison.all_correlations,
        differences=comparison.differences(),
        unfinished=comparison.unfinished,
        unfinished_from=comparison.unfinished_from,
    )


def _compare(plan: Plan, comparison: Comparison, events: Iterable[Event]) -> list[Recorder]:
    """Fold *events* through a fresh engine, and return who recorded them."""
    engine, recorders = Engine(plan), list[Recorder]()
    with collector_paused():
        for event in events:
            if is_decision(event):
                comparison.recorded(event)
                engine.overhear(event)
                continue
            if event.type == "runtime.started" and event.stream == TIMERS:
                _note_recorder(recorders, event)
            if decisions := engine.step(event):
                comparison.recomputed(event, decisions)
    comparison.finish()
    return recorders


def _note_recorder(recorders: list[Recorder], event: Event) -> None:
    """Add the rules that a runtime says it follows, unless they are those of the one before."""
    if unreadable(event) is not None:
        return
    name, fingerprint = (event.metadata.get(key) for key in ("choreography", "fingerprint"))
    if not isinstance(fingerprint, str):
        return
    if not recorders or recorders[-1].fingerprint != fingerprint:
        recorder = Recorder(
            position=event.position, choreography=str(name or ""), fingerprint=fingerprint
        )
        recorders.append(recorder)


def _beside(given: str, recorded: set[str]) -> Literal["same", "other", "unknown"]:
    if not recorded:
        return "unknown"
    return "same" if recorded == {given} else "other"


def _watched(
    log: EventLog, stop: int, progress: Progress | None, cancelled: Cancelled | None
) -> Iterable[Event]:
    for event in log.read(1, stop):
        if event.position % POLL == 1:
            if progress is not None:
                progress(event.position, stop)
            if cancelled is not None and cancelled():
                raise RecomputeCancelledError("The comparison was cancelled.")
        yield event


def _add_states(
    log: EventLog, plan: Plan, mismatches: list[Mismatch], cancelled: Cancelled | None
) -> None:
    """Fold the log once more, up to the last of *mismatches*, and tell each what was known."""
    wanted = {m.cause: [n for n in mismatches if n.cause == m.cause] for m in mismatches}
    last = max((cause for cause in wanted if cause is not None), default=0)
    engine = Engine(plan)
    for event in _watched(log, last, None, cancelled):
        for mismatch in wanted.get(event.position, ()):
            mismatch.state = _concerning(engine, log, event, mismatch)
        engine.overhear(event)
        engine.step(event)


def _concerning(engine: Engine, log: EventLog, cause: Event, mismatch: Mismatch) -> State:
    """Return what *engine*, that has not taken in *cause* yet, knows about its correlation."""
    either = mismatch.expected or mismatch.actual or {}
    correlation = str(either["correlation_id"])
    requests = engine.actions.open.values()
    found: dict[str, Any] = {
        "stream": {cause.stream: _stream_state(engine.plan, log, cause)},
        "requests": [_request(r) for r in requests if r.correlation == correlation],
        "circuits": {
            name: to_builtins(circuit)
            for name, circuit in engine.actions.circuits.items()
            if name in _capabilities(mismatch)
        },
        "sequences": _of(correlation, engine.waiting.sequences),
        "temporal_sequences": _of(correlation, engine.waiting.temporal),
        "sagas": [
            {"saga": key, "status": run.status, "step": run.at}
            for key, run in engine.sagas.runs.items()
            if run.correlation == correlation
        ],
    }
    return {name: part for name, part in found.items() if part}


def _request(request: Request) -> dict[str, Any]:
    return {
        "id": request.id,
        "rule": request.rule,
        "action": request.action,
        "capability": request.capability,
        "attempt": request.attempt,
        "agent": request.agent,
        "sent": request.sent,
    }


def _of(correlation: str, under_way: dict[str, Any]) -> dict[str, Any]:
    return {k: to_builtins(v) for k, v in under_way.items() if k.endswith(f"/{correlation}")}


def _capabilities(mismatch: Mismatch) -> set[object]:
    """Return the capabilities that the two decisions name."""
    found: set[object] = set()
    for decision in (mismatch.expected, mismatch.actual):
        if decision is not None:
            values = decision["data"].values()
            found |= {v["capability"] for v in values if isinstance(v, dict) and "capability" in v}
            if decision["stream"] == CIRCUITS:
                found |= decision["data"].keys()
    return found


def _stream_state(plan: Plan, log: EventLog, cause: Event) -> State:
    """Return the state of the stream of *cause* as conditions saw it, *cause* included."""
    state: State = {}
    for event in log.read_stream(cause.stream, 0, cause.stream_position):
        if unreadable(event) is None:
            with suppress(ReducerFailed):  # the engine says so; the state stays as it was
                state = reduced(plan.reducers.get(event.type, reduce), state, event)
    return state
