"""Answers of bisections, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator

from laban.cli.output import counted, print_json, print_line, terminal_width
from laban.cli.program import FOUND, NOT_FOUND
from laban.cli.render import columns, event_cells, event_text
from laban.replay.bisect import (
    Bisection,
)
from laban.replay.bisect.telling import effort, headline
from laban.replay.timeline import Timeline
from laban.store.terminal import fit

SHOWN = 20  # edges and candidates, unless another number is asked for


def show(
    answer: Bisection, timeline: Timeline, as_json: bool, limit: int | None, word: str = "true"
) -> int:
    """Print *answer* and return the exit status. *word* is what the test turns."""
    if as_json:
        print_json(fields(answer))
    else:
        for line in _lines(answer, timeline, SHOWN if limit is None else limit, word):
            print_line(fit(line, terminal_width()))
    return FOUND if answer.found else NOT_FOUND


def fields(answer: Bisection) -> dict[str, object]:
    """Return *answer* as JSON."""
    return {
        "found": answer.found,
        "position": answer.position,
        "event": answer.event,
        "good": answer.good,
        "bad": answer.bad,
        "edges": [
            {"position": e.position, "turns": e.turns, "good": e.good, "bad": e.bad}
            for e in answer.edges
        ],
        "edge_count": answer.edge_count,
        "intervals": [{"from": i.first, "to": i.last, "holds": i.holds} for i in answer.intervals],
        "candidates": list(answer.candidates),
        "from": answer.first,
        "to": answer.last,
        "probes": answer.probes,
        "undefined": answer.undefined,
        "guarantee": answer.guarantee,
        "contradiction": answer.contradiction or None,
    }


def _lines(answer: Bisection, timeline: Timeline, limit: int, word: str) -> Iterator[str]:
    if answer.intervals:
        yield from _interval_lines(answer, timeline, limit)
    elif len(answer.candidates) > 1:
        yield from _candidate_lines(answer, timeline, limit, word)
    else:
        yield headline(answer, word)
        if answer.event:
            yield f"└─ {event_text(answer.event, timeline.start_ns)}"
    tested = counted(answer.probes, "position") + " tested"
    yield effort(answer.guarantee, tested, answer.undefined, word, answer.candidates)


def _interval_lines(answer: Bisection, timeline: Timeline, limit: int) -> Iterator[str]:
    """Yield a line an interval, with the event that begins it."""
    rows = []
    for interval in answer.intervals[: limit + 1]:
        cells = (f"@{interval.first}", f"@{interval.last}")
        event = timeline.log.get(interval.first) if interval.first > answer.first else None
        told = event_cells(event, timeline.start_ns)[1:] if event else ("", "", "", "", "")
        rows.append((*cells, "true" if interval.holds else "not true", *told))
    yield from (line.rstrip() for line in columns(rows, None))
    missing = answer.edge_count - limit
    if missing > 0:
        yield f"… and {counted(missing, 'edge')} more: --limit {answer.edge_count} shows all"


def _candidate_lines(answer: Bisection, timeline: Timeline, limit: int, word: str) -> Iterator[str]:
    yield f"{word} first at one of {len(answer.candidates):,} positions, and no test tells which:"
    found = (timeline.log.get(position) for position in answer.candidates[:limit])
    yield from columns([event_cells(event, timeline.start_ns) for event in found], None)
    if len(answer.candidates) > limit:
        yield f"… up to @{answer.candidates[-1]}"
