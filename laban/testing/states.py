"""The state of a scene, who made it so, and where an expression first holds in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from msgspec import Struct

from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine
from laban.replay.choreography.scope import EngineScope
from laban.replay.expression import Expression
from laban.replay.pointer import format_pointer
from laban.replay.scope import Scope
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .scene import Scene


class Part(Struct, frozen=True):
    """A part of the state at the end of a log."""

    value: Any  # JSON; MISSING where there is none
    written: int | None  # the position of its last write; None: there is none


def part_at_end(scene: Scene, tokens: tuple[str, ...]) -> Part:
    """Return the part at the path *tokens*."""
    with _timeline(scene) as timeline:
        value = timeline.peek(tokens, timeline.head)
        if not tokens:
            return Part(value, timeline.head or None)
        write = timeline.last_write(format_pointer(tokens), timeline.head)
        return Part(value, None if write is None else write.position)


def first_match(scene: Scene, expression: Expression) -> Event | None:
    """Return the first event after which *expression* holds. What is undefined does not hold."""
    with _timeline(scene) as timeline:
        if timeline.head and expression.holds(Scope(timeline, 1)):
            return timeline.log.get(1)
        position = Search(timeline, expression).next(1 if timeline.head else 0).position
        return timeline.log.get(position) if position else None


def scope_at(scene: Scene, event: Event) -> EngineScope:
    """Return what a condition of the scene's choreography sees at *event*."""
    engine = Engine(scene.rules.plan)
    for each in scene.log.read(1, event.position):
        if not is_decision(each):
            engine.step(each)
    return EngineScope(engine.history, event, event.correlation_id or event.stream)


@contextmanager
def _timeline(scene: Scene) -> Iterator[Timeline]:
    with closing(Timeline.open(scene.log, choreography=scene.choreography)) as timeline:
        yield timeline
