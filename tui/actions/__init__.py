"""Every key of the debugger: one table feeds bindings, footer, help, palette and docs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import bisect, check, compare, debug, everywhere, lists, sql, stats
from . import open as open_
from .action import EVERYWHERE, SHOWN, Action, show_key
from .matching import matching

_SCREENS = (debug, compare, bisect, sql, check, stats, open_)

LIST_KEYS = lists.ACTIONS
ACTIONS: tuple[Action, ...] = (
    *(action for screen in _SCREENS for action in screen.ACTIONS),
    *everywhere.ACTIONS,
)
BY_ID = {action.id: action for action in ACTIONS}
FOOTERS = {screen.ACTIONS[0].screen: screen.FOOTER for screen in _SCREENS}

__all__ = [
    "ACTIONS",
    "BY_ID",
    "LIST_KEYS",
    "SHOWN",
    "Action",
    "actions_of",
    "footer_of",
    "matching",
    "show_key",
]


def actions_of(screen: str) -> tuple[Action, ...]:
    """Return the actions that the screen of this name has, those of every screen last."""
    return tuple(action for action in ACTIONS if action.screen in (screen, EVERYWHERE))


def footer_of(screen: str) -> Sequence[Action]:
    """Return what the screen's footer shows: the first as far as there is room, two always."""
    shown = [BY_ID[id] for id in (*FOOTERS.get(screen, ()), *everywhere.LAST)]
    if screen not in ("debug", "open"):  # from these `q` leaves the debugger
        shown[-1] = replace(shown[-1], footer="q back")
    return shown
