"""The timeline strip: what part of the log it shows, and going where it is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from laban.tui.events.rows import density_columns
from laban.tui.events.window import Window
from laban.tui.screens.screen import Command, Commands
from laban.tui.values import Column, elapsed
from laban.tui.widgets.timeline_strip import TimelineStrip

if TYPE_CHECKING:
    from .screen import DebugScreen

_APART = 0.05  # seconds between two positions that a drag goes to


class TimelineKeeper:
    """Keeps the strip up with the log and the position, at the zoom that was chosen."""

    def __init__(self, screen: DebugScreen) -> None:
        self._screen = screen
        self._window = Window()
        self._columns: Sequence[Column] = ()
        self._position = 0  # that the strip was last shown for
        self._dragged = 0.0  # when a drag last went somewhere, on the monotonic clock
        self._due: int | None = None  # where it goes next

    def look(self) -> Sequence[Column]:
        """Return the columns as the log is now. May take some milliseconds; in any thread."""
        window, timeline = self._window, self._screen.session.timeline
        room = self._screen.strip.room(self._label())
        return density_columns(timeline.density(room, window.first, window.last))

    def draw(self, columns: Sequence[Column]) -> None:
        """Show *columns*, and the marks."""
        self._columns = columns
        self._screen.strip.show(columns, self._label())
        self.mark()

    def refresh(self) -> None:
        """Show the log anew."""
        self.draw(self.look())

    def mark(self) -> None:
        """Mark the position and the breakpoints; a narrow part of the log goes along."""
        session = self._screen.session
        moved, self._position = session.position != self._position, session.position
        if moved and self._window.follow(session.position, session.head):
            self.refresh()
        self._screen.strip.mark(session.position, session.breakpoints.positions())

    def zoom(self, *, closer: bool) -> None:
        """Show less of the log, or more."""
        session = self._screen.session
        if closer:
            self._window.narrow(self._columns, session.position)
        else:
            self._window.widen()
        self.refresh()
        self._say()

    def pan(self, by: int) -> None:
        """Move a zoomed strip along the log."""
        self._window.pan(by, self._screen.session.head)
        self.refresh()
        self._say()

    def picked(self, message: TimelineStrip.Picked) -> None:
        """Go where the mouse points; a drag goes along, no faster than the panes can."""
        if not message.dragging:
            self._go(message.position, jump=True)
        elif self._due is None:
            self._screen.set_timer(max(self._dragged + _APART - monotonic(), 0.001), self._drag)
            self._due = message.position
        else:
            self._due = message.position

    def _drag(self) -> None:
        position, self._due = self._due, None
        if position is not None and position != self._screen.session.position:
            self._go(position, jump=False)

    def _go(self, position: int, *, jump: bool) -> None:
        session = self._screen.session
        self._dragged = monotonic()
        self._screen.go(lambda: session.go(position, "picked in the timeline", jump=jump))

    def _label(self) -> tuple[str, str] | None:
        """Name the range in view: by positions, and by times."""
        window, session = self._window, self._screen.session
        if window.last is None:
            return None
        start = session.start_ns
        ends = (session.log.get(each) for each in (window.first, window.last))
        times = [elapsed(event.time_ns, start, brief=True) for event in ends]
        return f"@{window.first:,}–{window.last:,}", "–".join(filter(None, times))

    def _say(self) -> None:
        label = self._label()
        said = "  ".join(filter(None, label)) if label else "the whole log"
        self._screen.status.say(f"the timeline shows {said}")


def on_timeline(screen: DebugScreen) -> Commands:
    """Return the commands about the timeline strip."""
    keeper = screen.timeline
    return {
        "zoom_in": Command(partial(keeper.zoom, closer=True)),
        "zoom_out": Command(partial(keeper.zoom, closer=False)),
        "pan_left": Command(partial(keeper.pan, -1)),
        "pan_right": Command(partial(keeper.pan, 1)),
    }
