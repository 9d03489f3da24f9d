"""The keys about breakpoints: setting them, and running to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laban.tui.refusal import Refusal
from laban.tui.screens.screen import Command, Commands
from laban.tui.session import SELECT

if TYPE_CHECKING:
    from .screen import DebugScreen


def breaking(screen: DebugScreen) -> Commands:
    """Return the commands about the breakpoints of *screen*'s session."""
    session = screen.session

    def ask() -> None:
        here = session.event
        alone = f"   enter alone: type {here.type}" if here else ""
        screen.ask(
            "break when",
            f"data['n'] > 9   write /order-17/status{alone}",
            lambda answer: tell_set(screen, session.set_breakpoint(answer)),
        )

    return {
        "break": Command(ask),
        "continue": Command(lambda: screen.searcher.run_to_break(backward=False)),
        "continue_back": Command(lambda: screen.searcher.run_to_break(backward=True)),
    }


def tell_set(screen: DebugScreen, said: str) -> None:
    """Say what was set, show it, and keep it."""
    screen.status.say(said)
    screen.show_breakpoints()
    screen.memory.keep()


def wanted_pointer(screen: DebugScreen) -> str:
    """Return the path selected in the state. Raises Refusal when none is."""
    if pointer := selected_pointer(screen):
        return pointer
    raise Refusal(SELECT)


def selected_pointer(screen: DebugScreen) -> str:
    """Return the path selected in the state, "" when none is."""
    screen.catch_up()
    return screen.panes.state.selected.pointer if screen.panes.state.selected else ""
