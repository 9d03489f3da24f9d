"""Running coroutines that call other people's code, which may block, print, or never end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from threading import Thread, Timer
from types import FrameType
from typing import Any, TypeVar

from laban.store.terminal import safe

from .output import hint

TELLING_S = 2.0  # after Ctrl-C, until the actions are named that hold the end up
SHOWN = 3  # of them
PATIENCE_S = 1.0  # that cancelled tasks have to end

T = TypeVar("T")


def run_to_end(main: Coroutine[Any, Any, T]) -> T:
    """
    Run *main* and return its result, as asyncio.run does.

    Tasks and threads that do not end are left behind. What is printed meanwhile goes to standard
    error: standard output is for results.
    """
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_Threads())
    try:
        with redirect_stdout(sys.stderr):
            return loop.run_until_complete(main)
    finally:
        _leave(loop)


def _leave(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=PATIENCE_S))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.set_exception_handler(lambda *_: None)  # asyncio would lament each task that is left
    loop.close()


class _Threads(ThreadPoolExecutor):
    """A thread for each call, and none that the end of the program waits for."""

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)

        Thread(target=work, name="laban-blocking", daemon=True).start()
        return future


@contextmanager
def cancelled_by_signals(
    task: asyncio.Task[None], at_work: Callable[[], list[tuple[str, str]]]
) -> Iterator[None]:
    """
    Let Ctrl-C and the end of the session cancel *task*; a second Ctrl-C ends the process.

    After a while it says which actions of which capabilities are *at_work* still. The loop's
    own handlers would wait while an agent blocks it, and so would its timers.
    """
    loop = asyncio.get_running_loop()

    def restore() -> None:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python calls it so
        restore()
        hint("Stopping: agents at work have a moment to end; Ctrl-C again stops at once.")
        loop.call_soon_threadsafe(task.cancel)
        telling = Timer(TELLING_S, tell)
        telling.daemon = True
        telling.start()

    def tell() -> None:
        if names := [safe(f"{action} ({capability})") for action, capability in at_work()]:
            more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
            hint(f"Still waiting for {', '.join(names[:SHOWN])}{more}; Ctrl-C again stops at once.")

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        restore()
