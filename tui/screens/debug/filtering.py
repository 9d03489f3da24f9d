"""The keys about filters: of the events, and in their pane of the paths of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laban.tui.refusal import Refusal
from laban.tui.screens.screen import Command, Commands
from laban.tui.state.filter import StateFilter

if TYPE_CHECKING:
    from .screen import DebugScreen

_EXAMPLES = "no cover   type order_failed   data['amount'] > 1000"


def filtering(screen: DebugScreen) -> Commands:
    """Return the commands that filter what *screen* lists."""
    session, panes = screen.session, screen.panes

    def filter_events(text: str) -> None:
        screen.filterer.start(text)
        screen.memory.keep()

    def filter_state(text: str) -> None:
        session.state_filter = StateFilter(text, session.timeline) if text else None
        screen.show_state(1 if text else None)
        what = f"showing the paths with {text} only; \\ shows all" if text else "showing all paths"
        screen.status.say(what)

    def ask() -> None:
        if panes.current is panes.state:
            screen.ask("paths with", "status", filter_state)
        else:
            screen.ask("filter", _EXAMPLES, filter_events)

    def clear() -> None:
        in_state = panes.current is panes.state or session.listing.filter is None
        if in_state and session.state_filter is not None:
            filter_state("")
        elif session.listing.filter is not None:
            screen.filterer.clear()
            screen.memory.keep()
        else:
            raise Refusal("No filter is set: & sets one.")

    return {"filter": Command(ask), "unfilter": Command(clear)}
