"""What a key does: one record, from which bindings, footer, help, palette and docs are made."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does. A screen carries out those that it has a command for."""

    id: str  # also the name by which a keymap gives it other keys
    keys: tuple[str, ...]  # as Textual names them; the first is the one that is shown
    label: str  # a word or two, for the footer
    help: str  # a sentence, for the help and the documentation
    pane: str = "Move"  # the group it belongs to
    footer: str = ""  # how the footer shows it, when it does
    screen: str = EVERYWHERE  # the name of the screen it belongs to

    @property
    def name(self) -> str:
        """How keys.toml calls it: `[debug] next`."""
        section = "lists" if self.pane == "Lists" else self.screen or "everywhere"
        return f"[{section}] {self.id}"

    @property
    def key_text(self) -> str:
        """The keys as a reader sees them: `n →`."""
        return " ".join(show_key(key) for key in self.keys)


SHOWN = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "colon": ":",
    "slash": "/",
    "backslash": "\\",
    "ampersand": "&",
    "apostrophe": "'",
    "full_stop": ".",
    "comma": ",",
    "question_mark": "?",
    "plus": "+",
    "at": "@",
    "underscore": "_",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "delete": "del",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def show_key(key: str) -> str:
    """Return a key as it stands on the keyboard: `slash` is `/`."""
    if key in SHOWN or len(key) == 1:
        return SHOWN.get(key, key)
    try:
        sign = unicodedata.lookup(key.replace("_", " "))  # exclamation_mark
    except KeyError:
        return key
    return sign if sign.isprintable() and not sign.isspace() else key
