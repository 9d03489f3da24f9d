"""Work in a thread: keys never wait for it, and the status line says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from laban.replay.builder import CancelledError
from laban.store.errors import LabanError
from laban.tui.jobs import Job

if TYPE_CHECKING:
    from .screen import LabanScreen

Result = TypeVar("Result")
SHOWN_AFTER = 0.15  # seconds until a job says that it is under way
_TICK = 0.1


@dataclass
class _Running:
    job: Job
    what: str  # searching, comparing, …
    unit: str  # what its progress counts: events passed
    done: Callable[[Any], None]
    started: float


class Worker:
    """Runs one job at a time for a screen; a new one replaces the old."""

    def __init__(self, screen: LabanScreen) -> None:
        self._screen = screen
        self._running: _Running | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._running is not None

    @property
    def begun(self) -> bool:
        """Whether a job is under way that nobody has heard of yet."""
        return self._running is not None and monotonic() < self._running.started + SHOWN_AFTER

    def start(
        self,
        what: str,
        work: Callable[[Job], Result],
        done: Callable[[Result], None],
        *,
        unit: str = "events passed",
        total: int = 0,
    ) -> Job:
        """
        Let *work* run in a thread and hand its result to *done*, on the screen's own thread.

        A LabanError of either is shown; after `cancel`, nobody hears of the result.
        """
        self.cancel()
        running = self._running = _Running(Job(total), what, unit, done, monotonic())
        app = self._screen.app

        def run() -> None:
            try:
                result: Result | LabanError = work(running.job)
            except CancelledError:
                return
            except LabanError as error:
                result = error
            app.call_later(self._finish, running, result)

        self._screen.run_worker(run, thread=True, group="job")
        self._screen.set_timer(SHOWN_AFTER, self._tell)
        return running.job

    def cancel(self) -> bool:
        """End the running job, if there is one; tell whether there was."""
        running, self._running = self._running, None
        if running is not None:
            running.job.cancel()
        return running is not None

    def _tell(self) -> None:
        """Say how far the job is, and look again soon."""
        if (running := self._running) is None:
            return
        self._screen.status.say(f"{_progress(running)}; esc cancels", "changed")
        self._screen.set_timer(_TICK, self._tell)

    def _finish(self, running: _Running, result: Any) -> None:
        if self._running is not running:  # cancelled meanwhile: nobody waits for it
            return
        self._running = None
        try:
            if isinstance(result, LabanError):
                raise result
            running.done(result)
        except LabanError as refusal:
            self._screen.refuse(refusal)


def _progress(running: _Running) -> str:
    passed, total = running.job.passed, running.job.total
    seconds = monotonic() - running.started
    if not total:
        return f"{running.what}: {seconds:.0f} s"
    left = seconds * (total - passed) / passed if passed else 0.0
    about = f", about {left:.0f} s left" if left >= 1 else ""
    return f"{running.what}: {passed:,} of {total:,} {running.unit}{about}"
