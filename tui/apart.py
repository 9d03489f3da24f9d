"""Work on a large log in a process of its own: keys and memory of the debugger feel nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import IO, TypeVar, get_type_hints

import msgspec

from laban.replay.builder import CancelledError
from laban.store import open_log
from laban.store.errors import LabanError
from laban.store.log import EventLog

from .desk import Opened
from .jobs import Job

Result = TypeVar("Result")
LARGE = 50_000  # events from which a process is worth its start
_POLL = 0.03  # seconds between two looks at whether a job was cancelled
_TELL = 0.05  # seconds between two words on how far it is
# -P keeps the working folder, which may hold anything, from being imported from.
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from laban.tui.apart import main; main()"
_DONE, _FAILED = b"=\n", b"!\n"


class _Request(msgspec.Struct):
    module: str
    function: str
    path: str
    argument: str


class ApartError(LabanError):
    """The process ended without an answer."""


def apart(
    work: Callable[[EventLog, str, Job], Result], opened: Opened, argument: str, job: Job
) -> Result:
    """
    Return what *work*, a function of a module, makes of the log and *argument*.

    Raises CancelledError when *job* is cancelled, and what *work* raises as a LabanError.
    """
    if opened.path is None or opened.timeline.head < LARGE:
        return work(opened.log, argument, job)
    request = _Request(work.__module__, work.__name__, str(opened.path), argument)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    over = Event()
    Thread(target=_end_with, args=(job, process, over), daemon=True).start()
    try:
        with suppress(BrokenPipeError):  # it was killed before it could read: there is no answer
            process.stdin.write(msgspec.json.encode(request) + b"\n")
            process.stdin.flush()
        answer = _answer(process.stdout, job)
    finally:
        over.set()
        process.kill()
        process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
    result: Result = msgspec.msgpack.decode(answer, type=get_type_hints(work)["return"])
    return result


def _answer(out: IO[bytes], job: Job) -> bytes:
    for line in out:
        if line == _DONE:
            return out.read()
        if line == _FAILED:
            raise LabanError(out.read().decode())
        job.progress(*map(int, line.split()))
    if job.cancelled():
        raise CancelledError("Cancelled.")
    raise ApartError("The process that did this ended, perhaps for want of memory.")


def _end_with(job: Job, process: subprocess.Popen[bytes], over: Event) -> None:
    while not over.wait(_POLL):
        if job.cancelled():
            process.kill()
            return


# The other side.


class _Told(Job):
    """Work under way, told to the process that waits for it."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out, self._next = out, 0.0

    def progress(self, passed: int, total: int) -> None:
        if (now := monotonic()) >= self._next:
            self._next = now + _TELL
            self._out.write(f"{passed} {total}\n".encode())
            self._out.flush()


def main() -> None:
    """Do the work that comes on standard input."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    request = msgspec.json.decode(sys.stdin.buffer.readline() or b"{}", type=_Request)
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        work = getattr(import_module(request.module), request.function)
        log = open_log(Path(request.path))
        answer = _DONE + msgspec.msgpack.encode(work(log, request.argument, _Told(out)))
    except LabanError as error:
        answer = _FAILED + str(error).encode()
    out.write(answer)
    out.flush()
    os._exit(0)


def _end_with_parent() -> None:
    """End at once when nobody waits for the answer any more."""
    os.read(0, 1)
    os._exit(1)
