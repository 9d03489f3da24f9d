"""The screen from which logs are opened: recent ones, demos, and any path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from laban.replay.glance import Glance
from laban.store.errors import LabanError
from laban.tui.desk import Desk, Opened
from laban.tui.opening import demo_rows, matching_rows, open_rows, recent_rows
from laban.tui.values import LogRow
from laban.tui.widgets.log_list import LogList

from .screen import Command, LabanScreen, bindings_of

GREETING = "type to search, or paste a path; enter opens"


class Search(Input):
    """Where the user types; arrows move in the list below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.clear", "clear", show=False),
        Binding("down", "screen.select(1)", "down", show=False),
        Binding("up", "screen.select(-1)", "up", show=False),
        Binding("pagedown", "screen.select(10)", "page down", show=False),
        Binding("pageup", "screen.select(-10)", "page up", show=False),
    ]


class OpenScreen(LabanScreen):
    """Lists logs; the chosen one is opened beside those that are open."""

    NAME = "open"
    BINDINGS = bindings_of(NAME)
    AUTO_FOCUS = "Search"
    DEFAULT_CSS = """
    OpenScreen {
        Search { border: round $border; height: 3; &:focus { border: round $accent; } }
        LogList { height: 1fr; }
    }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__("open a log")
        self._desk = desk
        self._recent: Sequence[Path] = ()
        self._glances: dict[Path, Glance | str] = {}
        self.search = Search(placeholder="a word of a name, or a path: of a log of any kind")
        self.list = LogList()
        self.commands |= {
            "search_logs": Command(lambda: self.set_focus(self.search)),
            "open_here": Command(self._open_selected),
        }

    def body(self) -> Iterable[Widget]:
        return (self.search, self.list)

    def on_mount(self) -> None:
        self.search.border_title = "Open"
        self.status.say(GREETING)

    def on_screen_resume(self) -> None:
        self._recent = self._desk.recent()
        self._show()
        self.run_worker(self._look, thread=True, group="glance")

    def focus_body(self) -> None:
        self.search.focus()

    def leave(self) -> None:
        self.worker.cancel()
        if self.app.logs:
            self.app.turn_to(self.app.current)
        else:
            self.app.exit()

    def action_clear(self) -> None:
        """Stop opening; else take back what was typed; else leave."""
        if self.worker.cancel():
            self.status.say("cancelled")
        elif self.search.value:
            self.search.value = ""
        else:
            self.leave()

    def action_select(self, by: int) -> None:
        self._put_cursor(self.list.cursor + by, 1 if by > 0 else -1)

    def on_input_changed(self) -> None:
        self._show()

    def on_input_submitted(self) -> None:
        self._open_selected()

    def on_virtual_list_chosen(self) -> None:
        self._open_selected()

    def _open_selected(self) -> None:
        row = self.list.selected
        if row is None or not row.target:
            return
        if row.kind == "open":
            self.app.turn_to(self.app.logs[int(row.target)])
            return
        for log in self.app.logs:
            if log.opened.path and str(log.opened.path.resolve()) == row.target:
                self.app.turn_to(log)
                return
        target = row.target
        way = self._desk.play if row.kind == "demo" else self._desk.open
        self.status.say(f"opening {row.name}")
        self.worker.start("opening", lambda job: way(target, job), self._opened, unit="done")

    def _opened(self, opened: Opened) -> None:
        self.search.value = ""
        self.app.add(opened)

    def _look(self) -> None:
        """Find out how much is in each log; in a thread, as disks may be slow."""
        for path in self._recent:
            try:
                self._glances[path] = self._desk.glance(path)
            except (LabanError, OSError) as error:
                self._glances[path] = str(error)
            self.app.call_later(self._show)

    def _show(self) -> None:
        logs = self.app.logs
        places = [f"@{log.session.position:,} of {log.session.head:,}" for log in logs]
        groups = {
            "open now": [*open_rows([log.opened.title for log in logs], places)],
            "opened last": [*recent_rows(self._recent, self._glances)],
            "demos": [*demo_rows(self._desk.demos())],
        }
        self.list.show(matching_rows(groups, self.search.value), self.list.cursor)
        self._put_cursor(self.list.cursor, 1)

    def _put_cursor(self, index: int, step: int) -> None:
        """Put the cursor on row *index*, or on the next one that can be opened."""
        rows: Sequence[LogRow] = self.list.rows
        index = min(max(index, 0), len(rows) - 1)
        ways = [*range(index, len(rows) if step > 0 else -1, step), *range(len(rows))]
        self.list.cursor = next((at for at in ways if rows[at].target), index)
