"""Searches in a thread: keys never wait for one, and it shows how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from laban.replay.builder import CancelledError
from laban.store.errors import LabanError
from laban.tui.searching import Found, Job

if TYPE_CHECKING:
    from .debug import DebugScreen

SHOWN_AFTER = 0.15  # seconds until a search says that it is under way
_TICK = 0.1


@dataclass
class _Running:
    job: Job
    backward: bool
    at_break: bool
    started: float
    again: int = 0  # how often the same key was pressed meanwhile


class Searcher:
    """Runs one search at a time for a screen; a new one replaces the old."""

    def __init__(self, screen: DebugScreen) -> None:
        self._screen = screen
        self._running: _Running | None = None

    @property
    def busy(self) -> bool:
        """Whether a search is under way."""
        return self._running is not None

    def find(self, *, backward: bool) -> None:
        """Go to the next match of what is looked for."""
        job = Job()
        search = self._screen.session.next_match(job, backward=backward)
        self._start(search, _Running(job, backward, False, monotonic()))

    def run_to_break(self, *, backward: bool) -> None:
        """Go to the next event where a breakpoint holds."""
        job = Job()
        search = self._screen.session.next_break(job, backward=backward)
        self._start(search, _Running(job, backward, True, monotonic()))

    def cancel(self) -> bool:
        """End the running search, if there is one; tell whether there was."""
        running, self._running = self._running, None
        if running is not None:
            running.job.cancel()
        return running is not None

    def _start(self, search: Callable[[], Found], running: _Running) -> None:
        old = self._running
        if old and (old.backward, old.at_break) == (running.backward, running.at_break):
            old.again += 1
            return
        self.cancel()
        self._running = running
        screen = self._screen

        def work() -> None:
            try:
                result: Found | LabanError = search()
            except CancelledError:
                return
            except LabanError as error:
                result = error
            screen.app.call_later(self._finish, running, result)

        screen.run_worker(work, thread=True, group="search")
        screen.set_timer(SHOWN_AFTER, self._tell)

    def _tell(self) -> None:
        """Say how far the search is, and look again soon."""
        if (running := self._running) is None:
            return
        passed = running.job.passed
        session = self._screen.session
        total = session.position if running.backward else session.head - session.position
        seconds = monotonic() - running.started
        left = seconds * (total - passed) / passed if passed else 0.0
        about = f", about {left:.0f} s left" if left >= 1 else ""
        self._screen.status.say(
            f"searching: {passed:,} of {total:,} events passed{about}; esc cancels", "changed"
        )
        self._screen.set_timer(_TICK, self._tell)

    def _finish(self, running: _Running, result: Found | LabanError) -> None:
        if self._running is not running:  # cancelled meanwhile: nobody waits for it
            return
        self._running = None
        screen = self._screen
        try:
            if isinstance(result, LabanError):
                raise result
            said = screen.session.arrive(
                result, backward=running.backward, at_break=running.at_break
            )
            screen.arrived(said)
            if running.again:
                self._go_on(running)
        except LabanError as refusal:
            screen.refuse(refusal)

    def _go_on(self, running: _Running) -> None:
        start = self.run_to_break if running.at_break else self.find
        start(backward=running.backward)
        if self._running is not None:
            self._running.again = running.again - 1
