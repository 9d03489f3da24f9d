"""
Watching a run: it goes on in a process of its own, the debugger follows its log in ours.

So neither slows the other. What the run prints is kept while the screen is up, and printed
after it. The run ends when we do, however that comes: its standard input is a pipe from us.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .folders import remember
from .opening import indexed, opened_log
from .program import INTERRUPTED, complain
from .screen import debug

# -P keeps the working folder, which may hold anything, from being imported from.
_CODE = (
    "import json, sys; path, *args = sys.argv[1:]; sys.path[:] = json.loads(path); "
    "from laban.cli.watching import run_watched; run_watched(*args)"
)
_PYTHON = (sys.executable, "-P", "-c", _CODE)
_RELAY = 0.05  # seconds between two looks at what the run has printed


def watched(
    file: str, source: str | None, output: str, follow: bool, partitions: int, linger: float
) -> int:
    """Run a choreography, show its log meanwhile, and return the exit status of the run."""
    options = ["-o", output, f"--partitions={partitions}", f"--linger={linger}"]
    options += [f"--events={source}"] if source else []
    options += ["--follow"] if follow else []
    with TemporaryDirectory(prefix="laban-run-") as folder:
        run = _Run(Path(folder), ["run", *options, "--", file])
        try:
            if run.has_begun():
                _show(Path(output), run)
        finally:
            status = run.end()
    if status < 0:
        return complain(_killed(status))
    return status


def _show(path: Path, run: _Run) -> None:
    with opened_log(str(path)) as log, indexed(log, str(path)) as timeline:
        remember(path)
        debug(timeline, path, timeline.head, follow=True, ending=run.ending)


class _Run:
    """A run in another process; what it prints goes into *folder*."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self._printed = (folder / "out", folder / "err")
        self._relayed = [0, 0]  # bytes of them
        self._begun, begun = os.pipe()
        try:
            with self._printed[0].open("ab") as out, self._printed[1].open("ab") as err:
                self._process = subprocess.Popen(
                    [*_PYTHON, json.dumps(sys.path), str(begun), *arguments],
                    stdin=subprocess.PIPE,
                    stdout=out,
                    stderr=err,
                    pass_fds=[begun],
                    start_new_session=True,  # Ctrl-C is for us: we end it
                )
        finally:
            os.close(begun)

    def has_begun(self) -> bool:
        """Wait until the choreography runs; False: it ended before, for a reason that it says."""
        try:
            return bool(os.read(self._begun, 1))
        finally:
            os.close(self._begun)

    def ending(self) -> str:
        """Return how the run has ended, "" as long as it goes on."""
        status = self._process.poll()
        if status is None:
            return ""
        if status < 0:
            return _killed(status)
        if status == INTERRUPTED:
            return "The run was interrupted: the same command goes on from there."
        out, err = (_last_line(path) for path in self._printed)
        if status:
            return f"The run has failed: {err.removeprefix('laban: ') or f'status {status}'}"
        return f"The run has ended: {out}"

    def end(self) -> int:
        """Let the run end in order, print what it printed, and return its exit status."""
        assert self._process.stdin is not None
        if self._process.poll() is None:
            self._process.stdin.close()
        while self._process.poll() is None:
            try:
                self._relay()
                time.sleep(_RELAY)
            except KeyboardInterrupt:  # no more patience
                self._process.send_signal(signal.SIGINT)
        self._process.stdin.close()
        self._relay()
        return self._process.returncode

    def _relay(self) -> None:
        """Print what the run has printed since the last time."""
        for number, stream in enumerate((sys.stdout, sys.stderr)):
            with self._printed[number].open("rb") as file:
                file.seek(self._relayed[number])
                text = file.read()
            self._relayed[number] += len(text)
            stream.flush()
            stream.buffer.write(text)
            stream.flush()


def run_watched(begun: str, *arguments: str) -> None:
    """Run the command in the process that is watched; its standard input ends with the watcher."""
    from .program import program

    watcher = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)

    def started() -> None:
        os.write(int(begun), b"!")
        os.close(int(begun))

    def end_with_watcher() -> None:
        os.read(watcher, 1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=end_with_watcher, daemon=True).start()
    program.main(list(arguments), prog_name="laban", obj=started)


def _killed(status: int) -> str:
    name = signal.Signals(-status).name
    return f"The run was ended by {name}: the same command goes on from there."


def _last_line(path: Path) -> str:
    return path.read_text(errors="replace").strip().rpartition("\n")[2]
