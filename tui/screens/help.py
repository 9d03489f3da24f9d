"""Everything that can be done here, to be searched by typing: the help and the palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label

from laban.tui.actions import Action, matching
from laban.tui.widgets.action_list import ActionList
from laban.tui.widgets.field import Field


class HelpScreen(ModalScreen[None]):
    """
    Lists the actions that what is typed occurs in; enter carries the selected one out.

    *chosen* is called with its id when this screen has gone.
    """

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #box { width: 90%; max-width: 110; height: 90%; background: $background; }
        #text { width: 1fr; height: 4; padding: 0 1; background: $panel; }
        Input { background: $background; border: round $border; &:focus { border: round $accent; } }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "leave", "leave", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("pagedown", "move(10)", "page down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
    ]
    AUTO_FOCUS = "Input"

    def __init__(
        self,
        actions: Sequence[Action],
        why_not: Callable[[str], str],
        chosen: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._actions, self._why_not, self._chosen = actions, why_not, chosen
        self._list = ActionList(why_not)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Field(self._choose, placeholder="type to search: a key, a word, a pane")
            yield self._list
            yield Label(id="text", markup=False)

    def on_mount(self) -> None:
        if not self.query(Input):  # the debugger ends before the help is there
            return
        field = self.query_one(Input)
        field.border_title = "Keys"
        self.set_focus(field)  # letters may have been typed already
        self._show(self._actions)

    def watch_focused(self, focused: Widget | None) -> None:
        """Keep the search in use after a click beside the box."""
        if focused is None and self.is_mounted and self.app.app_focus:
            for field in self.query(Input):
                self.call_later(field.focus)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._search(event.value)

    def on_virtual_list_chosen(self) -> None:
        self._choose(self.query_one(Input).value)

    def action_move(self, by: int) -> None:
        self._list.cursor += by
        self._explain()

    def action_leave(self) -> None:
        self._leave()

    def on_virtual_list_moved(self) -> None:
        self._explain()

    def _choose(self, text: str) -> None:
        self._search(text)  # keys may come faster than the list
        action = self._list.selected
        if action and self.is_current:
            self._leave()
            self._chosen(action.id)

    def _leave(self) -> None:
        if self.is_current:  # keys may come faster than the screen goes
            self.dismiss()

    def _search(self, text: str) -> None:
        found = matching(text, self._actions) if text.strip() else self._actions
        if list(found) != list(self._list.rows):
            self._show(found)

    def _show(self, actions: Sequence[Action]) -> None:
        self._list.show(actions, 0)
        self._explain()

    def _explain(self) -> None:
        """Write out what the selected action does: its row may be too short for it."""
        action = self._list.selected
        text = action.help if action else ""
        if action and (why := self._why_not(action.id)):
            text = f"Not now: {why}\n{text}"
        self.query_one(Label).update(text, layout=False)
        named = f"{action.name} · " if action and action.keys else ""
        self._list.border_subtitle = f"{named}enter does it · esc leaves".replace("[", "\\[")
