"""A guided tour: one step at a time, each until its key is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """
    Something to look at and a key to press.

    In *text*, {next} stands for the key of the action `next`, whatever the user's keymap says.
    """

    text: str
    action: str = ""  # the step is over when this has been done; "": when the tour goes on
    answer: str = ""  # what the question that the action asks is answered with already


class Tour:
    """The steps, and how far the user has come."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._at = 0

    def text(self, key_of: Callable[[str], str]) -> str:
        """Return what to say now, the keys of actions given by `key_of`; "" after the end."""
        if self._at == len(self._steps):
            return ""
        return self._steps[self._at].text.format_map(_Keys(key_of))

    @property
    def answer(self) -> str:
        """What the question is answered with that this step's action asks, or the last one's."""
        near = self._steps[max(self._at - 1, 0) : self._at + 1]
        return next((step.answer for step in reversed(near) if step.answer), "")

    @property
    def progress(self) -> str:
        """How far it is: 3/17."""
        return f"{self._at + 1}/{len(self._steps)}" if self._at < len(self._steps) else ""

    def did(self, action: str) -> bool:
        """Note that an action was carried out; return whether the step is over by that."""
        over = self._at < len(self._steps) and self._steps[self._at].action == action
        self._at += over
        return over

    def turn(self, by: int) -> None:
        """Go on to the next step, or back, whatever was done."""
        self._at = min(max(self._at + by, 0), len(self._steps))


class _Keys(dict[str, str]):
    def __init__(self, key_of: Callable[[str], str]) -> None:
        super().__init__()
        self._key_of = key_of

    def __missing__(self, action: str) -> str:
        return self._key_of(action)
