"""
The user's own keys, from keys.toml in the folder for settings.

    [debug]
    next = ["n", "j"]

A key that is given to an action there is taken from the action that had it, unless that would
be left without any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from textual.keys import Keys, _character_to_key

from laban.store.errors import did_you_mean
from laban.tui.actions import ACTIONS, LIST_KEYS, SHOWN, Action, actions_of, show_key
from laban.tui.actions.action import EVERYWHERE

from .settings import SettingsError, read_toml

FILE = "keys.toml"
Changes = Mapping[str, tuple[str, ...]]  # keys by the id of the action

_TABLES: dict[str, tuple[Action, ...]] = {
    **{
        screen or "everywhere": tuple(each for each in ACTIONS if each.screen == screen)
        for screen in {action.screen: None for action in ACTIONS}
    },
    "lists": LIST_KEYS,
}
_SCREENS = [screen for screen in _TABLES if screen not in ("everywhere", "lists")]
_NAMED = {key.value for key in Keys if key.value.isalnum()}
_OTHER_NAMES = {shown.lower(): key for key, shown in SHOWN.items()}
_MODIFIERS = ("ctrl", "alt", "shift")


class Keymap:
    """Which keys do what: the table of actions with the user's *changes*."""

    def __init__(self, changes: Changes | None = None) -> None:
        self.changes = changes or {}

    def bound(self, action: Action) -> Action:
        """Return *action* with the keys that it has, in its footer too."""
        keys = self.changes.get(action.id, action.keys)
        return replace(action, keys=keys, footer=self._footer(action)) if self.changes else action

    def key_of(self, id: str) -> str:
        """Return the first key of an action, as it stands on the keyboard."""
        action = next(each for each in (*ACTIONS, *LIST_KEYS) if each.id == id)
        return show_key(self.bound(action).keys[0])

    def instead(self, key: str, screen: str) -> str:
        """Return what is to be pressed on a screen for a *key* of the defaults."""
        for action in (*actions_of(screen), *LIST_KEYS):
            if action.id in self.changes and key in map(show_key, action.keys):
                return show_key(self.changes[action.id][0])
        return key

    def bindings(self) -> dict[str, str]:
        """Return the changes as Textual wants them."""
        return {id: ",".join(keys) for id, keys in self.changes.items()}

    def _footer(self, action: Action) -> str:
        keys, space, label = action.footer.partition(" ")
        parts = [keys] if len(keys) == 1 else keys.split("/")
        return "/".join(self.instead(part, action.screen) for part in parts) + space + label


def read_keymap(folder: Path | None) -> Keymap:
    """Return the keymap in *folder*. Raises SettingsError for the first that is wrong."""
    asked: dict[str, tuple[str, ...]] = {}
    for section, table in read_toml(folder, FILE).items():
        if not isinstance(table, dict):
            _refuse(f"{section} wants to stand below a screen, such as [debug]")
        if section not in _TABLES:
            _refuse(f"[{section}] is no screen", section, _TABLES)
        known = {action.id for action in _TABLES[section]}
        for id, keys in table.items():
            if id not in known:
                _refuse(f"[{section}] has no action {id!r}", id, known)
            asked[id] = _keys(f"[{section}] {id}", keys)
    for screen in (*_SCREENS, EVERYWHERE):
        _check((*actions_of(screen), *LIST_KEYS), asked)
    return Keymap(_with_defaults(asked))


def _keys(place: str, given: object) -> tuple[str, ...]:
    keys = [given] if isinstance(given, str) else given
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        _refuse(f'{place} wants a key, such as "n", or a list of keys')
    return tuple(_key(place, key) for key in keys)


def _key(place: str, text: str) -> str:
    """Return a key as Textual names it: `?` is `question_mark`, `Ctrl+P` is `ctrl+p`."""
    *modifiers, name = text.split("+") if len(text) > 1 and text[-1] != "+" else (text,)
    modifiers = [modifier.lower() for modifier in modifiers]
    if unknown := [modifier for modifier in modifiers if modifier not in _MODIFIERS]:
        _refuse(f"{place}: {text!r} is no key", unknown[0], _MODIFIERS)
    if modifiers == ["shift"] and len(name) == 1:
        return name.upper()
    if len(name) == 1 and name not in _OTHER_NAMES:
        found = _character_to_key(name.lower() if modifiers else name)
    else:
        found = _OTHER_NAMES.get(name.lower(), name.lower())
        if found not in _NAMED and found not in SHOWN:
            _refuse(f"{place}: {text!r} is no key", found, {*_NAMED, *_OTHER_NAMES, *SHOWN})
    return "+".join([*modifiers, found])


def _check(actions: Iterable[Action], asked: Changes) -> None:
    """Refuse two actions of one screen that are asked to have the same key."""
    owners: dict[str, Action] = {}
    for action in actions:
        for key in asked.get(action.id, ()):
            other = owners.setdefault(key, action)
            if other is not action:
                _refuse(f"{show_key(key)!r} is given to both {other.name} and {action.name}")


def _with_defaults(asked: dict[str, tuple[str, ...]]) -> Changes:
    """Return *asked* and what is left to the actions that keys are taken from."""
    changes = dict(asked)
    for section, table in _TABLES.items():
        near = _near(section)
        taken = {key: each for each in near for key in asked.get(each.id, ())}
        for action in table:
            if action.id in asked or not taken.keys() & set(action.keys):
                continue
            left = tuple(key for key in action.keys if key not in taken)
            if not left:
                key = action.keys[0]
                _refuse(
                    f"{show_key(key)!r} is the only key of {action.name}, and is given to "
                    f"{taken[key].name}: give {action.id} another, too"
                )
            changes[action.id] = left
    return changes


def _near(section: str) -> Sequence[Action]:
    """Return the actions that are on one screen with those of *section*."""
    if section in _SCREENS:
        return (*actions_of(section), *LIST_KEYS)
    return (*ACTIONS, *LIST_KEYS)


def _refuse(problem: str, word: str = "", known: Iterable[str] = ()) -> NoReturn:
    hint = did_you_mean(word, known) if word else ""
    raise SettingsError(f"{FILE}: {problem}.{hint} The default keys hold.")
