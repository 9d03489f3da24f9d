"""The state as reducers make it, and where in it something was written or was so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from laban.replay.choreography import Choreography, Plan
from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import State
from laban.replay.choreography.scope import EngineScope, History, ReducerFailed, reduced
from laban.replay.expression import Expression
from laban.replay.pointer import MISSING, look_up
from laban.replay.reducer import reduce
from laban.replay.timeline import same
from laban.store.event import Event
from laban.store.log import EventLog

NO_RULES = Choreography("none").plan  # the default reducer alone


class Part(Struct, frozen=True):
    """A part of the state at the end of a log."""

    value: Any  # JSON; MISSING where there is none
    written: int | None  # the position of the event that made it so; None: nothing did


def part_at_end(log: EventLog, plan: Plan, tokens: tuple[str, ...]) -> Part:
    """Return the part at the path *tokens*, as the reducers of *plan* make it."""
    if not tokens:
        streams = {event.stream: None for event in log.read()}
        return Part({s: part_at_end(log, plan, (s,)).value for s in streams}, log.head() or None)
    part = Part(MISSING, None)
    for event, state in _states(log, plan, tokens[0]):
        value = look_up(state, tokens[1:])
        if not same(value, part.value):
            part = Part(value, event.position)
    return part


def _states(log: EventLog, plan: Plan, stream: str) -> Iterator[tuple[Event, State]]:
    """Yield the events of a stream, and its state after each."""
    state: State = {}
    for event in log.read_stream(stream):
        if unreadable(event) is None:
            with suppress(ReducerFailed):  # the engine says so; the state stays as it was
                state = reduced(plan.reducers.get(event.type, reduce), state, event)
        yield event, state


def first_match(log: EventLog, plan: Plan, expression: Expression) -> Event | None:
    """Return the first event after which *expression* holds. What is undefined does not hold."""
    watched = replace(plan, names=plan.names | expression.names)
    for event, scope in _scopes(log, watched):
        if expression.holds(scope):
            return event
    return None


def scope_at(log: EventLog, plan: Plan, position: int) -> EngineScope:
    """Return what a condition of *plan* sees at the event at *position*."""
    *_, (_, last) = _scopes(log, plan, position)
    return last


def _scopes(
    log: EventLog, plan: Plan, stop: int | None = None
) -> Iterator[tuple[Event, EngineScope]]:
    """Yield what an expression sees at each event; it changes when the next one is asked for."""
    history = History(replace(plan, keeps_state=True))
    for event in log.read(1, stop):
        correlation = event.correlation_id or event.stream
        if unreadable(event) is None:
            with suppress(ReducerFailed):  # the engine says so; the state stays as it was
                history.take_in(event, correlation)
            yield event, EngineScope(history, event, correlation)
