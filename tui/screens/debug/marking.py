"""The keys about marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laban.tui.screens.screen import Command, Commands
from laban.tui.setting.marks import BACK

if TYPE_CHECKING:
    from .screen import DebugScreen


def marking(screen: DebugScreen) -> Commands:
    """Return the commands about the marks of *screen*'s session."""
    session, marks = screen.session, screen.session.marks

    def mark(letter: str) -> None:
        screen.status.say(marks.set(letter, session.position))
        screen.panes.events.mark_letters(marks.letters())
        screen.memory.keep()

    def go(letter: str) -> None:
        if letter == BACK:
            screen.go(session.undo)
        elif letter:
            position = marks.at(letter)
            screen.go(lambda: session.go(position, f"mark {letter}"))

    def ask_where() -> None:
        screen.ask_letter("go to mark", f"{marks.names()}  ' before the last jump".strip(), go)

    return {
        "set_mark": Command(lambda: screen.ask_letter("mark", f"a letter   {marks.names()}", mark)),
        "to_mark": Command(ask_where),
    }
