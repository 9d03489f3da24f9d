"""The debugger as a Textual application."""

from __future__ import annotations

import os

from textual.app import App
from textual.driver import Driver
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

from .desk import Desk, Opened
from .open_log import OpenLog
from .screens.screen import LabanScreen
from .theme import THEME
from .tour import Tour


class DebuggerApp(App[None]):
    """
    Shows the screens of one log at a time.

    The main screen of the log lies at the bottom; at most one other lies upon it, and the
    help upon that.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, opened: Opened, desk: Desk | None = None) -> None:
        super().__init__(driver_class=_driver())
        self.tour = Tour(opened.tour) if opened.tour else None
        self.desk = desk or Desk()
        self.current = OpenLog(opened)
        self.logs = [self.current]
        self.register_theme(THEME)
        self.theme = THEME.name

    def get_default_screen(self) -> Screen[None]:
        return self._installed("debug")

    def show(self, name: str) -> None:
        """Show the current log's screen of this name."""
        wanted, main = self._installed(name), self._installed("debug")
        if self.screen is wanted:
            return
        while self.screen is not main:
            self.pop_screen()
        if wanted is not main:
            self.push_screen(wanted)

    def go_to(self, position: int, reason: str) -> None:
        """Show *position* of the current log on its main screen. Raises UnknownPositionError."""
        from .screens.debug import DebugScreen

        main = self.current.screen("debug")
        assert isinstance(main, DebugScreen)
        session = self.current.session
        main.go(lambda: session.go(position, reason))
        self.show("debug")

    def show_tour(self) -> None:
        """Let the screen in view show the step of the tour."""
        if isinstance(self.screen, LabanScreen):
            self.screen.show_tour()

    def add(self, opened: Opened) -> None:
        """Show another log; the others stay open."""
        self.current = OpenLog(opened)
        self.logs.append(self.current)
        self._show_current()

    def turn_to(self, log: OpenLog) -> None:
        """Show one of the open logs."""
        self.current = log
        self._show_current()

    def _show_current(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_screen(self._installed("debug"))

    def _installed(self, name: str) -> LabanScreen:
        """Return a screen of the current log, which stays when another is shown."""
        screen = self.current.screen(name)
        if not self.is_screen_installed(screen):
            self.install_screen(screen, f"{name} {id(self.current)}")
        return screen

    def on_key(self, event: Key) -> None:
        """Write into an open field what was typed while it was about to open."""
        field = self.screen_stack[-1].focused if self.screen_stack else None
        if isinstance(field, Input) and event.character and event.is_printable:
            field.insert_text_at_cursor(event.character)
            event.prevent_default()


def _driver() -> type[Driver] | None:
    """Return the driver of a Unix terminal, or None where Textual is to choose one."""
    if os.name != "posix" or "TEXTUAL_DRIVER" in os.environ:
        return None
    from .terminal import PromptDriver

    return PromptDriver
