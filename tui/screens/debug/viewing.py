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
    focusing = dict(zip(names, panes.all, strict=True))

    def zoom() -> None:
        panes.zoom()
        screen.give_room()

    def change_view() -> None:
        screen.session.causality = panes.show_causality()
        screen.set_focus(panes.details)
        screen.refresh_panes()

    return {name: Command(partial(screen.set_focus, pane)) for name, pane in focusing.items()} | {
        "next_pane": Command(lambda: screen.set_focus(panes.neighbour(1))),
        "previous_pane": Command(lambda: screen.set_focus(panes.neighbour(-1))),
        "zoom": Command(zoom),
        "view": Command(change_view),
    }
