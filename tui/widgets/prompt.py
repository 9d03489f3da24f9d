"""The line that asks for an address or an expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from .field import Field


class Prompt(Horizontal):
    """
    Asks one thing at a time; up and down bring back earlier answers.

    *answered* is called with the answer, *left* when there will be none.
    """

    DEFAULT_CSS = """
    Prompt {
        height: 1; display: none; background: $panel;
        Label { width: auto; color: $accent; padding: 0 1; }
        Input { width: 1fr; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel", show=False),
        Binding("up", "earlier(-1)", "earlier", show=False),
        Binding("down", "earlier(1)", "later", show=False),
    ]

    def __init__(self, answered: Callable[[str], None], left: Callable[[], None]) -> None:
        super().__init__()
        self._answered, self._left = answered, left
        self.asking = False  # whether a question is open
        self._question = ""
        self._answers: dict[str, list[str]] = {}
        self._back = 0  # how many answers back the shown one is

    def compose(self) -> ComposeResult:
        yield Label()
        yield Field(self._submitted, compact=True)

    def ask(self, question: str, placeholder: str = "", value: str = "") -> None:
        """
        Open with *question* and *value* to edit; the answers given before are at hand.

        The field has the focus at once: letters may have been typed already.
        """
        self._question, self._back = question, 0
        self.query_one(Label).update(question)
        field = self.query_one(Field)
        field.one_letter = False
        field.placeholder = placeholder
        field.value = value
        field.cursor_position = len(value)
        self.display = self.asking = True
        self.screen.set_focus(field)

    def take_letter(self) -> None:
        """Let the first letter be the answer."""
        self.query_one(Field).one_letter = True

    def close(self) -> None:
        """Disappear."""
        self.display = self.asking = False

    def _submitted(self, text: str) -> None:
        answer = text.strip()
        given = self._given
        if answer and given[-1:] != [answer]:
            given.append(answer)
        self._answered(answer)

    def on_click(self, event: events.Click) -> None:
        event.stop()

    def action_leave(self) -> None:
        self._left()

    def action_earlier(self, step: int) -> None:
        given = self._given
        self._back = max(min(self._back - step, len(given)), 0)
        field = self.query_one(Input)
        field.value = given[-self._back] if self._back else ""
        field.cursor_position = len(field.value)

    @property
    def _given(self) -> list[str]:
        return self._answers.setdefault(self._question, [])

    def given(self, question: str) -> Sequence[str]:
        """Return the answers that *question* got, oldest first."""
        return tuple(self._answers.get(question, ()))
