"""Answers one fact a line, in words: for screen readers, which read no columns and no signs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from laban.replay.explain import Why
from laban.replay.explain.reads import Read
from laban.replay.explain.story import Step
from laban.replay.pointer import MISSING, format_pointer
from laban.store.event import Event
from laban.store.terminal import safe
from laban.tui.values import elapsed

from .render import value_text

plain_option = click.option(
    "--plain", "as_plain", is_flag=True, help="Print one fact a line, for screen readers."
)


def one_way(*asked: bool) -> None:
    """Raise UsageError when an answer is asked for in more than one way."""
    if sum(asked) > 1:
        raise click.UsageError("--plain, --json and the like do not go together: give one.")


def told_event(event: Event, start_ns: int | None) -> str:
    """Return *event* as a sentence; times count from *start_ns*."""
    since = elapsed(event.time_ns, start_ns).lstrip("+")
    parts = [
        f"position {event.position}",
        f"{since} after the first event" if since else "time unknown",
        f"{safe(event.source)} says {safe(event.type)}",
        f"event {event.stream_position} of {safe(event.stream)}",
    ]
    fields = [f"{safe(name)} is {_words(value)}" for name, value in event.data.parsed.items()]
    return ", ".join(parts) + (": " + ", ".join(fields) if fields else "")


def told_state(pointer: str, value: Any) -> Iterator[str]:
    """Yield a line for each value that *value*, at *pointer*, holds."""
    if isinstance(value, dict | list) and value:
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from told_state(pointer + format_pointer((str(name),)), member)
    else:
        yield f"{safe(pointer) or 'the state'} is {_words(value)}"


def told_why(answer: Why, start_ns: int | None) -> Iterator[str]:
    """Yield who wrote a value, and what led to it, the latest first."""
    value = "gone" if answer.value is MISSING else _words(answer.value)
    yield f"{safe(answer.pointer)} is {value}"
    for step in answer.steps:
        for read in step.reads:
            if read.newer is not None:
                yield f"stale: position {step.event.position} {_told_read(read)}"
    for number, step in enumerate(answer.steps):
        yield f"{'caused' if number else 'written'} by {told_event(step.event, start_ns)}"
        yield from _told_step(step)
    yield f"guarantee: {answer.guarantee}"


def _told_step(step: Step) -> Iterator[str]:
    for origin in step.by:
        yield f"by rule {safe(origin.rule)}, {safe(origin.type)} at position {origin.position}"
    for position in step.also:
        yield f"and after position {position}"
    for read in step.reads:
        yield _told_read(read)


def _told_read(read: Read) -> str:
    if read.position is None:
        return f"read {safe(read.pointer)} as it was elsewhere: this log does not hold it"
    value = _words(read.value) if read.verdict != "unknown" else "unknown"
    said = f"read {safe(read.pointer)} as of position {read.position}: {value}"
    if read.newer is not None:
        now = _words(read.newer.value)
        said += f"; it was {now} since position {read.newer.position}, by {safe(read.newer.source)}"
    elif read.verdict == "future":
        said += "; that was recorded later than the event that rests on it"
    return said


def _words(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    is_clear = isinstance(value, str) and not _reads_as_json(value)
    return safe(value) if is_clear else value_text(value)


def _reads_as_json(text: str) -> bool:
    """Tell whether a text needs quotes, so that it is not taken for a number or for nothing."""
    try:
        json.loads(text or "null")
    except ValueError:
        return False
    return True
