"""Events as rows of the event list, and the log's density as columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from laban.replay.builder import is_failure
from laban.replay.density import Bucket
from laban.store.event import Event
from laban.store.log import EventLog
from laban.tui.pages import Pages
from laban.tui.state.preview import summary
from laban.tui.values import Column, EventRow, Mark, elapsed, roughly

_LEVELS = 8
_SPREAD = math.log(_LEVELS)  # differences smaller than this share the height they deserve
_FEW = 0.25  # of the columns
_CHANCE = 3  # standard deviations of a count (Poisson)


def event_rows(log: EventLog, head: int, start_ns: Callable[[], int | None]) -> Pages[EventRow]:
    """
    Return a row for each position from 0 to *head*, fetched when looked at.

    *start_ns* returns the time that the rows' times count from.
    """

    def fetch(start: int, stop: int) -> list[EventRow]:
        rows = [BEGINNING] if start == 0 else []
        begin = start_ns()
        return [*rows, *(event_row(e, begin) for e in log.read(max(start, 1), stop - 1))]

    return Pages(head + 1, fetch)


def event_row(event: Event, start_ns: int | None) -> EventRow:
    """Return *event* as a row of the event list."""
    return EventRow(
        event.position,
        elapsed(event.time_ns, start_ns, brief=True),
        event.source,
        event.type,
        event.stream,
        summary(event.data.parsed, 200),
        Mark.ERROR if is_failure(event.type) else Mark.NONE,
    )


BEGINNING = EventRow(0, summary="before the first event")


def density_columns(buckets: Sequence[Bucket]) -> list[Column]:
    """
    Return *buckets* as columns that are as high as they were busy, idle gaps folded.

    Heights are logarithmic, between the slowest and the busiest column.
    """
    rates = [b.rate for b in buckets if b.rate]
    busiest = math.log(max(rates, default=1.0))
    slowest = min(math.log(min(rates, default=1.0)), busiest - _SPREAD)
    busy = [bucket for bucket in buckets if _events(bucket)]
    failing = _notable(busy, lambda bucket: bucket.errors)
    deciding = _notable(busy, lambda bucket: bucket.decisions)
    return [
        column
        for bucket in buckets
        for column in (
            _folded(bucket)
            if bucket.is_idle
            else [
                Column(
                    bucket.first,
                    bucket.last,
                    _level(bucket, slowest, busiest),
                    failing=failing(bucket),
                    deciding=deciding(bucket),
                )
            ]
        )
    ]


def _level(bucket: Bucket, slowest: float, busiest: float) -> int:
    if not _events(bucket):
        return 0
    if not bucket.rate:  # no clock tells
        return _LEVELS // 2
    share = (math.log(bucket.rate) - slowest) / (busiest - slowest)
    return 1 + round(share * (_LEVELS - 1))


def _folded(bucket: Bucket) -> list[Column]:
    """Return the columns of an idle gap; they say how long it is: ⋯2h⋯."""
    assert bucket.start_ns is not None
    assert bucket.end_ns is not None
    text = f"{roughly(bucket.end_ns - bucket.start_ns):⋯^{bucket.columns}}"
    return [Column(bucket.first, bucket.last, 0, fold=letter) for letter in text]


def _notable(buckets: Sequence[Bucket], count: Callable[[Bucket], int]) -> Callable[[Bucket], bool]:
    """
    Return a test for buckets that hold some of what *count* counts, as long as those are few.

    When they are many, it is true only where clearly more of it is than elsewhere: of marks
    in nearly every column nobody would learn anything.
    """
    if sum(count(bucket) > 0 for bucket in buckets) <= len(buckets) * _FEW:
        return lambda bucket: count(bucket) > 0
    share = sum(map(count, buckets)) / sum(map(_events, buckets))

    def stands_out(bucket: Bucket) -> bool:
        expected = share * _events(bucket)
        return count(bucket) > expected + _CHANCE * math.sqrt(expected)

    return stands_out


def _events(bucket: Bucket) -> int:
    return bucket.last - bucket.first + 1
