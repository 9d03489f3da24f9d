"""The parent's side of a process that runs one query."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from time import monotonic

import msgspec
import pyarrow as pa

from .request import Limits, Message, QueryError, Request

# -P keeps the working folder, which may hold anything, from being imported from.
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from laban.analysis.worker import main; main()"


class Worker:
    """
    A process that waits for one request and answers it.

    Ask, then take `columns`, `schema`, `batches` and `outcome`, in this order. `end` stops
    it at any point.
    """

    def __init__(self, folder: Path) -> None:
        self._errors = folder / "errors.txt"
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _CODE, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is for us: we end it
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._limits = Limits()
        self._left = 0.0  # seconds of waiting that the query may still take
        self._late = False

    def ask(self, request: Request) -> None:
        """Send the request. The pipe stays open: its end would end the process."""
        self._limits, self._left = request.limits, request.limits.seconds
        try:
            self._in.write(msgspec.json.encode(request) + b"\n")
            self._in.flush()
        except BrokenPipeError:
            raise self._death() from None

    def columns(
        self, note: Callable[[str], None], progress: Callable[[int, int], None]
    ) -> list[tuple[str, str]]:
        """Return names and DuckDB types, once the log is mirrored. Raises QueryError."""
        running = False  # before, the log is mirrored, for as long as that takes
        while True:
            message = self._message() if running else self._said()
            running = running or message.ready
            if message.progress is not None:
                progress(*message.progress)
            if message.note is not None:
                note(message.note)
            if message.columns is not None:
                return message.columns

    def schema(self) -> pa.Schema:
        """Return the rows' schema."""
        with self._waiting():
            self._stream = pa.ipc.open_stream(self._out)
        return self._stream.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        while True:
            with self._waiting():
                batch = next(self._stream, None)
            if batch is None:
                return
            yield batch

    def outcome(self) -> bool:
        """Return whether there were more rows. Raises QueryError when the query failed."""
        return bool(self._message().truncated)

    def kill(self) -> None:
        """Kill the process: whoever waits for it hears of it."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, if it still runs, and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):  # from a request that it did not live to read
            self._in.close()
        self._out.close()

    def _message(self) -> Message:
        with self._waiting():
            return self._said()

    def _said(self) -> Message:
        line = self._out.readline()
        if not line:
            raise self._death()
        message = msgspec.json.decode(line, type=Message)
        if message.error is not None:
            raise QueryError(message.error)
        return message

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Kill the process when waiting for it has taken all the time that it may take."""
        timer, start = Timer(max(self._left, 0.001), self._time_over), monotonic()
        timer.daemon = True
        timer.start()
        try:
            yield
        except (pa.ArrowException, OSError) as error:  # the stream broke off
            raise self._death() from error
        finally:
            timer.cancel()
            self._left -= monotonic() - start

    def _time_over(self) -> None:
        self._late = True
        self._process.kill()

    def _death(self) -> QueryError:
        """Say why the process is gone."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # it lives, but says nothing that makes sense
            self._process.kill()
            status = self._process.wait()
        seconds = self._limits.seconds
        if self._late or status == -signal.SIGXCPU:
            return QueryError(
                f"The query was ended after {seconds:g} s: narrow it by WHERE or LIMIT."
            )
        if status < 0:
            memory = f"{self._limits.memory / 2**30:.1f} GiB"
            name = signal.Signals(-status).name
            return QueryError(
                f"The query ended its process ({name}), likely for want of memory ({memory}): "
                "select fewer rows or columns at once."
            )
        last = self._errors.read_text(errors="replace").strip().rpartition("\n")[2]
        return QueryError(f"The process that runs queries failed: {last or status}")
