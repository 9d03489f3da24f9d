"""A program in a terminal of its own: press keys, and see how soon the screen follows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

SIZE = (36, 120)  # rows, columns
QUIET = 0.1  # seconds without output after which the screen is complete
PATIENCE = 60.0  # seconds until the program is given up
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


class Painted(NamedTuple):
    """How many ms after a key the screen said what was waited for, and was complete."""

    seen: float
    complete: float


class PtyScreen:
    """Runs *command* until the end of the block; what it writes is timed, not drawn."""

    def __init__(self, command: list[str]) -> None:
        self._started = time.perf_counter()
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            os.environ.update(
                TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none"
            )
            os.execvp(command[0], command)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))

    def __enter__(self) -> PtyScreen:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.kill(self.process, signal.SIGTERM)
        os.close(self._terminal)
        os.waitpid(self.process, 0)

    def first_paint(self, wanted: str) -> Painted:
        """Wait for the first screen that contains *wanted*."""
        return self._paint(self._started, lambda text: wanted in text)

    def press(
        self, keys: str, wanted: str | Callable[[str], bool] = "", *, quiet: float = QUIET
    ) -> Painted:
        """Press *keys* at once; wait until *wanted* was written, and then nothing for *quiet* s."""
        holds = wanted if callable(wanted) else lambda text: wanted in text
        pressed = time.perf_counter()
        os.write(self._terminal, keys.encode())
        return self._paint(pressed, holds, quiet)

    def peak_mb(self) -> float:
        """Return the most memory that the process took."""
        for line in Path(f"/proc/{self.process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("/proc tells no VmHWM of the process.")

    def _paint(self, since: float, holds: Callable[[str], bool], quiet: float = QUIET) -> Painted:
        written, seen, last = b"", 0.0, 0.0
        deadline = time.perf_counter() + PATIENCE
        while (now := time.perf_counter()) < deadline:
            if select.select([self._terminal], [], [], quiet)[0]:
                written += os.read(self._terminal, 1 << 16)
                last = time.perf_counter()
                if not seen and holds(_ESCAPES.sub("", written.decode(errors="replace"))):
                    seen = last
            elif seen:
                return Painted(1000 * (seen - since), 1000 * (last - since))
        raise TimeoutError(f"The program did not answer in {now - since:.0f} s: {written[-500:]!r}")
