"""At which event an expression turns true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from laban.replay.builder import Progress
from laban.replay.expression import Expression
from laban.replay.timeline import Timeline

from .answer import EDGE, FIRST, LAST, MONOTONE_ASSUMED, Bisection, Edge, Interval
from .narrowing import Narrowing, Verdict, narrow
from .truth import Truth


def first_edge(
    timeline: Timeline,
    expression: Expression,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Bisection:
    """
    Return the first position from *first* to *last* after which *expression* is true.

    Exact for any expression, monotone or not. One over the state alone is evaluated only
    where a path that it read was written: O(w) for w such writes, found by index. One that
    reads the event is evaluated at every event up to the first match.
    """
    truth = Truth(timeline, expression, first, last, cancelled, progress)
    position = next((position for position, holds in truth.turns() if holds), None)
    return _answer(truth, position, FIRST)


def last_good(
    timeline: Timeline,
    expression: Expression,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Bisection:
    """
    Return where the interval begins in which *expression* is true up to *last*.

    Exact for any expression; found from the end, so what happened before costs nothing.
    Nothing is found when the expression is not true at *last*.
    """
    truth = Truth(timeline, expression, first, last, cancelled, progress)
    return _answer(truth, truth.true_since(), LAST)


def edges(
    timeline: Timeline,
    expression: Expression,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    *,
    first: int = 0,
    last: int | None = None,
    limit: int | None = None,
) -> Bisection:
    """
    Return every edge in either direction, and the intervals between them.

    Exact for any expression. With *limit*, no more than that many edges are kept, the first
    ones; `edge_count` counts them all.
    """
    truth = Truth(timeline, expression, first, last, cancelled, progress)
    position, count = None, -1
    starts: list[tuple[int, bool]] = []
    for turn, holds in truth.turns():
        count += 1
        if holds and position is None:
            position = turn
        if limit is None or count <= limit + 1:  # one more tells where the last one kept ends
            starts.append((turn, holds))
    ends = [start - 1 for start, _ in starts[1:]] + [truth.last]
    intervals = [
        Interval(start, end, holds) for (start, holds), end in zip(starts, ends, strict=True)
    ]
    return _answer(
        truth,
        position,
        FIRST,
        edges=[_edge(*start) for start in starts[1:]][:limit],
        edge_count=count,
        intervals=intervals if limit is None else intervals[: limit + 1],
    )


def assume_monotone(
    timeline: Timeline,
    expression: Expression,
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Bisection:
    """
    Return a position after which *expression* is true, by at most log2(n) + 2 evaluations.

    It is the first one if the expression, once true, stays true; else an edge. Not true at
    *last* and true at *first* is a contradiction, which is told.
    """
    truth = Truth(timeline, expression, first, last, cancelled, progress)
    if not truth.at(truth.last):
        return _not_true_in_the_end(truth)
    halving = Narrowing(truth.first - 1, truth.last)  # so the first position may be the one
    narrow(halving, lambda p: Verdict.BAD if truth.at(p) else Verdict.GOOD)
    return _answer(truth, halving.bad, MONOTONE_ASSUMED)


def _not_true_in_the_end(truth: Truth) -> Bisection:
    if truth.first == truth.last or not truth.at(truth.first):
        return _answer(truth, None, MONOTONE_ASSUMED)
    seen = f"true at @{truth.first} and not at @{truth.last}: it does not stay true"
    return _answer(truth, truth.first, EDGE, contradiction=seen)


def _edge(position: int, turns: bool) -> Edge:
    pair = (position - 1, position) if turns else (position, position - 1)
    return Edge(position, turns, *pair)


def _answer(truth: Truth, position: int | None, guarantee: str, **more: Any) -> Bisection:
    starts = position is None or position == truth.first
    if position is not None and not starts:
        more.setdefault("edges", [_edge(position, True)])
        more.setdefault("edge_count", 1)
    return Bisection(
        found=position is not None,
        position=position,
        event=truth.timeline.log.get(position) if position else None,
        good=None if starts or position is None else position - 1,
        bad=position,
        probes=truth.probes,
        undefined=truth.undefined,
        guarantee=guarantee,
        first=truth.first,
        last=truth.last,
        candidates=[] if position is None else [position],
        **more,
    )
