"""Finding actions by what is typed."""

from __future__ import annotations

from collections.abc import Iterable

from .action import Action, show_key

_KEY, _NAME, _LABEL, _TEXT = range(4)  # where a word was found, the best first


def matching(text: str, actions: Iterable[Action]) -> list[Action]:
    """
    Return the actions that every word of *text* occurs in, the best first.

    They are looked for in key, label, id, help and pane; when no action has them all, letters of
    a label that follow each other with others between are enough. A single character is a key.
    """
    words, found = text.lower().split(), list(actions)
    ranked = [(rank, action) for action in found if (rank := _rank(action, words)) is not None]
    if not ranked:
        return [action for action in found if all(_spread(action, word) for word in words)]
    return [action for _, action in sorted(ranked, key=lambda each: each[0])]


def _rank(action: Action, words: Iterable[str]) -> int | None:
    """Return how well *words* fit, 0 best, or None when one does not occur."""
    ranks = [_place(action, word) for word in words]
    known = [rank for rank in ranks if rank is not None]
    return sum(known) if len(known) == len(ranks) else None


def _place(action: Action, word: str) -> int | None:
    if any(word == show_key(key).lower() for key in action.keys):
        return _KEY
    if len(word) == 1:
        return None
    label = action.label.lower()
    if label.startswith(word) or action.id == word:
        return _NAME
    if word in label or word in action.id:
        return _LABEL
    return _TEXT if word in f"{action.help} {action.pane}".lower() else None


def _spread(action: Action, word: str) -> bool:
    """Tell whether the letters of *word* stand in the label, in their order."""
    letters = iter(f"{action.pane} {action.label}".lower())
    return len(word) > 1 and all(letter in letters for letter in word)
