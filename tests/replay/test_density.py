"""How busy a log was: columns of equal time, idle gaps folded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.density import FOLD, Bucket
from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

HOUR = 3600 * SECOND
START = 10**18


def timed(times: Sequence[int | None]) -> Timeline:
    log = MemoryLog()
    log.append(
        *(
            NewEvent(stream="s", type="t", data={}, time_ns=None if time is None else START + time)
            for time in times
        )
    )
    return Timeline.open(log)


def bursts(*sizes: int, apart: int = HOUR) -> Timeline:
    """Events a second apart, in bursts of these sizes."""
    times = [n * apart + each * SECOND for n, size in enumerate(sizes) for each in range(size)]
    return timed(times)


def lasted(bucket: Bucket) -> int:
    assert bucket.start_ns is not None
    assert bucket.end_ns is not None
    return bucket.end_ns - bucket.start_ns


def counts(buckets: Sequence[Bucket]) -> list[int]:
    return [bucket.last - bucket.first + 1 for bucket in buckets]


def test_columns_take_equal_times_whatever_happened_in_them() -> None:
    timeline = timed([n * SECOND for n in (0, 1, 2, 3, 4, 8, 12, 16, 19, 20)])

    buckets = timeline.density(10)

    assert counts(buckets) == [2, 2, 1, 0, 1, 0, 1, 0, 1, 2]
    assert {lasted(bucket) for bucket in buckets} == {2 * SECOND}


def test_an_idle_gap_is_folded_into_a_few_columns() -> None:
    buckets = bursts(30, 40, 20).density(60)

    folds = [bucket for bucket in buckets if bucket.is_idle]
    assert [bucket.first for bucket in folds] == [31, 71]
    assert [lasted(bucket) for bucket in folds] == [HOUR - 29 * SECOND, HOUR - 39 * SECOND]
    assert sum(bucket.columns for bucket in buckets) == 60
    assert folds[0].columns == FOLD


def test_a_gap_inside_what_is_left_when_longer_ones_are_folded_is_found_too() -> None:
    days = [[day * 24 * HOUR + half * HOUR + n * SECOND for n in range(40)]
            for day in range(2) for half in range(2)]  # fmt: skip
    buckets = timed([time for part in days for time in part]).density(80)

    assert len([bucket for bucket in buckets if bucket.is_idle]) == 3


def test_few_events_far_apart_are_no_gaps() -> None:
    assert not any(b.is_idle for b in timed([n * HOUR for n in (0, 1, 3, 4, 9)]).density(60))


def test_where_one_column_would_hold_most_events_each_holds_equally_many() -> None:
    times = [*range(1_000), *(n * SECOND for n in range(1, 200))]

    buckets = timed(times).density(20)

    assert max(counts(buckets)) <= 60


def test_without_times_columns_hold_equally_many() -> None:
    assert counts(timed([None] * 100).density(20)) == [5] * 20


def test_a_part_of_a_log_is_shown_alone() -> None:
    buckets = bursts(30, 40, 20).density(40, 31, 70)

    assert (buckets[0].first, buckets[-1].last) == (31, 70)
    assert not any(bucket.is_idle for bucket in buckets)


times = st.lists(
    st.none() | st.integers(-3, 3) | st.integers(0, 10**15) | st.just(10**18), max_size=200
)


@given(times, st.integers(1, 90), st.data())
def test_every_event_is_in_one_column_and_never_are_there_more(
    steps: list[int | None], columns: int, data: st.DataObject
) -> None:
    timeline = timed(steps + list(accumulate(s or 0 for s in steps)))
    first = data.draw(st.integers(1, max(timeline.head, 1)))
    last = data.draw(st.integers(first, max(timeline.head, first)))

    buckets = timeline.density(columns, first, last)

    covered = [p for b in buckets for p in range(b.first, b.last + 1)]
    assert covered == list(range(first, min(last, timeline.head) + 1))
    assert sum(bucket.columns for bucket in buckets) <= columns
