"""The debugger as a Textual application."""

from __future__ import annotations

import os

from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key, Paste, Resize
from textual.filter import Monochrome, NoColor
from textual.geometry import Size
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.timer import Timer

from laban.tui.guide.tour import Tour
from laban.tui.keys.keyboard import Keyboard
from laban.tui.keys.keymap import Keymap, read_keymap
from laban.tui.keys.settings import Settings, SettingsError, keep_theme, read_settings
from laban.tui.looks.filters import Ascii, Colourless, GlyphBar
from laban.tui.looks.theme import LOOKS, TERMINAL, wear
from laban.tui.taking.clipboard import sequence

from .desk import Desk, Opened
from .open_log import OpenLog
from .refusal import Refusal
from .screens.screen import LabanScreen
from .signals import heed_signals

_RESTS = 0.2  # seconds after which a window that changed its size is taken to rest
_GREYS = (Monochrome, NoColor)  # how Textual does without colours


class DebuggerApp(App[None]):
    """
    Shows the screens of one log at a time.

    Each log is a mode with screens of its own: its main screen lies at the bottom, at most
    one other lies upon it, and the help upon that. The screen that opens logs is a mode too.
    """

    DEFAULT_MODE = "first"  # the log, or the way to logs, that the debugger began with

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    DebuggerApp.-marked {
        VirtualList:focus, Input:focus, TextArea:focus, ResultGrid:focus-within {
            border: heavy $accent;
        }
    }
    DebuggerApp.-marked Prompt Input:focus { border: none; }
    """

    def __init__(self, opened: Opened | None = None, desk: Desk | None = None) -> None:
        super().__init__(driver_class=_driver())
        self.tour = Tour(opened.tour) if opened and opened.tour else None
        self.desk = desk or Desk()
        self.logs: list[OpenLog] = []
        self._current: OpenLog | None = None
        self._opening = "open" if opened else self.DEFAULT_MODE
        self.add_mode(self._opening, self._opener)
        if opened:
            first = self._current = OpenLog(opened, self.DEFAULT_MODE)
            self.logs.append(first)
            self.add_mode(first.name, lambda: first.screen("debug"))
        self._painted: Size | None = None
        self._resting: Timer | None = None  # until the window has kept its size for a while
        self.trouble = ""  # with the user's settings: the screen says it
        self.keymap = Keymap()
        self._keyboard = Keyboard(self)
        self.animation_level = "none"
        self._dress()
        self._take_keymap()

    def on_mount(self) -> None:
        if not self.is_headless:
            heed_signals(self)

    @property
    def current(self) -> OpenLog:
        """The log whose screens are shown."""
        assert self._current is not None, "no log is open yet"
        return self._current

    def show(self, name: str) -> None:
        """Show the current log's screen of this name, or the one that opens logs."""
        if name == "open":
            self.switch_mode(self._opening)
            return
        if self._current is None:
            raise Refusal("No log is open yet: choose one first.")
        self.turn_to(self._current)
        wanted, main = self._screen(name), self._screen("debug")
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
        main.did("choose")
        self.show("debug")

    def show_tour(self) -> None:
        """Let the screen in view show the step of the tour."""
        if isinstance(self.screen, LabanScreen):
            self.screen.show_tour()

    def add(self, opened: Opened) -> None:
        """Show another log; the others stay open."""
        self.turn_to(self.take_in(opened))

    def take_in(self, opened: Opened) -> OpenLog:
        """Keep a log among those that are open, without showing it."""
        log = OpenLog(opened)
        self.logs.append(log)
        self.add_mode(log.name, lambda: log.screen("debug"))
        return log

    def turn_to(self, log: OpenLog) -> None:
        """Show one of the open logs, on the screen where it was left."""
        self._current = log
        self.switch_mode(log.name)

    def _screen(self, name: str) -> LabanScreen:
        """Return a screen of the current log, which stays when another is shown."""
        screen = self.current.screen(name)
        if name != "debug" and not self.is_screen_installed(screen):
            self.install_screen(screen, f"{name} {self.current.name}")
        return screen

    def _opener(self) -> LabanScreen:
        from .screens.open import OpenScreen

        return OpenScreen(self.desk)

    def on_resize(self, event: Resize) -> None:
        """Paint everything once more when the size rests: on the way, the terminal loses parts."""
        before, self._painted = self._painted, event.size
        if before in (None, event.size):  # the first is no change, and may come twice
            return
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_RESTS, self._paint_all)

    def _paint_all(self) -> None:
        for screen in self.screen_stack:
            screen.refresh(layout=True)

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

    def _take_keymap(self) -> None:
        try:
            self.keymap = read_keymap(self.desk.config)
        except SettingsError as error:
            self.trouble = self.trouble or str(error)
        self.set_keymap(self.keymap.bindings())

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sequence(text))

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
    from laban.tui.keys.terminal import PromptDriver

    return PromptDriver
