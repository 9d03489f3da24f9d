"""The filter of the event list: found in a thread, shown as it is found."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.timer import Timer

from laban.replay.builder import CancelledError
from laban.store.errors import LabanError
from laban.tui.events.filtering import Filter
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal

if TYPE_CHECKING:
    from .screen import DebugScreen

_SHOW = 0.1  # seconds between two pictures of a filter that is still looking


class Filterer:
    """
    Keeps the event list to what a filter lets through, and its cursor at the position.

    The list is of use while a thread still looks; where the log grows, it looks on.
    """

    def __init__(self, screen: DebugScreen) -> None:
        self._screen = screen
        self._listing = screen.session.listing
        self._row = 0  # where the cursor was put
        self._job: Job | None = None
        self._clock: Timer | None = None
        self._trouble = ""

    @property
    def busy(self) -> bool:
        """Whether it still looks."""
        return self._job is not None

    def begin(self) -> None:
        """Show the position, and the filter that was kept if it still is one."""
        self.place()
        self._screen.panes.events.mark_letters(self._screen.session.marks.letters())
        with suppress(LabanError):
            if self._listing.kept:
                self.start(self._listing.kept)

    def start(self, text: str) -> None:
        """List only what *text* asks for; nothing at all: everything again. May raise."""
        if not text:
            self.clear()
            return
        session = self._screen.session
        filter = Filter(text, session.timeline, session.position, lambda: session.start_ns)
        self.cancel()
        self._listing.filter = filter
        self._look(filter)
        self._show()
        self._screen.status.say(f"showing {filter.wanted.name} only; \\ shows all events")

    def clear(self) -> None:
        """List all events again. Raises Refusal when they are."""
        if self._listing.filter is None:
            raise Refusal("No filter is set: & sets one.")
        self.cancel()
        self._listing.filter = None
        self._show()
        self._screen.status.say("all events are listed again")

    def cancel(self) -> bool:
        """Look no further; what was found stays. Tell whether it was looking."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._rest()
            self._show()
        return job is not None

    def grow(self) -> None:
        """Take in that the log has more events."""
        filter, head = self._listing.filter, self._screen.session.head
        if filter is None:
            self._screen.panes.events.grown()
        elif self._job is None and not filter.complete(head):
            self._look(filter)

    def place(self) -> None:
        """Put the cursor of the list on the position, or on the nearest row before it."""
        events, session = self._screen.panes.events, self._screen.session
        events.stand(
            self._listing.row_of(session.position),
            away=not self._listing.lists(session.position),
        )
        self._row = events.cursor

    def follow_cursor(self) -> None:
        """Go where the user put the cursor: keys may come faster than its messages."""
        events, session = self._screen.panes.events, self._screen.session
        by = events.cursor - self._row
        if by and events.cursor < len(events.rows):
            position = self._listing.at(events.cursor)
            reason = {1: "step", -1: "step back"}.get(by, "moved")
            self._screen.go(lambda: session.go(position, reason, jump=abs(by) > 1))

    def _look(self, filter: Filter) -> None:
        """Let a thread look through what was not looked through yet."""
        job, head = Job(), self._screen.session.head
        self._job, self._trouble = job, ""

        def work() -> None:
            try:
                filter.look(head, job)
            except CancelledError:
                return
            except (LabanError, sqlite3.Error) as error:
                if not job.cancelled():
                    self._trouble = str(error)
            self._screen.app.call_later(self._done, job)

        self._screen.run_worker(work, thread=True, group="filter")
        self._clock = self._screen.set_interval(_SHOW, self._tick)

    def _rest(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _done(self, job: Job) -> None:
        if self._job is job:
            self._job = None
            self._rest()
            self._tick()
            if self._trouble:
                self._screen.status.say(f"The filter has ended: {self._trouble}", "error")
            self.grow()

    def _tick(self) -> None:
        """Show what was found meanwhile; what is in view stays where it is."""
        screen, filter = self._screen, self._listing.filter
        if filter is None:
            return
        screen.before_command()
        events = screen.panes.events
        if above := filter.take_in():
            events.scroll_to(y=events.scroll_offset.y + above, animate=False, force=True)
        self._show_rows()

    def _show(self) -> None:
        """Show other rows."""
        if self._listing.filter is not None:
            self._listing.filter.take_in()
        self._show_rows()

    def _show_rows(self) -> None:
        session, events = self._screen.session, self._screen.panes.events
        filter = self._listing.filter
        rows = session.events if filter is None else filter.rows
        events.show(rows, self._listing.row_of(session.position))
        self.place()
        caption = "" if filter is None else filter.caption(session.head)
        events.filtered(caption, session.head)
