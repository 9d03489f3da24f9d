"""Finding where an expression turns true: what is asked, and what came out as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

from laban.replay.bisect import (
    FIRST,
    GROUPS,
    LAST,
    Bisection,
    FirstIn,
    assume_monotone,
    each,
    edges,
    first_edge,
    last_good,
)
from laban.replay.bisect.telling import effort, headline
from laban.replay.expression import compile_expression
from laban.replay.timeline import Timeline
from laban.store.terminal import counted
from laban.tui.jobs import Job
from laban.tui.pages import Pages

from .rows import edge_rows, event_fields
from .values import Answer, EdgeRow, Stretch

Mode = Literal["first", "last-good", "all", "assume-monotone"]
MODES: Sequence[Mode] = get_args(Mode)
MOST = 100_000  # edges that are listed

Line = tuple[str, str]  # a text, and what it means: one of theme.STYLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be found."""

    text: str
    mode: Mode = "first"
    by: str = ""  # a key of GROUPS: in each of these
    first: int = 0
    last: int | None = None  # None: the head

    def next_group(self) -> Question:
        """Return it asked of each correlation, stream, source, or of the log as a whole."""
        names = ["", *GROUPS]
        return replace(self, by=names[(names.index(self.by) + 1) % len(names)])

    def name(self) -> str:
        """Return how it is asked: first, all edges in @10..@99, first in each stream."""
        how = f"first in each {self.by}" if self.by else _NAMES[self.mode]
        if self.first or self.last is not None:
            last = "head" if self.last is None else f"@{self.last}"
            how += f", from @{self.first} to {last}"
        return how


_NAMES = {
    "first": "first",
    "last-good": "true until the end since",
    "all": "all edges",
    "assume-monotone": "by halving",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question."""

    question: Question
    lines: Sequence[Line]
    rows: Sequence[EdgeRow]
    positions: Sequence[int]  # of the rows
    stretches: Sequence[Stretch]

    @property
    def cursor(self) -> int:
        """The row to begin with: the first edge to true."""
        begins = self.rows[:2]
        return int(len(begins) > 1 and begins[0].answer is Answer.GOOD)


def bisect(timeline: Timeline, question: Question, job: Job) -> Found:
    """Answer *question*. Raises CancelledError and ExpressionError."""
    if question.by:
        return _in_each(timeline, question, job)
    test, last = compile_expression(question.text), question.last
    if last is None:
        last = timeline.head
    find = _FINDERS[question.mode]
    found = find(timeline, test, job.cancelled, job.progress, first=question.first, last=last)
    tested = counted(found.probes, "position") + " tested"
    lines = [
        (_headline(found), "strong" if found.found else "ok"),
        (effort(found.guarantee, tested, found.undefined, "true", found.candidates), ""),
    ]
    if found.contradiction:
        lines.insert(0, (found.contradiction, "changed"))
    if (missing := found.edge_count - MOST) > 0:
        lines.append((f"… and {counted(missing, 'edge')} more: r narrows the range", "changed"))
    stretches = list(_stretches(found))
    listed = _listed(found, stretches)
    positions = [each.first for each in listed]
    return Found(question, lines, edge_rows(timeline, listed), positions, stretches)


_FINDERS: dict[str, Callable[..., Bisection]] = {
    "first": first_edge,
    "last-good": last_good,
    "all": partial(edges, limit=MOST),
    "assume-monotone": assume_monotone,
}


def _headline(found: Bisection) -> str:
    if not found.intervals:
        return headline(found, "true")
    if not found.edge_count:
        return f"{'true' if found.found else 'not true'} from @{found.first} to @{found.last}"
    up = sum(1 for edge in found.edges if edge.turns)
    return f"{counted(found.edge_count, 'edge')}, {up:,} of them to true"


def _stretches(found: Bisection) -> Iterator[Stretch]:
    """Yield what is known of the log, as far as something is."""
    if found.intervals:
        for part in found.intervals:
            yield Stretch(part.first, part.last, Answer.BAD if part.holds else Answer.GOOD)
    elif found.position is None:
        known = found.guarantee == FIRST
        yield Stretch(found.first if known else found.last, found.last, Answer.GOOD)
    else:
        good, since = found.good, found.position
        if good is not None:
            yield Stretch(found.first if found.guarantee == FIRST else good, good, Answer.GOOD)
        yield Stretch(since, found.last if found.guarantee == LAST else since, Answer.BAD)


def _listed(found: Bisection, stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return the stretches whose beginnings are worth a line."""
    return stretches if found.intervals else [s for s in stretches if s.answer is Answer.BAD]


def _in_each(timeline: Timeline, question: Question, job: Job) -> Found:
    test = compile_expression(question.text)
    asked = each(
        timeline, test, question.by, job.cancelled, job.progress,
        first=question.first, last=question.last,
    )  # fmt: skip
    matches = list(asked)
    said = f"true in {len(matches):,} of {counted(asked.groups, question.by)}"
    tested = counted(asked.probes, "event") + " tested"
    lines = [
        (said, "strong" if matches else "ok"),
        (effort(FIRST, tested, asked.undefined, "true"), ""),
    ]
    positions = [match.event.position for match in matches]
    stretches = [Stretch(position, position, Answer.BAD) for position in positions]
    return Found(question, lines, _group_rows(timeline, matches), positions, stretches)


def _group_rows(timeline: Timeline, matches: Sequence[FirstIn]) -> Sequence[EdgeRow]:
    def fetch(start: int, stop: int) -> list[EdgeRow]:
        return [
            EdgeRow(
                match.event.position,
                Answer.BAD,
                "true",
                group=match.group,
                **event_fields(match.event, timeline.start_ns),
            )
            for match in matches[start:stop]
        ]

    return Pages(len(matches), fetch)
