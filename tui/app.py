"""The debugger as a Textual application."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from textual.app import App
from textual.driver import Driver
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

from laban.replay.timeline import Timeline
from laban.store.log import EventLog

from .screens.debug import DebugScreen
from .session import Session
from .theme import THEME


class DebuggerApp(App[None]):
    """Shows one log. See `run_debugger` for the parameters."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        log: EventLog,
        timeline: Timeline,
        *,
        at: int = 0,
        title: str = "",
        select: str = "",
        hints: Sequence[tuple[str, str]] = (),
        follow: bool = False,
        ending: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(driver_class=_driver())
        self.session = Session(log, timeline, at=at, select=select, live=follow)
        self._log_title, self._hints, self._ending = title, hints, ending
        self.register_theme(THEME)
        self.theme = THEME.name

    def get_default_screen(self) -> Screen[None]:
        return DebugScreen(
            self.session, title=self._log_title, hints=self._hints, ending=self._ending
        )

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
