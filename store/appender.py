"""Group commit: many small appends share one transaction, and so one wait for the disk."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Condition, Lock, Thread
from typing import Self

from .errors import LabanError, UnwritableError
from .event import NewEvent
from .log import ANY, EventLog

CAPACITY = 10_000  # events that may wait
GROUP = 1_000  # events recorded in one transaction, more only when one append has more

Positions = Sequence[int]
Outcome = Positions | BaseException

_let_others_run: Callable[[], object] = getattr(os, "sched_yield", partial(time.sleep, 0))


class _Answer:
    """What a thread waits for in `append`: a Future that nobody else sees, and cheaper."""

    __slots__ = ("_outcome", "_pending")

    def __init__(self) -> None:
        self._pending = Lock()
        self._pending.acquire()

    def cancelled(self) -> bool:
        return False

    def set_result(self, positions: Positions) -> None:
        self._outcome: Outcome = positions
        self._pending.release()

    def set_exception(self, error: BaseException) -> None:
        self._outcome = error
        self._pending.release()

    def result(self) -> Positions:
        self._pending.acquire()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome


AnyFuture = Future[Positions] | asyncio.Future[Positions] | _Answer


class _Batch:
    """One caller's append, and the future that gets its answer."""

    __slots__ = ("events", "expected", "future", "loop")

    def __init__(
        self,
        events: Sequence[NewEvent],
        expected: int | None,
        future: AnyFuture,
        loop: asyncio.AbstractEventLoop | None = None,  # a coroutine's; None: a thread waits
    ) -> None:
        self.events, self.expected, self.future, self.loop = events, expected, future, loop

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
        self._lock = Lock()
        self._arrived = Condition(self._lock)  # what the worker waits for
        self._room = Condition(self._lock)  # what callers wait for
        self._waiting: deque[_Batch] = deque()
        self._count = 0  # events in `_waiting`
        self._closed = False
        self._thread = Thread(target=self._work, name="laban-appender", daemon=True)
        self._thread.start()

    def append(self, *events: NewEvent, expected: int | None = ANY) -> Positions:
        """As EventLog.append; waits until the events are durable."""
        answer = _Answer()
        self._offer(_Batch(events, expected, answer), patient=True)
        return answer.result()

    async def append_async(self, *events: NewEvent, expected: int | None = ANY) -> Positions:
        """As `append`, for coroutines. When it is cancelled, the events may be recorded or not."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Positions] = loop.create_future()
        batch = _Batch(events, expected, future, loop)
        if not self._offer(batch):
            await asyncio.to_thread(self._offer, batch, patient=True)
        return await future

    def submit(self, *events: NewEvent, expected: int | None = ANY) -> Future[Positions]:
        """
        Return the future of an append; waits only where too many events wait already.

        Raises UnwritableError once the appender is closed.
        """
        future: Future[Positions] = Future()
        self._offer(_Batch(events, expected, future), patient=True)
        return future

    def close(self) -> None:
        """Take no more, record what waits, and return when it is durable."""
        with self._lock:
            self._closed = True
            self._arrived.notify()
            self._room.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _offer(self, batch: _Batch, *, patient: bool = False) -> bool:
        """Queue *batch* once there is room: one larger than that goes alone. False: no room yet."""
        size = len(batch.events)
        with self._lock:
            while self._count and self._count + size > self._capacity and not self._closed:
                if not patient:
                    return False
                self._room.wait()
            if self._closed:
                raise UnwritableError("The appender is closed: append to the log itself.")
            if not self._waiting:  # only then the worker may be asleep
                self._arrived.notify()
            self._waiting.append(batch)
            self._count += size
            return True

    def _work(self) -> None:
        while batches := self._next_group():
            wanted = [batch for batch in batches if batch.is_wanted()]
            _tell(zip(wanted, self._record(wanted), strict=True))

    def _next_group(self) -> list[_Batch]:
        """Wait for appends and return some that go into one transaction; none at the end."""
        with self._lock:
            while not self._waiting and not self._closed:
                self._arrived.wait()
        self._await_company()
        with self._lock:
            batches, size = list[_Batch](), 0
            while self._waiting and (not batches or self._joins(self._waiting[0], size)):
                batch = self._waiting.popleft()
                batches.append(batch)
                size += len(batch.events)
                if batch.expected is not ANY:
                    break  # its condition is checked in a transaction of its own
            self._count -= size
            self._room.notify_all()
            return batches

    def _await_company(self) -> None:
        """Let threads append that are about to: a microsecond when there are none."""
        seen = 0
        while seen < len(self._waiting) < self._group:
            seen = len(self._waiting)
            _let_others_run()

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
