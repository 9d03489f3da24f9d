"""Edges and probes as rows, the ribbon, and what an expression reads at a position."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from laban.replay.expression import Expression
from laban.replay.pointer import MISSING, format_pointer, parse_pointer
from laban.replay.scope import Scope
from laban.replay.timeline import Timeline, same
from laban.store.errors import LabanError
from laban.store.event import Event
from laban.tui.events.wanted import PlainText, parse_wanted
from laban.tui.pages import Pages
from laban.tui.refusal import Refusal
from laban.tui.state.preview import preview, summary
from laban.tui.state.rows import change_rows
from laban.tui.values import Mark, RowKind, StateRow, elapsed

from .values import Answer, EdgeRow, RibbonColumn, Stretch

_READ = 50  # paths that an expression reads are listed
_DATA = 200  # characters


def edge_rows(timeline: Timeline, stretches: Sequence[Stretch]) -> Sequence[EdgeRow]:
    """Return a row for the beginning of each stretch, made when it is looked at."""

    def fetch(start: int, stop: int) -> list[EdgeRow]:
        return [
            position_row(
                timeline,
                each.first,
                each.answer,
                "true" if each.answer is Answer.BAD else "not true",
                each.last,
            )
            for each in stretches[start:stop]
        ]

    return Pages(len(stretches), fetch)


def position_row(
    timeline: Timeline, position: int, answer: Answer, said: str, last: int = 0
) -> EdgeRow:
    """Return a row for a position, with its event."""
    if position == 0:
        return EdgeRow(0, answer, said, last, text="before the first event")
    fields = event_fields(timeline.log.get(position), timeline.start_ns)
    return EdgeRow(position, answer, said, last, **fields)


def event_fields(event: Event, start_ns: int | None) -> dict[str, Any]:
    """Return what a row tells of *event*."""
    return {
        "elapsed": elapsed(event.time_ns, start_ns, brief=True),
        "source": event.source,
        "type": event.type,
        "stream": f"{event.stream}@{event.stream_position}",
        "text": summary(event.data.parsed, _DATA),
    }


def ribbon(stretches: Sequence[Stretch], head: int, columns: int) -> list[RibbonColumn]:
    """Return positions 0 to *head* in so many columns, with what is known of each."""
    count = max(columns, 1)
    spans = [_span(index, head + 1, count) for index in range(count)]
    firsts, lasts = [first for first, _ in spans], [last for _, last in spans]
    known: list[set[Answer]] = [set() for _ in spans]
    for each in stretches:
        for index in range(bisect_left(lasts, each.first), bisect_right(firsts, each.last)):
            known[index].add(each.answer)
    return [
        RibbonColumn(
            first,
            last,
            good=Answer.GOOD in answers,
            bad=Answer.BAD in answers,
            skipped=Answer.SKIP in answers,
        )
        for (first, last), answers in zip(spans, known, strict=True)
    ]


def _span(index: int, positions: int, columns: int) -> tuple[int, int]:
    """Return the positions of a column: equally many each; where they are few, one has several."""
    if columns > positions:
        position = index * positions // columns
        return position, position
    return -(-index * positions // columns), -(-(index + 1) * positions // columns) - 1


def read_rows(
    timeline: Timeline, test: Expression | None, selected: str, position: int
) -> list[StateRow]:
    """Return what *test* reads at *position*, the *selected* path, and what the event changed."""
    rows: list[StateRow] = []
    if test is None and len(path := parse_pointer(selected)) > 1:
        rows.append(StateRow("selected in the state", RowKind.HEADING))
        rows.append(_read_row(timeline, path, position))
    if test is not None and (read := read_paths(timeline, test, position)):
        rows.append(StateRow("what it reads", RowKind.HEADING))
        rows += [_read_row(timeline, path, position) for path in read[:_READ]]
    changes = timeline.changes(position)
    own = format_pointer((timeline.log.get(position).stream,))
    changed, marks = change_rows([(c.pointer, c.before, c.after) for c in changes], own)
    counts = " ".join(f"{mark}{count:,}" for mark, count in marks.items() if count)
    rows.append(StateRow("changed here", RowKind.HEADING, value=counts or "nothing"))
    return rows + list(changed)


def read_paths(timeline: Timeline, test: Expression, position: int) -> list[tuple[str, str]]:
    """Return the fields, (stream, field), that *test* reads of the state at *position*."""
    scope = Scope(timeline, position)
    test.holds(scope)
    return sorted(scope.reads.fields | scope.before_reads.fields)


def write_before(timeline: Timeline, test: Expression, position: int) -> tuple[int, str]:
    """Return the last write before *position* of what *test* reads, and its path."""
    paths = read_paths(timeline, test, position)
    if not paths:
        raise Refusal(f"{test.text} reads no path of the state, so nothing wrote it.")
    writes = [
        (timeline.last_write_of(stream, field, max(position - 1, 0)) or 0, stream, field)
        for stream, field in paths
    ]
    write, stream, field = max(writes)
    if not write:
        names = ", ".join(format_pointer(path) for path in paths[:3])
        raise Refusal(f"Nothing wrote {names} before @{position:,}.")
    return write, format_pointer((stream, field))


def _read_row(timeline: Timeline, path: Sequence[str], position: int) -> StateRow:
    pointer = format_pointer(tuple(path))
    before, now = (timeline.peek(path, at) for at in (max(position - 1, 0), position))
    if same(before, now):
        value = "nothing" if now is MISSING else preview(now)
        return StateRow(pointer, RowKind.VALUE, pointer, value=value)
    mark = Mark.ADDED if before is MISSING else Mark.REMOVED if now is MISSING else Mark.CHANGED
    return StateRow(
        pointer,
        RowKind.CHANGE,
        pointer,
        value="" if now is MISSING else preview(now),
        before="" if before is MISSING else preview(before),
        mark=mark,
    )


def sought(text: str) -> str:
    """Return the expression that stands for what was looked for, "" for plain text."""
    try:
        what = parse_wanted(text).what
    except LabanError:
        return ""
    if isinstance(what, PlainText):
        return ""
    if what.kind == "when":
        return what.target
    if (name := _NAMES.get(what.kind)) is None:
        return ""
    also = f" and ({what.condition})" if what.condition else ""
    return f"{name} == {what.target!r}{also}"


_NAMES = {
    "type": "type",
    "source": "source",
    "stream": "stream",
    "correlation": "correlation_id",
}


def expression_of(timeline: Timeline, tokens: Sequence[str], position: int) -> str:
    """Return an expression that is true while the path has its value; raises Refusal."""
    value = timeline.peek(tokens, position)
    path = "state" + "".join(_steps(timeline, tokens, position))
    if value is MISSING:
        name = format_pointer(tuple(tokens))
        raise Refusal(f"{name} has no value at @{position:,}.")
    if isinstance(value, dict | list):
        return f"len({path}) == {len(value)}"
    return f"{path} == {value!r}"


def _steps(timeline: Timeline, tokens: Sequence[str], position: int) -> Iterator[str]:
    for depth, token in enumerate(tokens):
        around = timeline.peek(tokens[:depth], position) if depth > 1 else None
        yield f"[{token}]" if isinstance(around, list) else f"[{token!r}]"
