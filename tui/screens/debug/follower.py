"""Following a log that grows: a thread takes its events in, the screen shows them soon after."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from laban.replay.builder import CancelledError
from laban.replay.following import Following
from laban.store.errors import LabanError
from laban.tui.events.searching import Found
from laban.tui.jobs import Job
from laban.tui.values import Column

if TYPE_CHECKING:
    from .screen import DebugScreen

_LOOK = 0.05  # seconds between two looks at a log where nothing happens
_IDLE = 4  # times as long as the panes take are they left alone
_SHOW = 0.1  # seconds between two pictures of one where much does


class Follower:
    """
    Keeps a screen up with its log.

    Its thread moves the timeline's head and nothing else; what is shown, and whether the
    position goes along, is decided by the screen's own clock.
    """

    def __init__(self, screen: DebugScreen, ending: Callable[[], str]) -> None:
        self._screen, self._ending = screen, ending
        self._density: Sequence[Column] = ()
        self._drawn: Sequence[Column] = ()
        self._stopped = Event()
        self._trouble = ""
        self._next = 0.0  # when the panes may be refreshed again, on the monotonic clock
        self._scan: Job | None = None  # the search for a breakpoint in what is new

    def start(self) -> None:
        """Follow from now on, until `stop`."""
        self._screen.run_worker(self._take_in, thread=True, group="follow")
        self._clock = self._screen.set_interval(_SHOW, self._tick)

    def stop(self) -> None:
        """End the thread; it does within a batch of events."""
        self._stopped.set()
        self._end_scan()

    def _take_in(self) -> None:
        session = self._screen.session
        try:
            following = Following(session.timeline)
            try:
                while not self._stopped.is_set():
                    if following.catch_up():
                        self._density = self._screen.timeline.look()
                    else:
                        self._stopped.wait(_LOOK)
            finally:
                following.close()
        except (LabanError, sqlite3.Error) as error:
            self._trouble = str(error)

    def _tick(self) -> None:
        try:
            self._show()
        except (LabanError, sqlite3.Error) as error:
            self._trouble = str(error)
        if self._trouble:
            self.stop()
            self._clock.stop()
            self._screen.session.look_back()
            self._screen.header.tell("paused")
            self._screen.status.say(f"Following has ended: {self._trouble}", "error")

    def _show(self) -> None:
        """Show what is new, and go along unless the user looks back or is about something."""
        screen, session = self._screen, self._screen.session
        if not screen.is_current:  # nothing is painted under the help
            return
        if not session.following:
            self._end_scan()
        first, grew = not session.head, session.take_in()
        if grew:
            self._show_growth()
        if self._drawn is not self._density:
            self._drawn = self._density
            screen.timeline.draw(self._drawn)
        busy = screen.prompt.asking or screen.worker.busy or self._scan is not None
        if session.following and session.position < session.head and not busy:
            self._go_along()
        if first and grew:
            screen.status.say(session.greeting())
            screen.status.hint(screen.hints.current)
        self._refresh_in_time()
        if not grew and not screen.prompt.asking:
            self._tell_end()

    def _show_growth(self) -> None:
        """Show that there are more events, wherever the position is."""
        screen, session = self._screen, self._screen.session
        screen.header.show(session.where())
        screen.filterer.grow()
        screen.views.grow()
        if not session.following:
            details = session.details()  # an event may have new effects
            if details != screen.panes.details.rows:
                screen.panes.details.show(details, screen.panes.details.cursor)

    def _go_along(self) -> None:
        """Go to the head, or to the first new event where a breakpoint holds."""
        session = self._screen.session
        if not session.breakpoints.all:
            self._keep_up(session.head)
            return
        job = self._scan = Job()
        start, end = session.position, session.head  # the search goes at least as far
        search = session.next_break(backward=False)

        def work() -> None:
            try:
                result: Found | LabanError = search(job)
            except CancelledError:
                return
            except LabanError as error:
                result = error
            self._screen.app.call_later(self._scanned, job, start, end, result)

        self._screen.run_worker(work, thread=True, group="scan")

    def _keep_up(self, position: int) -> None:
        """Go on to *position*; where the panes take long, they come along less often."""
        screen = self._screen
        screen.session.keep_up(position)
        screen.header.show(screen.session.where())
        screen.filterer.place()
        screen.views.place()
        screen.stale = True
        self._refresh_in_time()

    def _refresh_in_time(self) -> None:
        if self._screen.stale and monotonic() >= self._next:
            self._screen.catch_up()
            self._next = monotonic() + _IDLE * self._screen.refreshing

    def _scanned(self, job: Job, start: int, end: int, result: Found | LabanError) -> None:
        if self._scan is not job:
            return
        self._scan = None
        screen, session = self._screen, self._screen.session
        if not session.following or session.position != start:
            return
        if isinstance(result, LabanError):
            session.look_back()
            screen.refuse(result)
            return
        session.count(result)
        if result.position is None:
            self._keep_up(end)
        else:
            screen.arrived(session.pause(result), "changed")

    def _end_scan(self) -> None:
        if self._scan is not None:
            self._scan.cancel()
            self._scan = None

    def _tell_end(self) -> None:
        """Say once that nothing more will come, and why."""
        screen, session = self._screen, self._screen.session
        if not session.over and (said := self._ending()):
            session.over = True
            screen.status.say(said, "changed")
            screen.header.show(session.where())
