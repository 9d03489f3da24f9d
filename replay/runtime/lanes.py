"""Where agents work: lanes beside one another, one action at a time in each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any
from zlib import crc32

from laban.replay.choreography.actions import Actions
from laban.replay.choreography.agent import ActionFailed, AgentFunction
from laban.replay.choreography.attempt import Attempt
from laban.store.errors import DuplicateIdError, InvalidEventError
from laban.store.event import NewEvent

PATIENCE = 1.0  # seconds that an agent has to end after it is cancelled

Append = Callable[..., Awaitable[Any]]
Begin = Callable[[str], Attempt]  # from a request's id


class _Work:
    """An agent at work on an attempt."""

    def __init__(self, attempt: Attempt, task: asyncio.Task[Mapping[str, Any] | None]) -> None:
        self.attempt, self.task = attempt, task
        self.over = asyncio.get_running_loop().create_future()  # nobody waits for it any longer
        self.dropped = False
        task.add_done_callback(lambda _: self._end())

    def drop(self) -> None:
        """Cancel it; after a while wait no longer, whether it ended or not."""
        if not self.dropped:
            self.dropped = True
            self.task.cancel()
            asyncio.get_running_loop().call_later(PATIENCE, self._end)

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class Lanes:
    """
    Carries out the attempts that are put in, each correlation's in order.

    A correlation always has the same lane. `unfinished` counts what was put in and is not
    over; `failed` is done when something other than an agent broke.
    """

    def __init__(
        self,
        count: int,
        actions: Actions,
        agents: Mapping[str, AgentFunction],
        *,
        begin: Begin,
        append: Append,
    ) -> None:
        self._actions, self._agents = actions, agents
        self._begin, self._append = begin, append
        self._queues = [asyncio.Queue[tuple[str, int]]() for _ in range(count)]
        self._tasks: set[asyncio.Task[None]] = set()
        self._working: set[_Work] = set()
        self._closing = False
        self.unfinished = 0
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Begin to work."""
        for queue in self._queues:
            self._spawn(self._carry_out(queue))

    def put(self, id: str, attempt: int, correlation: str) -> None:
        """Let an attempt at a request be carried out when its lane is free."""
        self.unfinished += 1
        lane = crc32(correlation.encode("utf-8", "surrogatepass")) % len(self._queues)
        self._queues[lane].put_nowait((id, attempt))

    def drop_unawaited(self) -> None:
        """Cancel the work that nobody awaits any more: it timed out, or another answered."""
        for work in list(self._working):
            if not self._actions.awaits(work.attempt.id, work.attempt.attempt):
                work.drop()

    def at_work(self) -> list[Attempt]:
        """Return the attempts that agents are at work on; any thread may ask."""
        return [work.attempt for work in list(self._working)]

    async def close(self, grace_seconds: float) -> None:
        """
        Begin nothing more, and let what is under way come to its end, for so long.

        What takes longer is cancelled and gets no answer, so that it is run again next time.
        """
        self._closing = True
        working = [work.task for work in self._working]
        if working:
            await asyncio.wait(working, timeout=grace_seconds)
        for work in list(self._working):
            work.drop()
        while self._working and not self.failed.done():
            await asyncio.sleep(0.005)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self.failed.done():
            self.failed.set_exception(error)

    async def _carry_out(self, queue: asyncio.Queue[tuple[str, int]]) -> None:
        while True:
            id, number = await queue.get()
            if not self._closing and self._actions.awaits(id, number):
                await self._attempt(id, number)
            self.unfinished -= 1

    async def _attempt(self, id: str, number: int) -> None:
        attempt = self._begin(id)
        with suppress(DuplicateIdError):  # it began before a crash, and is run again
            await self._append(attempt.started())
        if self._closing or not self._actions.awaits(id, number):
            return
        function = self._agents.get(attempt.capability)
        if function is None:
            missing = ActionFailed(
                f"no function carries out {attempt.capability!r}: register one with "
                f"@choreography.agent({attempt.capability!r})"
            )
            await self._answer(attempt, attempt.failed(missing))
            return
        work = _Work(attempt, asyncio.create_task(_call(function, attempt)))
        self._working.add(work)
        try:
            await work.over
            if work.task.done():
                await self._finish(work)
            else:  # it swallows its cancellation: its lane goes on without it
                self._spawn(self._outlast(work))
        finally:
            self._working.discard(work)

    async def _outlast(self, work: _Work) -> None:
        await asyncio.wait([work.task])
        await self._finish(work)

    async def _finish(self, work: _Work) -> None:
        """Record the answer of an agent that came to its end, however it did."""
        attempt, task = work.attempt, work.task
        if not task.cancelled():
            error = task.exception()
            if isinstance(error, KeyboardInterrupt):
                return  # whoever runs us ends us: the attempt has no answer, and is run again
            await self._answer(
                attempt, attempt.ended(task.result()) if error is None else attempt.failed(error)
            )
        elif not work.dropped:
            await self._answer(attempt, attempt.failed(ActionFailed("the agent was cancelled")))

    async def _answer(self, attempt: Attempt, events: list[NewEvent]) -> None:
        """Record an answer. One that comes too late is kept, but publishes nothing."""
        if not self._actions.awaits(attempt.id, attempt.attempt):
            events = events[-1:]
        try:
            await self._append(*events)
        except InvalidEventError as error:
            await self._append(*attempt.failed(error))
        except DuplicateIdError:
            pass  # another runtime on the same log was faster


async def _call(function: AgentFunction, attempt: Attempt) -> Mapping[str, Any] | None:
    try:
        return await function(attempt)
    except SystemExit as error:  # one agent does not end the program
        raise ActionFailed(f"it called for an exit: SystemExit({error})") from error
