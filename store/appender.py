"""Group commit: many small appends share one transaction, and so one wait for the disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Self

from .errors import LabanError, UnwritableError
from .event import NewEvent
from .log import ANY, EventLog

CAPACITY = 10_000  # events that may wait
GROUP = 1_000  # events recorded in one transaction, more only when one append has more

Positions = Sequence[int]


class _Batch:
    """One caller's append, and where its answer goes."""

    __slots__ = ("events", "expected", "future")

    def __init__(self, events: Sequence[NewEvent], expected: int | None) -> None:
        self.events, self.expected = events, expected
        self.future: Future[Positions] = Future()


class Appender:
    """
    Appends to a log for many callers at once, threads and coroutines.

    What waits while the disk is busy goes into the next transaction together. Each caller is
    answered when its events are durable, or with its own error; nobody's error touches the
    others. The log stays open when the appender is closed.
    """

    def __init__(self, log: EventLog, *, capacity: int = CAPACITY, group: int = GROUP) -> None:
        self._log, self._capacity, self._group = log, capacity, group
        self._changed = Condition()
        self._waiting: deque[_Batch] = deque()
        self._count = 0  # events in `_waiting`
        self._closed = False
        self._thread = Thread(target=self._work, name="laban-appender", daemon=True)
        self._thread.start()

    def append(self, *events: NewEvent, expected: int | None = ANY) -> Positions:
        """As EventLog.append; waits until the events are durable."""
        return self.submit(*events, expected=expected).result()

    async def append_async(self, *events: NewEvent, expected: int | None = ANY) -> Positions:
        """As `append`, for coroutines. When it is cancelled, the events may be recorded or not."""
        batch = _Batch(events, expected)
        if not self._offer(batch):
            await asyncio.to_thread(self._wait_and_offer, batch)
        return await asyncio.wrap_future(batch.future)

    def submit(self, *events: NewEvent, expected: int | None = ANY) -> Future[Positions]:
        """
        Return the future of an append; waits only where too many events wait already.

        Raises UnwritableError once the appender is closed.
        """
        batch = _Batch(events, expected)
        self._wait_and_offer(batch)
        return batch.future

    def close(self) -> None:
        """Take no more, record what waits, and return when it is durable."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_and_offer(self, batch: _Batch) -> None:
        with self._changed:
            while not self._offer(batch):
                self._changed.wait()

    def _offer(self, batch: _Batch) -> bool:
        """Put *batch* into the queue if there is room: one larger than that goes alone."""
        with self._changed:
            if self._closed:
                raise UnwritableError("The appender is closed: append to the log itself.")
            if self._count and self._count + len(batch.events) > self._capacity:
                return False
            self._waiting.append(batch)
            self._count += len(batch.events)
            self._changed.notify_all()
            return True

    def _work(self) -> None:
        while batches := self._next_group():
            wanted = [b for b in batches if b.future.set_running_or_notify_cancel()]
            if wanted:
                self._record(wanted)

    def _next_group(self) -> list[_Batch]:
        """Wait for appends and return some that go into one transaction; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            batches, size = list[_Batch](), 0
            while self._waiting and (not batches or self._joins(self._waiting[0], size)):
                batch = self._waiting.popleft()
                batches.append(batch)
                size += len(batch.events)
                if batch.expected is not ANY:
                    break  # its condition is checked in a transaction of its own
            self._count -= size
            self._changed.notify_all()
            return batches

    def _joins(self, batch: _Batch, size: int) -> bool:
        return batch.expected is ANY and size + len(batch.events) <= self._group

    def _record(self, batches: Sequence[_Batch]) -> None:
        if len(batches) == 1:
            self._record_one(batches[0])
            return
        try:
            positions = self._log.append(*(e for batch in batches for e in batch.events))
        except LabanError:  # somebody's events are refused: find out whose
            for batch in batches:
                self._record_one(batch)
        except BaseException as error:
            for batch in batches:
                batch.future.set_exception(error)
        else:
            start = 0
            for batch in batches:
                batch.future.set_result(positions[start : start + len(batch.events)])
                start += len(batch.events)

    def _record_one(self, batch: _Batch) -> None:
        try:
            batch.future.set_result(self._log.append(*batch.events, expected=batch.expected))
        except BaseException as error:
            batch.future.set_exception(error)
