"""The keys worth knowing first, as many as fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from laban.tui.actions import Action
from laban.tui.looks.cells import Piece

from .one_line import OneLine


class FooterLine(OneLine):
    """
    Shows actions as they want to be shown in a footer; a click carries one out.

    When the line is too short, the middle goes first: the last two always stay.
    """

    DEFAULT_CSS = "FooterLine { background: $panel; }"

    @dataclass
    class Pressed(Message):
        """The user clicked on an action."""

        id: str

    def __init__(self, actions: Sequence[Action], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions = actions

    def show(self, actions: Sequence[Action]) -> None:
        """Show these instead."""
        self._actions = actions
        self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        pieces: list[Piece] = []
        for action in self._fitting(width):
            key, label = action.footer.split(" ", 1)
            pieces += [(f" {key}", "key"), (f" {label} ", "faint")]
        return pieces

    def on_click(self, event: events.Click) -> None:
        end = 0
        for action in self._fitting(self.size.width):
            end += _width(action)
            if event.x < end:
                self.post_message(self.Pressed(action.id))
                return

    def _fitting(self, width: int) -> Iterator[Action]:
        *others, help, leave = self._actions
        room = width - _width(help) - _width(leave)
        for action in others:
            room -= _width(action)
            if room < 0:
                break
            yield action
        yield help
        yield leave


def _width(action: Action) -> int:
    return cell_len(action.footer) + 2
