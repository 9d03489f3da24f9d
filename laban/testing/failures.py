"""What is wrong, line by line, however long the lines; no lines when nothing is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from textwrap import wrap
from typing import Any

from laban.replay.choreography.decisions import is_decision
from laban.replay.compare import Compared, Difference
from laban.replay.comparison import Mismatch
from laban.replay.expression import Expression
from laban.replay.pointer import parse_pointer, unknown_part
from laban.replay.recompute import Recomputed
from laban.store.errors import did_you_mean
from laban.store.event import Event
from laban.store.terminal import cells, safe

from .differences import parts
from .frames import WIDTH
from .scene import Scene
from .states import part_at_end, scope_at
from .telling import SHORT, chain, contrast, event_text, value_text
from .wanting import actions_by, actions_of, reactions

TOLD = 3  # parts in which two events differ
COUNTED = 1000  # differences; of more it is told that they are more
HEAD = WIDTH - len("AssertionError: ")  # columns of the first line
RECOMPUTED = ("recorded", "now")


def state(scene: Scene, tokens: tuple[str, ...], expected: Any) -> list[str]:
    """Tell where the state at *tokens* first differs from *expected*, and who made it so."""
    part = part_at_end(scene, tokens)
    found = list(islice(parts(tokens, expected, part.value), COUNTED))
    if not found:
        return []
    lines = _headline(found[0])
    path = parse_pointer(found[0].pointer)
    if len(found) > 1:
        lines.append(f"  and {len(found) - 1:,} more of its parts differ")
    since = part_at_end(scene, path).written
    if since is None and path:
        lines.append(f"  {_never_written(scene, path)}")
    gone = _departures(scene, path[0]) if since is None and path else ()
    return [*lines, *_causes(scene, since), *gone]


def match(scene: Scene, expression: Expression, event: Event | None) -> list[str]:
    """Tell that *expression* holds after *event*."""
    if event is None:
        return []
    text = wrap(expression.text, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    head = f"After {scene.place(event)} {safe(event.type)} this holds, and never should:"
    lines = [head, *(f"  {safe(line)}" for line in text)]
    return [*lines, *_causes(scene, event.position)]


def decision(scene: Scene, wanted: str, position: int | None) -> list[str]:
    """Tell that *wanted* is not decided on the event at a recorded *position*, or at all."""
    if position is None:
        decisions = [event for event in scene.log.read() if is_decision(event)]
        event, where = None, ""
    else:
        recorded = scene.given.get(position)
        where = f" on @{position} {safe(recorded.type)}"
        event = scene.same_event(position)
        if event is None:
            head = f"{safe(wanted)} is not decided{where}: that does not happen any more."
            return [head, *_departures(scene, recorded.stream)]
        decisions = [e for e in scene.log.caused_by(event.id) if is_decision(e)]
    if any(wanted == each.type or wanted in actions_of(each) for each in decisions):
        return []
    lines = [f"{safe(wanted)} is not decided{where}."]
    if event is not None:
        told = [f"  {event_text(each, 'decided')}" for each in decisions]
        lines += told or ["  nothing is decided on it"]
    lines += [f"  {line}" for line in _rules(scene, wanted, event)]
    return [*lines, *_causes(scene, None if event is None else event.position)]


def mismatches(scene: Scene, answer: Recomputed) -> list[str]:
    """Tell the first decision that is made otherwise than it is recorded."""
    if not answer.mismatched:
        return []
    first = answer.mismatches[0]
    one = answer.mismatched == 1
    lines = [
        f"{answer.mismatched:,} of {answer.decisions:,} decisions "
        f"{'is' if one else 'are'} not made as recorded{'' if one else '; the first'}:"
    ]
    lines += _mismatch(first)
    if first.cause is not None:
        lines += ["", *chain(scene, first.cause)]
    return lines


def divergence(a: Scene, b: Scene, answer: Compared) -> list[str]:
    """Tell the first event in which two runs differ by itself, not for a cause that differs."""
    if answer.identical:
        return []
    first = answer.roots[0]
    lines = [f"The runs part at {safe(first.stream)}@{first.stream_position}: {first.kind}."]
    for label, event in (("a", first.a), ("b", first.b)):
        if event is not None:
            lines.append(f"  {label}  {event_text(event, f'@{event.position}')}")
    for each in first.differences[:TOLD]:
        lines += [f"  {safe(each.pointer)}", *contrast(each.a, each.b, ("  a", "  b"))]
    if answer.root_count > 1:
        lines.append(f"  and there are {answer.root_count - 1:,} more such places")
    if answer.downstream:
        are = "1 event is" if answer.downstream == 1 else f"{answer.downstream:,} events are"
        lines.append(f"  {are} downstream")
    scene, event = (a, first.a) if first.a is not None else (b, first.b)
    return [*lines, *_causes(scene, event.position if event else None)]


def _headline(first: Difference) -> list[str]:
    where, values = safe(first.pointer) or "the state", (first.a, first.b)
    expected, actual = map(value_text, values)
    line = f"{where} is {actual}, expected {expected}."
    if max(cells(expected), cells(actual)) <= SHORT and cells(line) <= HEAD:
        return [line]
    return [f"{where} is not as expected.", *contrast(*values, ("expected", "actual"))]


def _never_written(scene: Scene, path: tuple[str, ...]) -> str:
    """Say where *path* leaves the state that there is."""
    streams: dict[str, Any] = {event.stream: {} for event in scene.log.read()}
    if path and path[0] in streams:
        streams[path[0]] = part_at_end(scene, path[:1]).value
    return unknown_part(streams, path)


def _causes(scene: Scene, position: int | None) -> list[str]:
    return [] if position is None else ["", *chain(scene, position)]


def _departures(scene: Scene, stream: str | None = None) -> Iterator[str]:
    """Tell what is left out of the log made anew, of *stream* first."""
    gone = [event for event in scene.left_out() if event.stream[0] != "$"]
    if gone:
        first = next((event for event in gone if event.stream == stream), gone[0])
        some = "one recorded event does" if len(gone) == 1 else f"{len(gone):,} recorded events do"
        yield ""
        yield f"Under these rules {some} not happen, such as"
        yield f"    {event_text(first, f'@{first.position}')}"


def _rules(scene: Scene, wanted: str, event: Event | None) -> Iterator[str]:
    """Tell which rules could have decided it, and what of them was not met."""
    asking = {action for rule, _ in reactions(scene.rules.plan) for action in actions_by(rule)}
    if wanted not in asking and "." not in wanted:
        yield f"no rule asks for {safe(wanted)}.{did_you_mean(wanted, asking)}"
    for rule, types in reactions(scene.rules.plan):
        if wanted not in actions_by(rule):
            continue
        name = str(getattr(rule, "name", ""))
        yield f"rule {safe(name)} waits for {safe(', '.join(types))}"
        condition = getattr(rule, "condition", "True")
        if condition != "True" and event is not None and event.type in types:
            held = scene.rules.plan.conditions[condition].holds(scope_at(scene, event))
            said = {True: "true", False: "false", None: "undefined"}[held]
            yield f"  its condition is {said} here:"
            yield f"  {safe(condition)}"


def _mismatch(first: Mismatch) -> Sequence[str]:
    either = first.expected or first.actual or {}
    head = f"  @{first.position} {safe(either['type'])} by {safe(either['rule'])}"
    if first.cause is not None:
        head += f", decided on @{first.cause}"
    match first.kind:
        case "missing":
            return [head, "  recorded  nothing", f"  now       {_about(first.actual)}"]
        case "extra":
            return [head, f"  recorded  {_about(first.expected)}", "  now       nothing"]
    lines = [head]
    for each in islice(parts((), first.expected, first.actual), TOLD):
        lines += [f"  {safe(each.pointer)}", *contrast(each.a, each.b, RECOMPUTED)]
    return lines


def _about(decision: dict[str, Any] | None) -> str:
    data = decision and decision["data"]
    return f"made, with {value_text(data)}" if data else "made"
