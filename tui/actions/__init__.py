"""Every key of the debugger: one table feeds bindings, footer, help, palette and docs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import bisect, compare, debug, everywhere, lists, sql
from . import open as open_
from .action import EVERYWHERE, Action, show_key

_SCREENS = (debug, compare, bisect, sql, open_)

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
    "Action",
    "actions_of",
    "footer_of",
    "key_of",
    "matching",
    "show_key",
]


def actions_of(screen: str) -> tuple[Action, ...]:
    """Return the actions that the screen of this name has, those of every screen last."""
    return tuple(action for action in ACTIONS if action.screen in (screen, EVERYWHERE))


def footer_of(screen: str) -> Sequence[Action]:
    """Return what the screen's footer shows: the first as far as there is room, two always."""
    return [BY_ID[id] for id in (*FOOTERS.get(screen, ()), *everywhere.LAST)]


def key_of(id: str) -> str:
    """Return the key of an action, or of what lists do, as it stands on the keyboard."""
    return next(show_key(each.keys[0]) for each in (*ACTIONS, *LIST_KEYS) if each.id == id)


def matching(text: str, actions: Iterable[Action] = ACTIONS + LIST_KEYS) -> list[Action]:
    """
    Return the actions that every word of *text* occurs in: key, label, help or pane.

    A single character is a key.
    """
    words = text.lower().split()
    return [action for action in actions if all(_mentions(action, word) for word in words)]


def _mentions(action: Action, word: str) -> bool:
    if any(word == show_key(key).lower() for key in action.keys):
        return True
    return len(word) > 1 and word in f"{action.label} {action.help} {action.pane}".lower()
