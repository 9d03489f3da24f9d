"""Events as rows of the event list, and the log's density as columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from laban.replay.builder import is_failure
from laban.replay.density import Bucket
from laban.store.event import Event
from laban.store.log import EventLog

from .pages import Pages
from .preview import summary
from .values import Column, EventRow, Mark, elapsed

_LEVELS = 8
_SPREAD = math.log(_LEVELS)  # differences smaller than this share the height they deserve
_IDLE = 20  # a column this many times slower than the middle one is an idle gap …
_FEW = 0.25  # of the columns
_CHANCE = 3  # standard deviations of a count (Poisson)
_IDLE_SHARE = 0.05  # … when it also takes this share of all the time


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
    Return *buckets*, of about equally many events each, as columns as high as they were busy.

    Heights are logarithmic in events per second, between the slowest and the busiest column.
    """
    spans = [_span(bucket) for bucket in buckets]
    idle = _idle_from([span for span in spans if span is not None])
    speeds = [
        math.log(_events(bucket) / span) if span else None
        for bucket, span in zip(buckets, spans, strict=True)
    ]
    usual = [
        speed
        for speed, span in zip(speeds, spans, strict=True)
        if speed is not None and span is not None and span < idle
    ]
    busiest = max(usual, default=0.0)
    slowest = min(*usual, busiest - _SPREAD) if usual else busiest
    failing = _failing(buckets)
    return [
        Column(
            bucket.first,
            bucket.last,
            _level(speed, slowest, busiest),
            failing=failing(bucket),
            fold=span is not None and span >= idle,
        )
        for bucket, span, speed in zip(buckets, spans, speeds, strict=True)
    ]


def _failing(buckets: Sequence[Bucket]) -> Callable[[Bucket], bool]:
    """
    Return a test for buckets in which events failed, as long as those are few.

    When they are many, it is true only where clearly more failed than elsewhere: of marks
    in nearly every column nobody would learn anything.
    """
    if sum(bucket.errors > 0 for bucket in buckets) <= len(buckets) * _FEW:
        return lambda bucket: bucket.errors > 0
    share = sum(b.errors for b in buckets) / sum(_events(b) for b in buckets)

    def stands_out(bucket: Bucket) -> bool:
        expected = share * _events(bucket)
        return bucket.errors > expected + _CHANCE * math.sqrt(expected)

    return stands_out


def _events(bucket: Bucket) -> int:
    return bucket.last - bucket.first + 1


def _idle_from(spans: Sequence[float]) -> float:
    """Return from how long on, in ns, a column stands for an idle gap."""
    known = [span for span in spans if span]
    return max(median(known) * _IDLE, sum(known) * _IDLE_SHARE) if known else math.inf


def _span(bucket: Bucket) -> float | None:
    """Return how long the events of *bucket* took, in ns; None where no clock tells."""
    if bucket.start_ns is None or bucket.end_ns is None:
        return None
    return float(max(bucket.end_ns - bucket.start_ns, 0))


def _level(speed: float | None, slowest: float, busiest: float) -> int:
    if speed is None or busiest <= slowest:  # no clock, or all at one time
        return _LEVELS // 2
    share = min(max((speed - slowest) / (busiest - slowest), 0.0), 1.0)
    return 1 + round(share * (_LEVELS - 1))
