"""The main screen: every pane is a function of the current position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from laban.store.errors import LabanError
from laban.tui.actions import ACTIONS, BY_ID, FOOTER, show_key
from laban.tui.hints import FIRST_MINUTE, FOLLOWING, Hints
from laban.tui.session import Refusal, Session
from laban.tui.values import DetailRow, RowKind
from laban.tui.widgets.change_line import ChangeLine
from laban.tui.widgets.footer_line import FooterLine
from laban.tui.widgets.header_line import HeaderLine
from laban.tui.widgets.panes import Panes
from laban.tui.widgets.prompt import Prompt
from laban.tui.widgets.status_line import StatusLine
from laban.tui.widgets.timeline_strip import TimelineStrip
from laban.tui.widgets.virtual_list import VirtualList

from .follower import Follower
from .searcher import Searcher

_FIND = "find"
_ADDRESS = "go to"
_BREAK = "break when"
_PANES = ("pane_events", "pane_state", "pane_breakpoints", "pane_event")
_SHORT = 12  # rows below which the panes need the timeline's


class DebugScreen(Screen[None]):
    """Shows a session and turns keys into its moves."""

    DEFAULT_CSS = """
    DebugScreen {
        ChangeLine { display: none; }
        &.-single ChangeLine { display: block; }
        &.-short TimelineStrip { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            ",".join(action.keys),
            f"run('{action.id}')",
            action.label,
            show=False,
            tooltip=action.help,
            id=action.id,
        )
        for action in ACTIONS
    ]
    AUTO_FOCUS = "#events"

    def __init__(
        self,
        session: Session,
        *,
        title: str = "",
        hints: Sequence[tuple[str, str]] = (),
        ending: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__()
        self.session = session
        self.hints = Hints(hints or (FOLLOWING if session.live else FIRST_MINUTE))
        self.header = HeaderLine(title)
        self.strip = TimelineStrip()
        self.changes = ChangeLine()
        self.panes = Panes()
        self.status = StatusLine()
        self.prompt = Prompt()
        self.footer = FooterLine(FOOTER)
        self.searcher = Searcher(self)
        self.follower = Follower(self, ending)
        self.stale = False  # the panes show another position
        self.refreshing = 0.0  # seconds that the panes took the last time
        self._moves = self._all_moves()

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.strip
        yield self.changes
        yield self.panes
        yield self.status
        yield self.prompt
        yield self.footer

    def on_mount(self) -> None:
        self.panes.events.show(self.session.events, self.session.position)
        self.status.say(self.session.greeting())
        self.status.hint(self.hints.current if self.session.head else "")
        self._refresh_panes()
        if self.session.live:
            self.follower.start()

    def on_unmount(self) -> None:
        self.follower.stop()

    def on_resize(self) -> None:
        self._arrange()

    def watch_focused(self, focused: Widget | None) -> None:
        """Keep a pane in use: without one, half of the keys would go nowhere."""
        if focused is None and self.is_mounted and self.app.app_focus:
            self.call_later(self.panes.current.focus)

    def on_descendant_focus(self) -> None:
        """Leave a question when something else was clicked."""
        if self.focused in self.panes.all:
            self._leave_prompt()

    # Keys.

    def action_run(self, id: str) -> None:
        """Carry out the action *id*; say why when that is not possible."""
        if self.prompt.asking:
            return
        self._follow_cursor()
        try:
            if id in self._moves:
                self._go(self._moves[id])
            elif id in _PANES:
                self.set_focus(self.panes.all[_PANES.index(id)])
            else:
                getattr(self, f"do_{id}")()
        except LabanError as refusal:
            self.refuse(refusal)
        else:
            self._next_hint(*map(show_key, BY_ID[id].keys))

    def can_run(self, id: str) -> bool:
        """Tell whether there is a way to carry out the action *id*."""
        return id in self._moves or id in _PANES or hasattr(self, f"do_{id}")

    def refuse(self, refusal: LabanError) -> None:
        """Say why something is not possible."""
        self.status.say(str(refusal), "changed")

    def _all_moves(self) -> dict[str, Callable[[], str]]:
        session = self.session
        return {
            "next": lambda: session.step(1),
            "previous": lambda: session.step(-1),
            "next_in_stream": lambda: session.along_stream(1),
            "previous_in_stream": lambda: session.along_stream(-1),
            "cause": session.cause,
            "effect": session.effect,
            "first": lambda: session.end(last=False),
            "last": lambda: session.end(last=True),
            "undo": session.undo,
            "redo": session.redo,
            "last_write": lambda: session.last_write(self._selected_pointer()),
            "next_write": lambda: session.next_write(self._selected_pointer()),
        }

    def do_address(self) -> None:
        self._ask(_ADDRESS, "@1205  order-17@52  #event-id  +12.4s  50%  head  /stream/path")

    def do_find(self) -> None:
        self._ask(_FIND, "type == 'Failed'   data['amount'] > 1000")

    def do_break(self) -> None:
        here = self.session.event
        alone = f"   enter alone: type {here.type}" if here else ""
        self._ask(_BREAK, f"data['n'] > 9   write /order-17/status{alone}")

    def do_find_next(self) -> None:
        self.searcher.find(backward=False)

    def do_find_previous(self) -> None:
        self.searcher.find(backward=True)

    def do_continue(self) -> None:
        self.searcher.run_to_break(backward=False)

    def do_continue_back(self) -> None:
        self.searcher.run_to_break(backward=True)

    def do_cancel(self) -> None:
        if self.searcher.cancel():
            self.status.say(f"cancelled, still at {self.session.name(self.session.position)}")
        elif self.session.forget_stream():
            self._refresh_panes()

    def do_remove(self) -> None:
        self._say_breakpoint(self.session.breakpoints.remove(self._breakpoint("d deletes")))

    def do_toggle(self) -> None:
        self._say_breakpoint(self.session.breakpoints.toggle(self._breakpoint("x turns off or on")))

    def do_watch(self) -> None:
        self._say_breakpoint(self.session.watch(self._selected_pointer()))

    def do_view(self) -> None:
        self.session.causality = self.panes.show_causality()
        self.set_focus(self.panes.details)
        self._refresh_panes()

    def do_fold(self) -> None:
        self._fold(open=False)

    def do_unfold(self) -> None:
        self._fold(open=True)

    def do_next_pane(self) -> None:
        self.set_focus(self.panes.neighbour(1))

    def do_previous_pane(self) -> None:
        self.set_focus(self.panes.neighbour(-1))

    def do_zoom(self) -> None:
        self.panes.zoom()
        self._arrange()

    def do_help(self) -> None:
        from .help import HelpScreen  # most sessions start without it

        self.app.push_screen(HelpScreen(), lambda id: self.action_run(id) if id else None)

    def do_quit(self) -> None:
        self.searcher.cancel()
        self.app.exit()

    # What widgets say.

    def on_virtual_list_moved(self, message: VirtualList.Moved) -> None:
        self._leave_prompt()
        if message.list is self.panes.events:
            self._follow_cursor()
        elif message.list is self.panes.state and self.panes.state.selected is not None:
            self.session.selected = self.panes.state.selected.pointer

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        self.catch_up()
        try:
            if message.list is self.panes.state:
                self._choose_state()
            elif message.list is self.panes.details:
                self._choose_detail(self.panes.details.selected)
        except LabanError as refusal:
            self.refuse(refusal)
        else:
            self._next_hint("enter")

    def on_prompt_answered(self, message: Prompt.Answered) -> None:
        try:
            self._answer(message.question, message.answer)
        except LabanError as refusal:
            self.status.say(str(refusal), "error")  # and the prompt stays, to mend the answer
        else:
            self._leave_prompt()

    def on_prompt_left(self) -> None:
        self.status.say("")
        self._leave_prompt()

    def on_footer_line_pressed(self, message: FooterLine.Pressed) -> None:
        self.action_run(message.id)

    def on_virtual_list_scrolled(self, message: VirtualList.Scrolled) -> None:
        if message.list is self.panes.events and self.session.following:
            self.status.say(self.session.look_back())
            self.header.show(self.session.where())

    def on_timeline_strip_wanted(self, message: TimelineStrip.Wanted) -> None:
        self.follower.columns = message.columns
        self.strip.show(self.session.density(message.columns))

    def on_timeline_strip_picked(self, message: TimelineStrip.Picked) -> None:
        self._go(lambda: self.session.go(message.position, "picked in the timeline"))

    # How it is done.

    def _follow_cursor(self) -> None:
        """Go where the cursor of the events is: keys may come faster than its messages."""
        by = self.panes.events.cursor - self.session.position
        if by:
            reason = {1: "step", -1: "step back"}.get(by, "moved")
            self._go(lambda: self.session.go(self.session.position + by, reason))

    def _go(self, move: Callable[[], str]) -> None:
        """Make a move of the session; the list follows at once, the other panes soon."""
        said = move()
        self.searcher.cancel()
        self.arrived(said)

    def arrived(self, said: str, meaning: str = "") -> None:
        """Show that the session stands somewhere else now, and say how it came there."""
        self.status.say(said, meaning)
        self.header.show(self.session.where())
        self.panes.events.cursor = self.session.position
        self.stale = True
        self.call_after_refresh(self.catch_up)

    def on_screen_resume(self) -> None:
        """Show what happened while the help lay above: nothing is painted under it."""
        self.catch_up()

    def catch_up(self) -> None:
        """Let the panes show the position, unless they do."""
        if self.stale:
            self._refresh_panes()

    def _refresh_panes(self) -> None:
        started = monotonic()
        self.stale = False
        session = self.session
        self.header.show(session.where())
        self.panes.events.cursor = session.position
        page = session.state()
        self.changes.show(page.changes, session.changes_nothing())
        self.panes.show_state(page.rows, page.find(session.selected), page.counts)
        self.panes.show_details(session.details())
        self._show_breakpoints()
        self.refreshing = monotonic() - started

    def _show_breakpoints(self) -> None:
        self.panes.show_breakpoints(self.session.breakpoints.rows())
        self.strip.mark(self.session.position, self.session.breakpoints.positions())

    def _say_breakpoint(self, said: str) -> None:
        self.status.say(said)
        self._show_breakpoints()

    def _breakpoint(self, what: str) -> int:
        """Return the index of the selected breakpoint. Raises Refusal in another pane."""
        if self.panes.current is not self.panes.breakpoints:
            raise Refusal(f"{what} a breakpoint: 3 goes to them.")
        return self.panes.breakpoints.cursor

    def _selected_pointer(self) -> str:
        self.catch_up()
        return self.panes.state.selected.pointer if self.panes.state.selected else ""

    def _ask(self, question: str, placeholder: str) -> None:
        self.footer.display = False
        self.prompt.ask(question, placeholder)
        self.status.hint("")
        self.status.say("enter answers, ↑ brings back earlier answers, esc leaves", "changed")

    def _answer(self, question: str, answer: str) -> None:
        if question == _BREAK:
            self._say_breakpoint(self.session.set_breakpoint(answer))
        elif question == _FIND:
            self.session.find(answer)
            self.searcher.cancel()
            self.searcher.find(backward=False)
        elif answer:
            self._go(lambda: self.session.address(answer))

    def _leave_prompt(self) -> None:
        if self.prompt.asking:
            self.prompt.close()
            self.footer.display = True
            self.status.hint(self.hints.current)
            self.set_focus(self.panes.current)

    def _choose_state(self) -> None:
        row = self.panes.state.selected
        if row is not None and row.kind is RowKind.MORE:
            self.session.list_more()
            self._show_state(self.panes.state.cursor)
        elif row is not None:
            self._go(lambda: self.session.last_write(row.pointer))

    def _choose_detail(self, row: DetailRow | None) -> None:
        if row is None or row.target is None:
            raise Refusal("That row leads nowhere; those with ↵ do.")
        target = row.target
        self._go(lambda: self.session.go(target, f"followed {row.label or 'it'}"))

    def _fold(self, *, open: bool) -> None:
        row = self.panes.state.selected
        if self.panes.current is not self.panes.state or row is None:
            raise Refusal("h and l fold and unfold rows of the state: 2 goes there.")
        pointer = self.session.fold(row, open=open)
        same = pointer == row.pointer
        self._show_state(self.panes.state.cursor if same else None, pointer)

    def _show_state(self, cursor: int | None, pointer: str = "") -> None:
        page = self.session.state()
        self.panes.show_state(
            page.rows, page.find(pointer) if cursor is None else cursor, page.counts
        )

    def _next_hint(self, *keys: str) -> None:
        if self.hints.pressed(*keys) and not self.prompt.asking:
            self.status.hint(self.hints.current)

    def _arrange(self) -> None:
        self.panes.lay_out()
        self.set_class(self.panes.single, "-single")
        self.set_class(self.size.height < _SHORT, "-short")
