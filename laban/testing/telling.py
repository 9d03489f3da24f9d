"""Events, values and causes as lines for a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from laban.replay.choreography.decisions import ENGINE
from laban.replay.explain import causes
from laban.replay.pointer import MISSING
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.jsontext import to_json
from laban.store.terminal import cells, safe

from .frames import WIDTH
from .scene import Scene

SHORT = 30  # columns of a value that a sentence may hold
LONGEST_CHAIN = 12  # causes that are told; of more, those in the middle are left out
ALIKE = 24  # characters told of what two long values begin with alike


def value_text(value: Any) -> str:
    """Return a JSON value on one line; MISSING is nothing."""
    return "nothing" if value is MISSING else safe(to_json(value))


def contrast(expected: Any, actual: Any, labels: tuple[str, str]) -> list[str]:
    """Return two lines with values that differ, cut so that it shows where."""
    texts = [value_text(expected), value_text(actual)]
    room = WIDTH - 4 - max(map(len, labels))
    if max(map(cells, texts)) > room:
        alike = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), 0)
        if alike > ALIKE:
            texts = [f"…{text[alike - ALIKE :]}" for text in texts]
    width = max(map(len, labels))
    return [f"  {label:<{width}}  {text}" for label, text in zip(labels, texts, strict=True)]


def event_text(event: NewEvent, place: str = "") -> str:
    """Return an event on one line: where, who, what, and its data."""
    if event.source == ENGINE:
        said = f"{ENGINE}  {event.type}  {safe(_decided(event))}"
    else:
        said = f"{safe(event.source)}  {safe(event.type)}  {safe(event.data.text)}"
    return f"{place}  {said}" if place else said


def chain(scene: Scene, position: int) -> list[str]:
    """Return the event at *position*, what it had read, and the events that led to it."""
    with closing(Timeline.open(scene.log)) as timeline:
        found, _ = causes(timeline, position)
        reads = {event.position: list(_reads(scene, timeline, event)) for event in found}
    left_out = len(found) - LONGEST_CHAIN
    lines = []
    for number, event in enumerate(found):
        if left_out > 0 and number == LONGEST_CHAIN // 2:
            lines.append(f"     … {left_out} more …")
        if left_out <= 0 or not LONGEST_CHAIN // 2 <= number < LONGEST_CHAIN // 2 + left_out:
            lines.append(f"{'  ←' if number else '   '} {event_text(event, scene.place(event))}")
            lines += [f"        {read}" for read in reads[event.position]]
    return lines


def _decided(event: NewEvent) -> str:
    """Return what a decision is about: an action and who is to do it, else its rule."""
    for about in event.data.parsed.values():
        if isinstance(about, dict) and "action" in about and "capability" in about:
            return f"{about['action']} → {about['capability']}"
    return str(event.metadata.get("rule", ""))


def _reads(scene: Scene, timeline: Timeline, event: Event) -> Iterator[str]:
    """Yield what *event* says it had read, and what had been written there since."""
    reads = event.metadata.get("reads")
    for pointer, version in reads.items() if isinstance(reads, dict) else ():
        seen = _written_by(scene, version)
        place = scene.place(seen) if seen else value_text(version)
        yield f"having read {safe(pointer)} as written by {place}"
        last = timeline.last_write(pointer, event.position - 1)
        if seen is not None and last is not None and last.position > seen.position:
            newer = timeline.log.get(last.position)
            yield f"  though {scene.place(newer)} {safe(newer.type)} had written it anew"


def _written_by(scene: Scene, version: Any) -> Event | None:
    """Return the event that a read names by its recorded position or its id, if it is there."""
    if isinstance(version, int):
        return scene.same_event(version) if 0 < version <= scene.given.head() else None
    return next(iter(scene.log.find(str(version))), None)
