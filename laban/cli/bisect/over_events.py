"""Where an expression turns true, in one log or in each group of its events."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from laban.cli.advice import next_step, word
from laban.cli.opening import open_timeline
from laban.cli.output import (
    Progress,
    counted,
    harmless,
    hint,
    json_line,
    print_line,
    terminal_width,
)
from laban.cli.program import FOUND, NOT_FOUND
from laban.cli.render import columns, event_cells
from laban.replay.bisect import (
    FIRST,
    Bisection,
    Each,
    FirstIn,
    assume_monotone,
    each,
    edges,
    first_edge,
    last_good,
)
from laban.replay.bisect.telling import effort
from laban.replay.expression import Expression, compile_expression
from laban.replay.timeline import Timeline
from laban.store.terminal import safe

from .asked import Asked
from .showing import SHOWN, show

_FINDERS = {"first": first_edge, "last-good": last_good, "assume-monotone": assume_monotone}


def by_expression(asked: Asked) -> int:
    """Bisect by `--where` and return the exit status."""
    test = compile_expression(asked.where or "")
    with open_timeline(asked.log, asked.choreography) as timeline:
        if asked.by:
            return _each(asked, asked.by, timeline, test)
        with Progress("bisecting", "positions") as advance:
            answer = _answer(asked, timeline, test, advance)
        status = show(answer, timeline, asked.as_json, asked.limit)
    if answer.found and not asked.as_json:
        _suggest(asked)
    return status


def _suggest(asked: Asked) -> None:
    rules = ("--choreography", word(asked.choreography)) if asked.choreography else ()
    test = ("--where", word(asked.where or ""))
    next_step("laban minimize", word(asked.log), *test, *rules, "-o least.laban")


def positions(asked: Asked, timeline: Timeline) -> tuple[int, int]:
    """Return the range that is asked for."""
    first = 0 if asked.first is None else timeline.resolve(asked.first)
    return first, timeline.head if asked.last is None else timeline.resolve(asked.last)


def _answer(asked: Asked, timeline: Timeline, test: Expression, advance: Progress) -> Bisection:
    shown = asked.limit if asked.as_json or asked.limit is not None else SHOWN
    find = _FINDERS.get(asked.mode or "first", partial(edges, limit=shown))
    first, last = positions(asked, timeline)
    return find(timeline, test, progress=advance, first=first, last=last)


def _each(asked: Asked, by: str, timeline: Timeline, test: Expression) -> int:
    """Print the first match of each group as it is found; the counts come in the end."""
    first, last = positions(asked, timeline)
    count = 0
    with Progress("bisecting") as advance:
        found = each(timeline, test, by, progress=advance, first=first, last=last)
        for line in _lines(found, by, timeline, asked.as_json):
            advance.clear()
            print_line(line)
            count += 1
    tested = (
        f"true in {count:,} of {counted(found.groups, by)}; {counted(found.probes, 'event')} tested"
    )
    hint(effort(FIRST, tested, found.undefined, "true"))
    return FOUND if count else NOT_FOUND


def _lines(found: Each, by: str, timeline: Timeline, as_json: bool) -> Iterator[str]:
    if as_json:
        return (harmless(json_line({by: m.group, **_fields(m)})) for m in found)
    rows = ((safe(m.group), *event_cells(m.event, timeline.start_ns)) for m in found)
    return columns(rows, terminal_width())


def _fields(match: FirstIn) -> dict[str, object]:
    position = match.event.position
    edge = {"position": position, "turns": True, "good": match.good, "bad": position}
    return {
        "found": True,
        "position": position,
        "event": match.event,
        "good": match.good,
        "bad": position,
        "edges": [edge] if match.good else [],
        "probes": match.probes,
        "undefined": match.undefined,
        "guarantee": FIRST,
    }
