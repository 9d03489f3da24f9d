"""The main screen: every pane is a function of the current position."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

from textual.widget import Widget

from laban.store.errors import LabanError
from laban.tui.guide.hints import FIRST_MINUTE, FOLLOWING
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.screens.screen import LabanScreen, bindings_of
from laban.tui.setting.remembering import Memory
from laban.tui.values import DetailRow
from laban.tui.widgets.change_line import ChangeLine
from laban.tui.widgets.panes import Panes
from laban.tui.widgets.timeline_strip import TimelineStrip
from laban.tui.widgets.virtual_list import VirtualList

from .breaking import breaking
from .filterer import Filterer
from .filtering import filtering
from .follower import Follower
from .marking import marking
from .moving import moving
from .searcher import Searcher
from .state import choose_state, on_state
from .timeline import TimelineKeeper, on_timeline
from .viewing import viewing
from .views import Views
from .watching import choose_set, watching

_KEEP = 5.0  # seconds between two looks at whether something is to be kept
_SHORT = 12  # rows below which the panes need the timeline's


class DebugScreen(LabanScreen):
    """Shows a session; what its keys do stands in the modules beside this one."""

    NAME = "debug"
    BINDINGS = bindings_of(NAME)
    DEFAULT_CSS = """
    DebugScreen {
        ChangeLine { display: none; }
        &.-single ChangeLine { display: block; }
        &.-short TimelineStrip { display: none; }
    }
    """
    AUTO_FOCUS = "#events"

    def __init__(self, open_log: OpenLog) -> None:
        session, opened = open_log.session, open_log.opened
        first = FOLLOWING if session.live else FIRST_MINUTE
        super().__init__(opened.title, opened.hints or first)
        self.session = session
        self.strip = TimelineStrip()
        self.changes = ChangeLine()
        self.panes = Panes()
        self.searcher = Searcher(self)
        self.filterer = Filterer(self)
        self.memory = Memory(session)
        self._left_open = opened.at is None  # where it is to begin is not said
        self.views = Views(self)
        self.timeline = TimelineKeeper(self)
        self.follower = Follower(self, opened.ending)
        self.stale = False  # the panes show another position
        self.refreshing = 0.0  # seconds that the panes took the last time
        own = (moving, breaking, watching, marking, filtering, on_state, on_timeline, viewing)
        for commands in own:
            self.commands |= commands(self)

    def body(self) -> Iterable[Widget]:
        return (self.strip, self.changes, self.panes)

    def on_mount(self) -> None:
        said = self.memory.begin(self.app.desk.kept, go=self._left_open)
        self.panes.events.show(self.session.events, self.session.position)
        self.filterer.begin()
        self.status.say(said or self.session.greeting())
        self.status.hint(self.hints.current if self.session.head else "")
        self.refresh_panes()
        if self.session.live:
            self.follower.start()

        self.set_interval(_KEEP, self.memory.keep)

    def on_unmount(self) -> None:
        self.memory.keep()
        self.filterer.cancel()
        self.follower.stop()

    def on_resize(self) -> None:
        self.give_room()

    def on_descendant_focus(self) -> None:
        """Leave a question when something else was clicked."""
        if self.focused in self.panes.all:
            self.leave_prompt()

    def focus_body(self) -> None:
        self.set_focus(self.panes.current)

    # What widgets say.

    def on_virtual_list_moved(self, message: VirtualList.Moved) -> None:
        self.leave_prompt()
        if message.list in (self.panes.events, self.panes.lanes):
            self.before_command()
        elif message.list is self.panes.state and self.panes.state.selected is not None:
            self.session.selected = self.panes.state.selected.pointer

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        self.catch_up()
        try:
            if message.list is self.panes.state:
                choose_state(self)
            elif message.list is self.panes.breakpoints:
                choose_set(self)
            elif message.list is self.panes.details:
                self._choose_detail(self.panes.details.selected)
            elif message.list is self.panes.causality:
                self.views.choose()
        except LabanError as refusal:
            self.refuse(refusal)
        else:
            self.next_hint("enter")
            self.did("choose")

    def on_virtual_list_scrolled(self, message: VirtualList.Scrolled) -> None:
        if message.list is self.panes.places and self.session.following:
            self.status.say(self.session.look_back())
            self.header.show(self.session.where())

    def on_panes_turned(self, message: Panes.Turned) -> None:
        self.catch_up()
        self.views.turn_to(message.view)

    def on_timeline_strip_wanted(self) -> None:
        self.timeline.refresh()

    def on_timeline_strip_picked(self, message: TimelineStrip.Picked) -> None:
        self.timeline.picked(message)

    def _choose_detail(self, row: DetailRow | None) -> None:
        if row is None or row.target is None:
            raise Refusal("That row leads nowhere; those with ↵ do.")
        target = row.target
        self.go(lambda: self.session.go(target, f"followed {row.label or 'it'}"))

    # Going somewhere.

    def go(self, move: Callable[[], str]) -> None:
        """Make a move of the session; the list follows at once, the other panes soon."""
        said = move()
        self.worker.cancel()
        self.arrived(said)

    def before_command(self) -> None:
        """Go where the cursor of the events is: keys may come faster than its messages."""
        self.filterer.follow_cursor()
        self.views.follow_cursor()

    def arrived(self, said: str, meaning: str = "") -> None:
        """Show that the session stands somewhere else now, and say how it came there."""
        self.status.say(said, meaning)
        self.header.show(self.session.where())
        self.filterer.place()
        self.views.place()
        self.stale = True
        self.call_after_refresh(self.catch_up)

    def cancel(self) -> None:
        if self.worker.cancel():
            self.status.say(f"cancelled, still at {self.session.name(self.session.position)}")
        elif self.filterer.cancel():
            self.status.say("the filter looks no further; & looks again")
        elif self.session.history is not None:
            self.session.history = None
            self.show_details()
            self.status.say("")
        elif self.session.forget_stream():
            self.refresh_panes()
        else:
            self.strip.ribbon(())

    def leave(self) -> None:
        self.worker.cancel()
        self.app.exit()

    # Showing.

    def on_screen_suspend(self) -> None:
        """Keep where the log was left: it may not be shown again."""
        self.memory.keep()

    def on_screen_resume(self) -> None:
        """Show what happened while another screen lay above: nothing is painted under it."""
        self.catch_up()

    def catch_up(self) -> None:
        """Let the panes show the position, unless they do."""
        if self.stale:
            self.refresh_panes()

    def refresh_panes(self) -> None:
        """Let the panes show the position."""
        started = monotonic()
        self.stale = False
        session = self.session
        self.header.show(session.where())
        self.filterer.place()
        page = session.state()
        self.changes.show(page.changes, session.changes_nothing())
        self.panes.show_state(page.rows, page.find(session.selected), page.counts)
        self.show_details()
        self.views.refresh()
        self.show_breakpoints()
        self.refreshing = monotonic() - started

    def show_breakpoints(self) -> None:
        """Show the breakpoints, and in the timeline where they stopped."""
        session = self.session
        self.panes.show_breakpoints(session.set_points.rows(session.timeline, session.position))
        self.timeline.mark()

    def show_details(self) -> None:
        """Show what is recorded about the event, or the history of a path."""
        session = self.session
        history = session.history
        cursor, name = (
            (history.row_of(session.position), "4 History") if history else (0, "4 Event")
        )
        self.panes.show_details(session.details(), cursor, name)

    def show_state(self, cursor: int | None, pointer: str = "") -> None:
        """Show the state anew, with the cursor on a row, or on that of *pointer*."""
        page = self.session.state()
        self.panes.show_state(
            page.rows, page.find(pointer) if cursor is None else cursor, page.counts
        )

    def give_room(self) -> None:
        """Give each part its room."""
        self.panes.lay_out()
        self.set_class(self.panes.single, "-single")
        self.set_class(self.size.height < _SHORT, "-short")
