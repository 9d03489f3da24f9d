"""The keys that choose what is in view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from laban.tui.screens.screen import Command, Commands

if TYPE_CHECKING:
    from .screen import DebugScreen


def viewing(screen: DebugScreen) -> Commands:
    """Return the commands about the panes of *screen*."""
    panes = screen.panes
    names = ("pane_events", "pane_state", "pane_breakpoints", "pane_event")

    def focus(number: int) -> None:
        screen.set_focus(panes.all[number])

    def zoom() -> None:
        panes.zoom()
        screen.give_room()

    return {name: Command(partial(focus, number)) for number, name in enumerate(names)} | {
        "next_pane": Command(lambda: screen.set_focus(panes.neighbour(1))),
        "previous_pane": Command(lambda: screen.set_focus(panes.neighbour(-1))),
        "zoom": Command(zoom),
        "critical": Command(lambda: screen.views.critical()),
        "view": Command(lambda: screen.views.turn_to(panes.next_view())),
    }
