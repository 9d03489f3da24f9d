"""Taking in what a log records while others read its timeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from laban.replay.expression import compile_expression
from laban.replay.following import BATCH, Following
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog


def events(count: int, first: int = 0) -> Iterator[NewEvent]:
    for n in range(first, first + count):
        yield NewEvent(
            stream=f"s{n % 7}", type="Done", source=f"a{n % 3}", data={f"f{n % 5}": n, "n": n}
        )


@pytest.fixture(params=["file", "memory"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    log = SqliteLog.create(tmp_path / "s.laban") if request.param == "file" else MemoryLog()
    yield log
    log.close()


@pytest.fixture
def timeline(log: EventLog, tmp_path: Path) -> Iterator[Timeline]:
    timeline = Timeline.open(log, tmp_path if isinstance(log, SqliteLog) else None)
    yield timeline
    timeline.close()


@pytest.fixture
def following(timeline: Timeline) -> Iterator[Following]:
    following = Following(timeline)
    yield following
    following.close()


def test_what_is_taken_in_bit_by_bit_equals_an_index_made_at_once(
    log: EventLog, timeline: Timeline, following: Following
) -> None:
    heads = []
    for part in range(4):
        log.append(*events(BATCH // 2 + 100 * part, first=log.head()))
        while following.catch_up():
            heads.append(timeline.head)

    fresh = Timeline.open(log)
    assert heads == sorted(heads)
    assert timeline.head == log.head() == heads[-1]
    for position in (1, BATCH, BATCH + 1, timeline.head):
        assert timeline.at(position) == fresh.at(position)
        assert timeline.changes(position) == fresh.changes(position)
    assert timeline.density(50) == fresh.density(50)


def test_a_burst_comes_in_batches_and_an_idle_log_in_none(
    log: EventLog, timeline: Timeline, following: Following
) -> None:
    assert not following.catch_up()

    log.append(*events(BATCH + 1))

    assert following.catch_up()
    assert timeline.head == BATCH
    assert following.catch_up()
    assert not following.catch_up()
    assert timeline.head == BATCH + 1


def test_two_that_take_in_the_same_events_agree(tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "s.laban")
    here, there = Timeline.open(log, tmp_path), Timeline.open(log, tmp_path)
    following = Following(here)
    log.append(*events(10))
    there.refresh()
    log.append(NewEvent(stream="new", type="Done", data={"fresh": 1}))

    while following.catch_up():
        pass
    there.refresh()

    assert here.head == there.head == 11
    assert here.at(11) == there.at(11) == Timeline.open(log).at(11)
    for each in (following, here, there, log):
        each.close()


def test_what_the_index_knows_past_the_head_is_not_found_yet(tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "s.laban")
    here, there = Timeline.open(log, tmp_path), Timeline.open(log, tmp_path)
    log.append(*events(10))
    there.refresh()  # another process has brought the index up to date

    found = Search(here, compile_expression("state['s3']['n'] == 3")).next(0)

    assert here.head == 0
    assert found.position is None
    assert here.next_write("/s3/n", 0) is None
    for each in (here, there, log):
        each.close()


def test_events_of_a_source_are_counted_on(
    log: EventLog, timeline: Timeline, following: Following
) -> None:
    log.append(*events(9))
    following.catch_up()
    before = timeline.source_count(log.get(9))
    log.append(*events(9, first=9))
    following.catch_up()

    assert before == 3
    assert timeline.source_count(log.get(9)) == 3
    assert timeline.source_count(log.get(18)) == 6
