"""`laban why`"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from laban.store.event import Event
from laban.store.terminal import fit, safe

from .opening import open_timeline
from .output import print_json, print_line, terminal_width
from .params import at_option, json_option, log_argument, pointer_argument
from .program import command
from .render import event_text, value_text

if TYPE_CHECKING:
    from laban.replay.explain import Why

_MEANING = {
    "recorded": "every cause was recorded with its event",
    "inferred": "at least one cause was inferred by an import",
    "incomplete": "the last event names a cause that this log does not hold",
}


@command(
    "why",
    "laban why credit.laban /applicant-04/rating",
    "laban why credit.laban /applicant-04/approved --at @276 --json",
)
@log_argument
@pointer_argument
@at_option
@json_option
def why(path: str, pointer: str, address: str, as_json: bool) -> None:
    """
    Show the last write of a path and what led to it.

    The event that wrote the value comes first, each next one caused the one before it, and
    the last one is the root: it names no cause.
    """
    from laban.replay.explain import why as explain

    with open_timeline(path) as timeline:
        answer = explain(timeline, pointer, timeline.resolve(address))
        start_ns = timeline.start_ns
    if as_json:
        print_json(_fields(answer))
    else:
        _print_chain(answer, start_ns)


def _fields(answer: Why) -> dict[str, object]:
    from laban.replay.pointer import MISSING

    removed = answer.value is MISSING
    return {
        "pointer": answer.pointer,
        "value": None if removed else answer.value,
        "removed": removed,  # tells a null from nothing
        "position": answer.position,
        "event": answer.event,
        "chain": answer.chain,
        "guarantee": answer.guarantee,
    }


def _print_chain(answer: Why, start_ns: int | None) -> None:
    width = terminal_width()
    for line in _lines(answer, start_ns):
        print_line(fit(line, width))
    print_line(f"{answer.guarantee}: {_MEANING[answer.guarantee]}")


def _lines(answer: Why, start_ns: int | None) -> Iterator[str]:
    from laban.replay.pointer import MISSING

    value = "removed" if answer.value is MISSING else value_text(answer.value)
    yield f"{safe(answer.pointer)}  {value}"
    for number, event in enumerate(answer.chain):
        yield f"{'  ←' if number else '   '} {event_text(event, start_ns)}"
        for pointer, version in _reads(event):
            yield f"        having read {safe(pointer)} as written by {safe(version)}"


def _reads(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the pointers that *event* says it had read, and which write's value it saw."""
    reads = event.metadata.get("reads")
    if isinstance(reads, dict):
        for pointer, version in reads.items():
            yield pointer, f"@{version}" if isinstance(version, int) else f"#{version}"
