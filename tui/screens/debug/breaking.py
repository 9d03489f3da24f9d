"""The keys about breakpoints: setting them, and running to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laban.tui.refusal import Refusal
from laban.tui.screens.screen import Command, Commands

if TYPE_CHECKING:
    from .screen import DebugScreen


def breaking(screen: DebugScreen) -> Commands:
    """Return the commands about the breakpoints of *screen*'s session."""
    session = screen.session
    breakpoints = session.breakpoints

    def say(said: str) -> None:
        screen.status.say(said)
        screen.show_breakpoints()

    def ask() -> None:
        here = session.event
        alone = f"   enter alone: type {here.type}" if here else ""
        screen.ask(
            "break when",
            f"data['n'] > 9   write /order-17/status{alone}",
            lambda answer: say(session.set_breakpoint(answer)),
        )

    return {
        "break": Command(ask),
        "watch": Command(lambda: say(session.watch(selected_pointer(screen)))),
        "remove": Command(lambda: say(breakpoints.remove(_chosen(screen, "d deletes")))),
        "toggle": Command(lambda: say(breakpoints.toggle(_chosen(screen, "x turns off or on")))),
        "continue": Command(lambda: screen.searcher.run_to_break(backward=False)),
        "continue_back": Command(lambda: screen.searcher.run_to_break(backward=True)),
    }


def selected_pointer(screen: DebugScreen) -> str:
    """Return the path selected in the state, "" when none is."""
    screen.catch_up()
    return screen.panes.state.selected.pointer if screen.panes.state.selected else ""


def _chosen(screen: DebugScreen, what: str) -> int:
    """Return the index of the selected breakpoint. Raises Refusal in another pane."""
    if screen.panes.current is not screen.panes.breakpoints:
        raise Refusal(f"{what} a breakpoint: 3 goes to them.")
    return screen.panes.breakpoints.cursor
