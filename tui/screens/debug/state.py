"""The keys about the rows of the state: who wrote them, and what is folded."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from laban.tui.refusal import Refusal
from laban.tui.screens.screen import Command, Commands
from laban.tui.state.history import History, history_of
from laban.tui.values import RowKind

from .breaking import selected_pointer, wanted_pointer

if TYPE_CHECKING:
    from .screen import DebugScreen


def on_state(screen: DebugScreen) -> Commands:
    """Return the commands about the selected row of the state."""
    session = screen.session

    def go_to_write(*, next: bool) -> None:
        pointer = selected_pointer(screen)
        screen.go(lambda: (session.next_write if next else session.last_write)(pointer))

    def pin() -> None:
        pointer = wanted_pointer(screen)
        pinned = pointer not in session.pins
        (session.pins.append if pinned else session.pins.remove)(pointer)
        screen.status.say(f"pinned: {pointer}" if pinned else f"no longer pinned: {pointer}")
        screen.show_state(None, pointer)
        screen.memory.keep()

    def show_history(history: History | None) -> None:
        session.history = history
        screen.show_details()
        screen.set_focus(screen.panes.details)
        screen.status.say(
            f"history of {history.pointer}; H or esc shows the event" if history else ""
        )

    def ask_history() -> None:
        pointer = selected_pointer(screen)
        if session.history is not None and pointer in ("", session.history.pointer):
            show_history(None)
        else:
            work = partial(history_of, session.timeline, wanted_pointer(screen))
            screen.worker.start("reading the history", work, show_history, unit="writes")

    return {
        "pin": Command(pin),
        "history": Command(ask_history),
        "last_write": Command(partial(go_to_write, next=False)),
        "next_write": Command(partial(go_to_write, next=True)),
        "fold": Command(partial(_fold, screen, open=False)),
        "unfold": Command(partial(_fold, screen, open=True)),
    }


def choose_state(screen: DebugScreen) -> None:
    """Go to the last write of the selected row, or list more streams."""
    row = screen.panes.state.selected
    if row is not None and row.kind is RowKind.MORE:
        screen.session.list_more()
        screen.show_state(screen.panes.state.cursor)
    elif row is not None:
        screen.go(lambda: screen.session.last_write(row.pointer))


def _fold(screen: DebugScreen, *, open: bool) -> None:
    row = screen.panes.state.selected
    if screen.panes.current is not screen.panes.state or row is None:
        raise Refusal("h and l fold and unfold rows of the state: 2 goes there.")
    pointer = screen.session.fold(row, open=open)
    same = pointer == row.pointer
    screen.show_state(screen.panes.state.cursor if same else None, pointer)
