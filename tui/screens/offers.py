"""What the help offers: the actions of a screen, other logs, and themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from laban.tui.actions import LIST_KEYS, Action, actions_of
from laban.tui.looks.theme import LOOKS, Look

from .command import Command, Commands

if TYPE_CHECKING:
    from .screen import LabanScreen

Offer = tuple[Action, Command]


def offered(screen: LabanScreen) -> tuple[list[Action], Commands]:
    """Return what can be done on *screen*, its pane in use first, and what is no action of it."""
    offers = [*_list_keys(), *_logs(screen), *_themes(screen)]
    bound = map(screen.app.keymap.bound, actions_of(screen.NAME))
    actions = [*bound, *(screen.app.keymap.bound(action) for action, _ in offers)]
    pane = _pane(screen)
    actions.sort(key=lambda action: action.pane.lower() not in pane)
    return actions, {action.id: command for action, command in offers}


def _pane(screen: LabanScreen) -> str:
    """Return the title of the pane in use."""
    title = screen.focused.BORDER_TITLE if screen.focused else ""
    return str(title or "").lower()


def _list_keys() -> Iterator[Offer]:
    for action in LIST_KEYS:
        why = f"press {action.key_text.split()[0]} in a list."
        yield action, Command(lambda: None, partial(str, why))


def _logs(screen: LabanScreen) -> Iterator[Offer]:
    app = screen.app
    for number, log in enumerate(app.logs):
        here = "you are there." if log is app.current else ""
        title = log.opened.title
        help = f"Turn to {title}, which is open at @{log.session.position:,}."
        yield (
            Action(f"log {number}", (), title, help, pane="Logs"),
            Command(partial(app.turn_to, log), partial(str, here)),
        )


def _themes(screen: LabanScreen) -> Iterator[Offer]:
    for look in LOOKS.values():
        yield (
            Action(f"theme {look.name}", (), f"theme {look.name}", look.about, pane="Themes"),
            Command(partial(_wear, screen, look), partial(_why_no_colours, screen)),
        )


def _wear(screen: LabanScreen, look: Look) -> None:
    kept = screen.app.wear(look.name)
    how = "kept for the next time" if kept else "for now: it could not be kept"
    screen.status.say(f"theme {look.name}, {how}")


def _why_no_colours(screen: LabanScreen) -> str:
    return "NO_COLOR is set." if screen.app.no_color else ""
