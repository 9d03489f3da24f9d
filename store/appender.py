"""Group commit: many small appends share one transaction, and so one wait for the disk."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Condition, Thread
from typing import Self

from .errors import LabanError, UnwritableError
from .event import NewEvent
from .log import ANY, EventLog

CAPACITY = 10_000  # events that may wait
GROUP = 1_000  # events recorded in one transaction, more only when one append has more

Positions = Sequence[int]
Outcome = Positions | BaseException
AnyFuture = Future[Positions] | asyncio.Future[Positions]


class _Batch:
    """One caller's append, and the future that gets its answer."""

    __slots__ = ("events", "expected", "future", "loop")

    def __init__(
        self,
        events: Sequence[NewEvent],
        expected: int | None,
        loop: asyncio.AbstractEventLoop | None = None,  # a coroutine's; None: a thread waits
    ) -> None:
        self.events, self.expected, self.loop = events, expected, loop
        self.future: AnyFuture = loop.create_future() if loop else Future()

    def is_wanted(self) -> bool:
        """Tell whether nobody cancelled it while it waited."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


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
        batch = _Batch(events, expected, asyncio.get_running_loop())
        if not self._offer(batch):
            await asyncio.to_thread(self._wait_and_offer, batch)
        assert isinstance(batch.future, asyncio.Future)
        return await batch.future

    def submit(self, *events: NewEvent, expected: int | None = ANY) -> Future[Positions]:
        """
        Return the future of an append; waits only where too many events wait already.

        Raises UnwritableError once the appender is closed.
        """
        batch = _Batch(events, expected)
        self._wait_and_offer(batch)
        assert isinstance(batch.future, Future)
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
            wanted = [batch for batch in batches if batch.is_wanted()]
            _tell(zip(wanted, self._record(wanted), strict=True))

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

    def _record(self, batches: Sequence[_Batch]) -> list[Outcome]:
        """Record *batches* and return the positions, or the error, of each."""
        if len(batches) <= 1:
            return [self._record_one(batch) for batch in batches]
        try:
            positions = self._log.append(*(e for batch in batches for e in batch.events))
        except LabanError:  # somebody's events are refused: find out whose
            return [self._record_one(batch) for batch in batches]
        except BaseException as error:
            return [error] * len(batches)
        outcomes, start = list[Outcome](), 0
        for batch in batches:
            outcomes.append(positions[start : start + len(batch.events)])
            start += len(batch.events)
        return outcomes

    def _record_one(self, batch: _Batch) -> Outcome:
        try:
            return self._log.append(*batch.events, expected=batch.expected)
        except BaseException as error:
            return error


def _tell(outcomes: Iterable[tuple[_Batch, Outcome]]) -> None:
    """Answer every caller; the coroutines of one loop together, which wakes it once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[AnyFuture, Outcome]]] = defaultdict(list)
    for batch, outcome in outcomes:
        if batch.loop is None:
            _settle([(batch.future, outcome)])
        else:
            by_loop[batch.loop].append((batch.future, outcome))
    for loop, answers in by_loop.items():
        with suppress(RuntimeError):  # it is closed: nobody is left who would want to know
            loop.call_soon_threadsafe(_settle, answers)


def _settle(answers: Iterable[tuple[AnyFuture, Outcome]]) -> None:
    for future, outcome in answers:
        if future.cancelled():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
