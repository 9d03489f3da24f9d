"""The search for the event at which an expression turns true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from threading import Thread

from textual.containers import Container
from textual.widget import Widget

from laban.replay.bisect import Verdict
from laban.replay.expression import Expression, compile_expression
from laban.replay.pointer import parse_pointer
from laban.tui.bisect.bisecting import MODES, Found, Mode, Question, bisect
from laban.tui.bisect.by_hand import ByHand
from laban.tui.bisect.rows import expression_of, read_rows, ribbon, sought, write_before
from laban.tui.bisect.values import Answer, EdgeRow
from laban.tui.jobs import Job
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.values import StateRow
from laban.tui.widgets.edge_list import EdgeList
from laban.tui.widgets.ribbon import Ribbon
from laban.tui.widgets.state_view import StateView
from laban.tui.widgets.summary_lines import SummaryLines
from laban.tui.widgets.virtual_list import VirtualList

from .debug import DebugScreen
from .screen import Command, LabanScreen, bindings_of

_TESTS = "state['order-17']['status'] == 'failed'   type == 'Failed'"
_WIDE = 100  # cells of the screen from which the state stands beside the edges
_MODE_ACTIONS = ("find_first", "find_last_good", "find_all", "find_monotone")
_MOMENT = 0.03  # seconds that a key waits for what is read
_NO_QUESTION = "Nothing is looked for yet: I asks for an expression, m lets you answer by hand."


class BisectScreen(LabanScreen):
    """Shows where an expression is true in this log, or where the user says that it went wrong."""

    NAME = "bisect"
    BINDINGS = bindings_of(NAME)
    DEFAULT_CSS = """
    BisectScreen {
        #found { layout: vertical; height: 1fr; }
        #found.-wide { layout: horizontal; }
        EdgeList { width: 1fr; height: 3fr; }
        StateView { width: 1fr; height: 2fr; }
        #found.-wide EdgeList { width: 5fr; height: 1fr; }
        #found.-wide StateView { width: 3fr; height: 1fr; }
    }
    """

    def __init__(self, open_log: OpenLog) -> None:
        super().__init__(open_log.opened.title)
        self.open_log = open_log
        opened = open_log.opened
        self.summary, self.ribbon = SummaryLines(), Ribbon()
        self.list, self.state = EdgeList(id="edges"), StateView(id="state")
        self.box = Container(self.list, self.state, id="found")
        self.by_hand = ByHand(opened.timeline, opened.path, opened.folder)
        self.found: Found | None = None
        self._question: Question | None = None
        self._shows_hand = False
        asked, answering = self._why_not_asked, self._why_not_answering
        self.commands |= {
            "bisect": Command(self.ask_expression),
            "next_edge": Command(partial(self._step, 1), asked),
            "previous_edge": Command(partial(self._step, -1), asked),
            "read_write": Command(self._to_write, asked),
            "edge_cause": Command(self._to_cause, asked),
            "each": Command(lambda: self._look(self._asked().next_group()), self._why_no_question),
            "range": Command(self._ask_range, self._why_no_question),
            "by_hand": Command(self._begin_by_hand),
            "take_back": Command(lambda: self._told(self.by_hand.take_back()), answering),
            "forget": Command(self._forget),
        }
        for id, mode in zip(_MODE_ACTIONS, MODES, strict=True):
            self.commands[id] = Command(partial(self._in_mode, mode), self._why_no_question)
        for verdict in Verdict:
            run = partial(self._answer_by_hand, verdict)
            self.commands[verdict.value] = Command(run, answering)

    def body(self) -> Iterable[Widget]:
        return (self.summary, self.ribbon, self.box)

    def on_mount(self) -> None:
        self.state.border_title = "State"
        self.set_focus(self.list)

    def on_resize(self) -> None:
        self.box.set_class(self.size.width >= _WIDE, "-wide")

    def on_screen_resume(self) -> None:
        self.header.show(self.open_log.session.where())
        if self._shows_hand:
            self._begin_by_hand()  # the command may have answered meanwhile
        elif self.found is None and not self.worker.busy:
            self.summary.show([("At which event does an expression turn true?", "")])
            self.ask_expression()

    def focus_body(self) -> None:
        self.set_focus(self.list)

    # What to look for.

    def ask_expression(self) -> None:
        """Ask for the expression; what is selected or was found last stands there."""
        value = self._question.text if self._question else self._prefill()
        self.ask("turns true", _TESTS, self._answered_expression, value)

    def _prefill(self) -> str:
        """Return that the selected path has its value, else what was looked for last."""
        main, session = self.app.current.screen("debug"), self.open_log.session
        assert isinstance(main, DebugScreen)
        row = main.panes.state.selected
        if row is not None and row.pointer and main.panes.current is main.panes.state:
            try:
                tokens = parse_pointer(row.pointer)
                return expression_of(session.timeline, tokens, session.position)
            except Refusal:
                return ""
        found = map(sought, reversed(main.prompt.given("find")))
        return next(filter(None, found), "")

    def _answered_expression(self, text: str) -> None:
        if text:
            compile_expression(text)
            asked = self._question or Question(text=text)
            self._look(replace(asked, text=text))

    def _in_mode(self, mode: Mode) -> None:
        self._look(replace(self._asked(), mode=mode, by=""))

    def _ask_range(self) -> None:
        self.ask("from, to", "@10 @276; nothing for the whole log", self._range)

    def _range(self, answer: str) -> None:
        first, last = self._two(answer) if answer else (0, None)
        self._look(replace(self._asked(), first=first, last=last))

    def _two(self, answer: str) -> tuple[int, int]:
        words = answer.replace("..", " ").split()
        if len(words) != 2:
            raise Refusal("Name two addresses: @10 @276.")
        timeline = self.open_log.session.timeline
        return timeline.resolve(words[0]), timeline.resolve(words[1])

    def _look(self, question: Question) -> None:
        """Answer *question*, in a thread."""
        self._question = question
        timeline = self.open_log.session.timeline
        work = partial(bisect, timeline, question)
        self.worker.start("bisecting", work, self._show_found, unit="positions")

    def _show_found(self, found: Found) -> None:
        self.found, self._shows_hand = found, False
        self._mark_timeline(found)
        title = (f"{found.question.text}   {found.question.name()}", "name")
        self.summary.show([title, *found.lines])
        self.list.border_title = "Edges"
        others = "" if found.question.mode == "all" else ", 3 lists all edges"
        self.status.say(f"enter goes there{others}" if found.rows else "")
        self._show_rows(found.rows, found.cursor)

    def _mark_timeline(self, found: Found) -> None:
        """Show on the main screen, too, where it is true, if that is known of the whole log."""
        asked, main = found.question, self.open_log.screen("debug")
        whole = asked.mode == "all" and not (asked.by or asked.first or asked.last is not None)
        assert isinstance(main, DebugScreen)
        main.strip.ribbon(
            [(each.first, each.answer is Answer.BAD) for each in found.stretches] if whole else []
        )

    # By hand.

    def _begin_by_hand(self) -> None:
        if self.by_hand.resume():
            self._told("going on with the answers so far; R forgets them")
            return
        bad = self.open_log.session.position or self.open_log.session.head
        self.ask("good and bad", "@0 @276", self._start_by_hand, f"@0 @{bad}")

    def _start_by_hand(self, answer: str) -> None:
        if answer:
            good, bad = self._two(answer)
            self.by_hand.start(good, bad)
            self._told(f"taking @{good:,} to be good and @{bad:,} to be bad")

    def _answer_by_hand(self, verdict: Verdict) -> None:
        self._told(self.by_hand.answer(verdict))

    def _forget(self) -> None:
        self.by_hand.forget()
        self._shows_hand = False
        self.summary.show([(_NO_QUESTION, "")])
        self._show_rows([])
        self.status.say("forgotten")

    def _told(self, said: str) -> None:
        """Show what the answers by hand say."""
        self.worker.cancel()
        self._shows_hand = True
        self.summary.show(
            [("by hand: g good, b bad, s skip, u takes back", "name"), *self.by_hand.lines]
        )
        self.list.border_title = "Answers"
        self._show_rows(self.by_hand.rows)
        self.status.say(said)

    # Showing.

    def _show_rows(self, rows: Sequence[EdgeRow], cursor: int = 0) -> None:
        self.list.show(rows, cursor)
        self._show_ribbon()
        self._show_state()
        self.focus_body()

    def _show_ribbon(self) -> None:
        if self._shows_hand:
            stretches = self.by_hand.stretches
        else:
            stretches = self.found.stretches if self.found else ()
        self.ribbon.show(ribbon(stretches, self.open_log.session.head, self.ribbon.columns))

    def _show_state(self) -> None:
        """Show what is read at the selected row; later, when finding that out takes long."""
        row = self.list.selected
        self.ribbon.point(row.position if row else self.open_log.session.position)
        self.state.show([], 0)
        if row is not None and row.position:
            session = self.open_log.session
            work = partial(
                read_rows, session.timeline, self._test(), session.selected, row.position
            )
            reading = Thread(target=self._read, args=(row, work), daemon=True)
            reading.start()
            reading.join(_MOMENT)

    def _read(self, row: EdgeRow, work: Callable[[], list[StateRow]]) -> None:
        rows = work()
        if self.list.selected == row:
            self.app.call_later(self.state.show, rows, 0)

    def _test(self) -> Expression | None:
        return compile_expression(self.found.question.text) if self.found else None

    def on_ribbon_wanted(self) -> None:
        self._show_ribbon()

    def on_ribbon_picked(self, message: Ribbon.Picked) -> None:
        """Select the first row of the column, else the last one before it."""
        positions = (
            [row.position for row in self.list.rows]
            if self._shows_hand
            else (self.found.positions if self.found else ())
        )
        near = [i for i, position in enumerate(positions) if position <= message.last]
        if near:
            inside = (i for i in near if positions[i] >= message.first)
            self.list.cursor = next(inside, near[-1])
            self._show_state()

    def on_virtual_list_moved(self, message: VirtualList.Moved) -> None:
        self.leave_prompt()
        if message.list is self.list:
            self._show_state()

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        if message.list is self.list:
            row = self.list.rows[message.index]
            self.app.go_to(row.position, f"bisect: {row.said}")

    # Going somewhere.

    def _step(self, by: int) -> None:
        wanted = self.list.cursor + by
        if not 0 <= wanted < len(self.list.rows):
            raise Refusal("This is the last one." if by > 0 else "This is the first one.")
        self.list.cursor = wanted
        self._show_state()
        self.status.say(f"{wanted + 1:,} of {len(self.list.rows):,}")

    def _to_write(self) -> None:
        row, test = self._selected(), self._test()
        if test is None:
            raise Refusal("No expression tells what to look at: I asks for one.")
        timeline = self.open_log.session.timeline

        def work(_: Job) -> tuple[int, str]:
            return write_before(timeline, test, row.position)

        self.worker.start("looking", work, lambda w: self.app.go_to(w[0], f"wrote {w[1]}"))

    def _to_cause(self) -> None:
        row = self._selected()
        cause = self.open_log.session.timeline.cause(row.position) if row.position else None
        if cause is None:
            raise Refusal(f"No cause of @{row.position:,} is in this log.")
        self.app.go_to(cause.position, f"cause of @{row.position:,}")

    def _selected(self) -> EdgeRow:
        if (row := self.list.selected) is None:
            raise Refusal("There is no edge.")
        return row

    # Why not.

    def _asked(self) -> Question:
        assert self._question is not None
        return self._question

    def _why_no_question(self) -> str:
        return "" if self._question else _NO_QUESTION

    def _why_not_asked(self) -> str:
        return "" if self._question or self._shows_hand else _NO_QUESTION

    def _why_not_answering(self) -> str:
        return "" if self._shows_hand else "No bisection by hand is in view: m begins one."
