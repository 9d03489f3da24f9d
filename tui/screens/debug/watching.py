"""The keys about the watches and breakpoints that are set, as they stand in their pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laban.tui.refusal import Refusal
from laban.tui.screens.screen import Command, Commands

from .breaking import tell_set, wanted_pointer

if TYPE_CHECKING:
    from .screen import DebugScreen

_EXAMPLES = "len(state)   state['order-17']['status']   data['amount'] * 2"


def watching(screen: DebugScreen) -> Commands:
    """Return the commands about what *screen*'s session watches."""
    points = screen.session.set_points

    def add(text: str) -> None:
        if text:
            tell_set(screen, points.watches.add(text))

    return {
        "add_watch": Command(lambda: screen.ask("watch", _EXAMPLES, add)),
        "watch": Command(lambda: tell_set(screen, points.watch_path(wanted_pointer(screen)))),
        "remove": Command(lambda: tell_set(screen, points.remove(_chosen(screen, "d deletes")))),
        "toggle": Command(
            lambda: tell_set(screen, points.toggle(_chosen(screen, "x turns off or on")))
        ),
    }


def choose_set(screen: DebugScreen) -> None:
    """Go to what the selected watch or breakpoint is about."""
    session, row = screen.session, screen.panes.breakpoints.cursor
    if session.set_points.work_out(row):
        screen.show_breakpoints()
        return
    pointer, position = session.set_points.place(row, session.timeline, session.position)
    if position is None:
        screen.go(lambda: session.last_write(pointer))
    else:
        screen.go(lambda: session.go(position, "followed what is set"))


def _chosen(screen: DebugScreen, what: str) -> int:
    """Return the selected row of the pane. Raises Refusal in another pane."""
    if screen.panes.current is not screen.panes.breakpoints:
        raise Refusal(f"{what} a watch or a breakpoint: 3 goes to them.")
    return screen.panes.breakpoints.cursor
