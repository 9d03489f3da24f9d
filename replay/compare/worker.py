"""
Hashing two logs at once: the second one in a process of its own, where that is worth it.

    python -m laban.replay.compare.worker    reads a _Task from standard input

The worker keeps the hashes beside the index of its log, where this process finds them. It ends
when its standard input does; what it does not get done is done here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from threading import Event, Thread

import msgspec

from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

from .cache import chains_of, missing
from .mask import Mask

WORTH = 50_000  # events to be hashed of each log: less is done before a process has started

_Run = tuple[EventLog, int, Path | None]  # a log, its head, the folder of its index


class _Task(msgspec.Struct):
    log: str
    head: int
    folder: str
    mask: Mask


@contextmanager
def helped(logs: list[_Run], mask: Mask) -> Iterator[None]:
    """
    Let another process hash the last of *logs*, each with its head and the folder of its index.

    Nothing is started unless there is work for two. In the end the process is over.
    """
    task = _task(logs, mask)
    if task is None:
        yield
        return
    worker = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    with worker:
        assert worker.stdin is not None
        with suppress(BrokenPipeError):  # it could not start: all is done here then
            worker.stdin.write(msgspec.json.encode(task) + b"\n")
            worker.stdin.flush()
        yield


def _task(logs: list[_Run], mask: Mask) -> _Task | None:
    """Return the work for another process, None when there is too little for two."""
    if len(logs) < 2 or logs[0][0].identity == logs[1][0].identity:
        return None
    if min(missing(*run, mask) for run in logs) < WORTH:
        return None
    log, head, folder = logs[-1]
    if folder is None or not isinstance(log, SqliteLog):
        return None
    return _Task(str(log.path.absolute()), head, str(folder.absolute()), mask)


def main() -> None:
    """Do the task on standard input."""
    signal(SIGINT, SIG_IGN)  # who is interrupted closes our input, and we save what is done
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Task)
    abandoned = Event()
    Thread(target=_watch, args=(abandoned,), daemon=True).start()
    log = SqliteLog.open(task.log)
    chains_of(log, task.head, Path(task.folder), task.mask, cancelled=abandoned.is_set)
    log.close()


def _watch(abandoned: Event) -> None:
    sys.stdin.buffer.read()
    abandoned.set()


if __name__ == "__main__":
    main()
