"""The last write of a path where a choreography's own reducers make the state."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from laban.replay.choreography.engine import unreadable
from laban.replay.choreography.plan import Plan, State
from laban.replay.choreography.scope import ReducerFailed, reduced
from laban.replay.pointer import MISSING, look_up, parse_pointer
from laban.replay.reducer import assignments, reduce
from laban.replay.timeline import Timeline, Write, same
from laban.store.event import Event


def last_write(timeline: Timeline, plan: Plan, pointer: str, at: int) -> tuple[Write | None, str]:
    """
    Return the last write of *pointer* up to *at*, by the reducers of *plan*, and which one it was.

    The default reducer writes what it assigns, a declared one what is different after it.
    Folds the events of one stream. Where nothing was written, the first is None.
    """
    tokens = parse_pointer(pointer)
    found, by = None, "default"
    if not tokens:
        return found, by
    state: State = {}
    value: Any = MISSING
    for event in timeline.log.read_stream(tokens[0]):
        if event.position > at:
            break
        state = _after(plan, state, event)
        before, value = value, look_up(state, tokens[1:])
        default = event.type not in plan.reducers
        assigned = default and len(tokens) == 2 and tokens[1] in assignments(event)
        if assigned or not same(before, value):
            found, by = Write(event.position, pointer, value), _name(plan, event.type)
    return found, by


def _after(plan: Plan, state: State, event: Event) -> State:
    if unreadable(event) is not None:
        return state
    try:
        return reduced(plan.reducers.get(event.type, reduce), state, event)
    except ReducerFailed:  # as in the engine: a dead letter, and the state stays
        return state


def _name(plan: Plan, type: str) -> str:
    reducer = plan.reducers.get(type)
    if reducer is None:
        return "default"
    code = getattr(reducer, "__code__", None)
    name = getattr(reducer, "__qualname__", type)
    if code is None:
        return str(name)
    return f"{name}, line {code.co_firstlineno} of {PurePath(code.co_filename).name}"
