"""All keys, to be searched by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label

from laban.tui.actions import BY_ID, LIST_KEYS, Action, matching
from laban.tui.widgets.action_list import ActionList


class HelpScreen(ModalScreen[str | None]):
    """Lists the keys that what is typed occurs in; enter carries the selected one out."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #box { width: 90%; max-width: 110; height: 90%; background: $background; }
        #text { width: 1fr; height: 3; padding: 0 1; background: $panel; }
        Input { border: round $border; &:focus { border: round $accent; } }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("pagedown", "move(10)", "page down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
    ]
    AUTO_FOCUS = "Input"

    def __init__(self, actions: Sequence[Action], why_not: Callable[[str], str]) -> None:
        super().__init__()
        self._actions, self._why_not = (*actions, *LIST_KEYS), why_not

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Input(placeholder="type to search: a key, a word, a pane")
            yield ActionList()
            yield Label(id="text", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).border_title = "Keys"
        self.query_one(Input).cursor_blink = False
        self.set_focus(self.query_one(Input))  # letters may have been typed already
        self.query_one(ActionList).border_subtitle = "enter does it · esc leaves"
        self._show(self._actions)

    def watch_focused(self, focused: Widget | None) -> None:
        """Keep the search in use after a click beside the box."""
        if focused is None and self.is_mounted and self.app.app_focus:
            self.call_later(self.query_one(Input).focus)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show(matching(event.value, self._actions))

    def on_input_submitted(self) -> None:
        action = self.query_one(ActionList).selected
        self._leave(action.id if action is not None and action.id in BY_ID else None)

    def on_virtual_list_chosen(self) -> None:
        self.on_input_submitted()

    def action_move(self, by: int) -> None:
        self.query_one(ActionList).cursor += by
        self._explain()

    def action_leave(self) -> None:
        self._leave(None)

    def on_virtual_list_moved(self) -> None:
        self._explain()

    def _leave(self, id: str | None) -> None:
        if self.is_current:  # keys may come faster than the screen goes
            self.dismiss(id)

    def _show(self, actions: Sequence[Action]) -> None:
        self.query_one(ActionList).show(actions, 0)
        self._explain()

    def _explain(self) -> None:
        """Write out what the selected action does: its row may be too short for it."""
        action = self.query_one(ActionList).selected
        text = action.help if action else ""
        if action and action.id in BY_ID and (why := self._why_not(action.id)):
            text = f"{text}\nNot now: {why}"
        self.query_one(Label).update(text, layout=False)
