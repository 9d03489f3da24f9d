"""What all screens have in common: a header, a status line, a prompt, a footer, and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from laban.store.errors import LabanError
from laban.tui.actions import BY_ID, actions_of, footer_of, show_key
from laban.tui.guide.hints import Hints
from laban.tui.refusal import Refusal
from laban.tui.widgets.footer_line import FooterLine
from laban.tui.widgets.header_line import HeaderLine
from laban.tui.widgets.prompt import Prompt
from laban.tui.widgets.status_line import StatusLine
from laban.tui.widgets.tour_panel import TourPanel

from .command import Command, Commands
from .worker import Worker

if TYPE_CHECKING:
    from laban.tui.app import DebuggerApp

__all__ = ["Command", "Commands", "LabanScreen", "bindings_of"]


def bindings_of(screen: str) -> list[BindingType]:
    """Return the bindings of the screen of this name; their ids are those of the actions."""
    return [
        Binding(
            ",".join(action.keys),
            f"run('{action.id}')",
            action.label,
            show=False,
            tooltip=action.help,
            id=action.id,
        )
        for action in actions_of(screen)
    ]


class LabanScreen(Screen[None]):
    """
    A screen of the debugger. A subclass has a NAME, a body, and commands for its actions.

    Every command says what came of it in the status line, or raises LabanError: then that
    is said, and nothing happened.
    """

    NAME: ClassVar[str]
    app: DebuggerApp
    # Textual paints the whole screen anew when this changes; the two widgets do it themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, title: str = "", hints: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.header = HeaderLine(title)
        self.status = StatusLine()
        self.prompt = Prompt(self._answered, self._left)
        self.footer = FooterLine(footer_of(self.NAME))
        self.tour_panel = TourPanel()
        self.hints = Hints(hints)
        self.worker = Worker(self)
        self.offers: Commands = {}  # what only the help has, by the ids that it gave
        self._answer: Callable[[str], None] = lambda _: None
        self.commands: Commands = {
            "open": Command(lambda: self.app.show("open")),
            "debug": Command(lambda: self.app.show("debug")),
            "compare": Command(lambda: self.app.show("compare")),
            "bisect": Command(lambda: self.app.show("bisect")),
            "sql": Command(lambda: self.app.show("sql")),
            "check": Command(lambda: self.app.show("check")),
            "stats": Command(lambda: self.app.show("stats")),
            "yank": Command(self._yank),
            "export": Command(self._export),
            "cancel": Command(self.cancel),
            "help": Command(self._help),
            "back": Command(self.leave),
            "tour_next": Command(lambda: self._turn_tour(1), self._why_no_tour),
            "tour_back": Command(lambda: self._turn_tour(-1), self._why_no_tour),
            "quit": Command(self._quit),
        }

    def on_mount(self) -> None:
        if self.app.trouble:
            self.status.say(self.app.trouble, "changed")
            self.app.trouble = ""

    def on_unmount(self) -> None:
        self.worker.cancel()  # else its thread would keep the program from ending

    def watch_focused(self, focused: Widget | None) -> None:
        """Keep something in use: without it, half of the keys would go nowhere."""
        if focused is None and self.is_mounted and self.app.app_focus:
            self.call_later(self.focus_body)

    def _rename_keys(self) -> None:
        """Name the keys of the user where those of the table stand."""
        keymap = self.app.keymap
        self.footer.show([keymap.bound(action) for action in footer_of(self.NAME)])
        self.hints.rename(lambda key: keymap.instead(key, self.NAME))

    def body(self) -> Iterable[Widget]:
        """Yield what stands between the header and the status line."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        self._rename_keys()
        yield self.header
        yield from self.body()
        yield self.tour_panel
        yield self.status
        yield self.prompt
        yield self.footer

    # Keys.

    def action_run(self, id: str) -> None:
        """Carry out the action *id*; say why when that is not possible."""
        if self.prompt.asking:
            return
        self.before_command()
        try:
            if why := self.why_not(id):
                raise Refusal(why)
            self._command(id).run()
        except LabanError as refusal:
            self.refuse(refusal)
        else:
            self.next_hint(*map(show_key, BY_ID[id].keys if id in BY_ID else ()))
            self.did(id)

    def on_paste(self) -> None:
        """Say where a text can be pasted: it is no row of keys."""
        if self.focused is None or not self.focused.check_consume_key("a", "a"):  # no field
            key = self.app.keymap.key_of("address")
            self.status.say(f"Paste into a question, such as that of {key} in D.", "changed")

    @property
    def begun(self) -> bool:
        """Whether a job has just begun: keys wait for it, but not for long."""
        return self.worker.begun

    def before_command(self) -> None:
        """Take in what other messages have not told yet."""

    def why_not(self, id: str) -> str:
        """Return why the action *id* cannot be carried out now; "" when it can."""
        return self._command(id).why_not()

    def _command(self, id: str) -> Command:
        return self.commands[id] if id in self.commands else self.offers[id]

    def refuse(self, refusal: LabanError) -> None:
        """Say why something is not possible."""
        self.status.say(str(refusal), "changed")

    def cancel(self) -> None:
        """Stop what is under way."""
        if self.worker.cancel():
            self.status.say("cancelled")

    def leave(self) -> None:
        """Go back to the main screen."""
        self.worker.cancel()
        self.app.show("debug")

    def next_hint(self, *keys: str) -> None:
        """Go on to the next hint if one of *keys* is what the current one is about."""
        if self.hints.pressed(*keys) and not self.prompt.asking:
            self.status.hint(self.hints.current)

    # The guided tour.

    def did(self, id: str) -> None:
        """Go on in the tour if what it asked for was this."""
        if (tour := self.app.tour) and tour.did(id):
            self.call_later(self.app.show_tour)

    def show_tour(self) -> None:
        """Show the step of the tour, if there is one."""
        if tour := self.app.tour:
            self.tour_panel.show(tour.text(self.app.keymap.key_of), tour.progress)

    def on_screen_resume(self) -> None:
        """Show where the tour is now."""
        self.show_tour()

    def _turn_tour(self, by: int) -> None:
        if tour := self.app.tour:
            tour.turn(by)
            self.show_tour()

    def _why_no_tour(self) -> str:
        tour = self.app.tour
        return "" if tour and tour.progress else "No tour is under way: `laban demo --tour` is one."

    def _help(self) -> None:
        from .help import HelpScreen  # most sessions start without these
        from .offers import offered

        actions, self.offers = offered(self)
        self.app.push_screen(HelpScreen(actions, self.why_not, self.action_run))

    def _yank(self) -> None:
        from .handing import yank

        yank(self)

    def _export(self) -> None:
        from .handing import export

        export(self)

    def _quit(self) -> None:
        self.worker.cancel()
        self.app.exit()

    # Questions.

    def ask(
        self, question: str, placeholder: str, answer: Callable[[str], None], value: str = ""
    ) -> None:
        """
        Ask *question*, and hand what is typed to *answer*; *value* stands there to be edited.

        When that raises LabanError, the prompt stays, to mend what was typed.
        """
        if tour := self.app.tour:
            value = value or tour.answer
        self._answer = answer
        self.footer.display = False
        self.prompt.ask(question, placeholder, value)
        self.status.hint("")
        self.status.say("enter answers, ↑ brings back earlier answers, esc leaves", "changed")

    def ask_letter(self, question: str, placeholder: str, answer: Callable[[str], None]) -> None:
        """Ask a question that one letter answers, without enter."""
        self.ask(question, placeholder, answer)
        self.prompt.take_letter()
        self.status.say("a letter answers, esc leaves", "changed")

    def leave_prompt(self) -> None:
        """Close the question that is open, if one is."""
        if self.prompt.asking:
            self.prompt.close()
            self.footer.display = True
            self.status.hint(self.hints.current)
            self.focus_body()

    def focus_body(self) -> None:
        """Give the keys back to what had them before the question."""
        self.focus_next()

    def _answered(self, answer: str) -> None:
        take = self._answer
        try:
            take(answer)
        except LabanError as refusal:
            self.status.say(str(refusal), "error")
        else:
            if self._answer is take:  # it did not ask on
                self.leave_prompt()

    def _left(self) -> None:
        self.status.say("")
        self.leave_prompt()

    def on_footer_line_pressed(self, message: FooterLine.Pressed) -> None:
        self.action_run(message.id)
