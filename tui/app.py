"""The debugger as a Textual application."""

from __future__ import annotations

import os

from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from .desk import Desk, Opened
from .filters import Ascii, Colourless, GlyphBar
from .keyboard import Keyboard
from .open_log import OpenLog
from .screens.screen import LabanScreen
from .settings import Settings, SettingsError, keep_theme, read_settings
from .theme import LOOKS, TERMINAL, wear
from .tour import Tour

_GREYS = (Monochrome, NoColor)  # how Textual does without colours


class DebuggerApp(App[None]):
    """
    Shows the screens of one log at a time.

    The main screen of the log lies at the bottom; at most one other lies upon it, and the
    help upon that.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    DebuggerApp.-marked VirtualList:focus, DebuggerApp.-marked Input:focus {
        border: heavy $accent;
    }
    DebuggerApp.-marked Prompt Input:focus { border: none; }
    """

    def __init__(self, opened: Opened, desk: Desk | None = None) -> None:
        super().__init__(driver_class=_driver())
        self.tour = Tour(opened.tour) if opened.tour else None
        self.desk = desk or Desk()
        self.current = OpenLog(opened)
        self.logs = [self.current]
        self.trouble = ""  # with the user's settings: the screen says it
        self._keyboard = Keyboard(self)
        self.animation_level = "none"
        self._dress()

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

    def wear(self, name: str) -> bool:
        """Show everything in the look of this name from now on; tell whether that is kept."""
        self._wear(name)
        return keep_theme(self.desk.config, name)

    def _wear(self, name: str) -> None:
        look = TERMINAL if self.no_color else LOOKS[name]
        wear(look)
        self.theme = look.name
        self.set_class(self.no_color or self._ascii or name == "contrast", "-marked")

    def _dress(self) -> None:
        """Take on the look that is asked for or set, and what the terminal can show of it."""
        try:
            settings = read_settings(self.desk.config)
        except SettingsError as error:
            settings, self.trouble = Settings(), str(error)
        self._ascii = settings.ascii or self.desk.ascii
        for look in LOOKS.values():
            self.register_theme(look.theme())
        self._filters = [each for each in self._filters if not isinstance(each, _GREYS)]
        self._filters += [Colourless()] * self.no_color + [Ascii()] * self._ascii
        plain = self.no_color or self._ascii
        ScrollBar.renderer = GlyphBar if plain else ScrollBarRender
        self._wear(self.desk.theme or settings.theme)

    def begun(self) -> bool:
        """Tell whether a job has just begun, which may be done before anybody hears of it."""
        return bool(self.screen_stack) and getattr(self.screen, "begun", False)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._keyboard.take(event)
        else:
            await super().on_event(event)


def _driver() -> type[Driver] | None:
    """Return the driver of a Unix terminal, or None where Textual is to choose one."""
    if os.name != "posix" or "TEXTUAL_DRIVER" in os.environ:
        return None
    from .terminal import PromptDriver

    return PromptDriver
