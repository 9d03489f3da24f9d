"""A log in the debugger: its session, and the screens that show it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .desk import Opened
from .session import Session

if TYPE_CHECKING:
    from .screens.screen import LabanScreen

# Where the screens of a log are; each takes the OpenLog. They load when they are first shown.
_SCREENS = {
    "debug": ("debug", "DebugScreen"),
    "compare": ("compare", "CompareScreen"),
    "bisect": ("bisect", "BisectScreen"),
    "sql": ("sql", "SqlScreen"),
    "check": ("check", "CheckScreen"),
    "stats": ("stats", "StatsScreen"),
}


class OpenLog:
    """One of the logs that are open. Its screens live as long as it does."""

    def __init__(self, opened: Opened, name: str = "") -> None:
        self.opened = opened
        self.name = name or f"log {id(opened)}"  # by which the program tells it from others
        self.session = Session(
            opened.log, opened.timeline, at=opened.at or 0, select=opened.select, live=opened.follow
        )
        self._screens: dict[str, LabanScreen] = {}

    def screen(self, name: str) -> LabanScreen:
        """Return the screen of this name, made when it is asked for first."""
        if name not in self._screens:
            module, cls = _SCREENS[name]
            make = getattr(import_module(f".screens.{module}", __package__), cls)
            self._screens[name] = make(self)
        return self._screens[name]
