"""What the group-committing appender promises its callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from laban.store.appender import Appender
from laban.store.errors import ConflictError, DuplicateIdError, InvalidEventError, UnwritableError
from laban.store.event import NewEvent
from laban.store.log import NO_STREAM, EventLog
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    made: EventLog = (
        MemoryLog() if request.param == "memory" else SqliteLog.create(tmp_path / "x.laban")
    )
    yield made
    made.close()


class SlowDisk(MemoryLog):
    """A log that takes nothing until its disk is let go, and remembers each transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = threading.Event()
        self.transactions: list[int] = []
        self.broken: Exception | None = None

    def append(self, *events: NewEvent, expected: int | None = None) -> Sequence[int]:
        self.disk.wait()
        if self.broken is not None:
            raise self.broken
        self.transactions.append(len(events))
        return super().append(*events, expected=expected)


def asked(stream: str = "waltz", id: str | None = None, **fields: object) -> NewEvent:
    return NewEvent(
        stream=stream, type="asked", source="tester", data=fields, id=id or str(uuid4())
    )


def held_together(
    appender: Appender, log: SlowDisk, *batches: tuple[NewEvent, ...]
) -> list[Future[Sequence[int]]]:
    """Submit *batches* while the disk is busy, so that they become one group; then let it go."""
    first = appender.submit(asked("before"))
    while not first.running():
        pass
    futures = [appender.submit(*events) for events in batches]
    log.disk.set()
    return futures


def test_many_threads_each_get_the_positions_of_their_own_events(log: EventLog) -> None:
    def write(writer: int) -> list[tuple[str, int]]:
        events = [asked(f"stream-{writer}", id=f"{writer}-{i}") for i in range(20)]
        return [(event.id, appender.append(event)[0]) for event in events]

    with Appender(log) as appender, ThreadPoolExecutor(16) as pool:
        answered = [pair for pairs in pool.map(write, range(16)) for pair in pairs]

    assert sorted((e.id, e.position) for e in log.read()) == sorted(answered)


def test_many_coroutines_each_get_the_positions_of_their_own_events(log: EventLog) -> None:
    async def write(appender: Appender) -> list[Sequence[int]]:
        return await asyncio.gather(
            *(appender.append_async(asked(id=f"{i}a"), asked(id=f"{i}b")) for i in range(100))
        )

    with Appender(log) as appender:
        answered = asyncio.run(write(appender))

    recorded = {event.id: event.position for event in log.read()}
    assert [list(p) for p in answered] == [
        [recorded[f"{i}a"], recorded[f"{i}b"]] for i in range(100)
    ]


def test_what_waits_while_the_disk_is_busy_shares_one_transaction() -> None:
    log = SlowDisk()

    with Appender(log) as appender:
        held_together(appender, log, *[(asked(),)] * 50)

    assert log.transactions == [1, 50]


def test_an_answered_append_can_be_read(log: EventLog) -> None:
    with Appender(log) as appender:
        (position,) = appender.append(asked(id="a"))

        assert log.get(position).id == "a"


def test_a_refused_append_fails_alone() -> None:
    log = SlowDisk()
    log.disk.set()
    log.append(asked(id="taken", steps=3))
    log.disk.clear()

    with Appender(log) as appender:
        good, refused, invalid, other = held_together(
            appender, log,
            (asked(id="a"),),
            (asked(id="b"), asked(id="taken", steps=4)),
            (asked(stream=""),),
            (asked(id="c"),),
        )  # fmt: skip

        with pytest.raises(DuplicateIdError, match="'taken' at @1"):
            refused.result()
        with pytest.raises(InvalidEventError):
            invalid.result()
        assert (list(good.result()), list(other.result())) == ([3], [4])
    assert [event.id for event in log.read(3)] == ["a", "c"]


def test_a_thread_that_waits_is_told_its_own_error(log: EventLog) -> None:
    with Appender(log) as appender:
        appender.append(asked(), expected=NO_STREAM)

        with pytest.raises(ConflictError, match="holds 1 events, not the 0 you saw"):
            appender.append(asked(), expected=NO_STREAM)


def test_two_appends_with_the_same_id_in_one_group_conflict_as_if_they_came_apart() -> None:
    log = SlowDisk()

    with Appender(log) as appender:
        first, same, other = held_together(
            appender, log, (asked(id="a", n=1),), (asked(id="a", n=1),), (asked(id="a", n=2),)
        )

        assert list(first.result()) == list(same.result()) == [2]
        with pytest.raises(DuplicateIdError):
            other.result()


def test_of_two_that_expect_the_same_length_one_is_told_of_the_conflict(log: EventLog) -> None:
    with Appender(log) as appender:
        futures = [appender.submit(asked(), expected=NO_STREAM) for _ in range(2)]
        bystander = appender.submit(asked("tango"))

        assert [type(future.exception()) for future in futures] == [type(None), ConflictError]
        assert len(bystander.result()) == 1


def test_a_broken_disk_is_told_to_everybody_and_the_next_append_tries_again() -> None:
    log = SlowDisk()
    log.broken = OSError("no space left")

    with Appender(log) as appender:
        futures = held_together(appender, log, (asked(),), (asked(),))
        errors = [str(future.exception()) for future in futures]
        log.broken = None

        assert errors == ["no space left", "no space left"]
        assert list(appender.append(asked())) == [1]


def test_a_caller_waits_while_too_many_events_wait_before_it() -> None:
    log = SlowDisk()

    with Appender(log, capacity=3) as appender:
        first = appender.submit(asked())
        while not first.running():
            pass
        for _ in range(3):
            appender.submit(asked())
        patient = threading.Thread(target=lambda: appender.append(asked()))
        patient.start()
        patient.join(0.05)
        held_back = patient.is_alive()
        log.disk.set()
        patient.join()

    assert held_back
    assert log.head() == 5


def test_a_coroutine_waits_for_room_without_stopping_the_others() -> None:
    log = SlowDisk()

    async def write(appender: Appender) -> int:
        writers = [asyncio.create_task(appender.append_async(asked())) for _ in range(10)]
        await asyncio.sleep(0.01)
        log.disk.set()
        return len(await asyncio.gather(*writers))

    with Appender(log, capacity=2) as appender:
        assert asyncio.run(write(appender)) == 10

    assert log.head() == 10


def test_an_append_larger_than_the_queue_goes_alone(log: EventLog) -> None:
    with Appender(log, capacity=2, group=2) as appender:
        assert list(appender.append(*[asked() for _ in range(5)])) == [1, 2, 3, 4, 5]


def test_closing_records_what_waits_and_refuses_what_comes(log: EventLog) -> None:
    appender = Appender(log)
    futures = [appender.submit(asked()) for _ in range(100)]

    appender.close()

    assert all(future.done() for future in futures)
    assert log.head() == 100
    with pytest.raises(UnwritableError, match="closed"):
        appender.append(asked())


def test_a_cancelled_append_leaves_the_others_in_peace() -> None:
    log = SlowDisk()

    async def write(appender: Appender) -> int:
        first = asyncio.create_task(appender.append_async(asked()))
        await asyncio.sleep(0.01)
        impatient = asyncio.create_task(appender.append_async(asked()))
        patient = asyncio.create_task(appender.append_async(asked(id="patient")))
        await asyncio.sleep(0)
        impatient.cancel()
        log.disk.set()
        return [*await first, *await patient][-1]

    with Appender(log) as appender:
        position = asyncio.run(write(appender))

    assert log.get(position).id == "patient"
