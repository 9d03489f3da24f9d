"""The SQL screen: tables, a query, and its result."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from laban.store.errors import LabanError
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.sql.history import History
from laban.tui.sql.queries import ROWS, Queries
from laban.tui.sql.tables import EXAMPLES, TABLES
from laban.tui.sql.text import at_position, completion, highlights, is_blank, is_complete
from laban.tui.sql.values import Table
from laban.tui.widgets.example_list import ExampleList
from laban.tui.widgets.result_grid import ResultGrid
from laban.tui.widgets.sql_editor import SqlEditor
from laban.tui.widgets.table_list import TableList
from laban.tui.widgets.virtual_list import VirtualList

from .screen import Command, LabanScreen, bindings_of

NO_FILE = "SQL needs a log in a file, and this one is in memory only."
_WIDE = 150  # columns of the screen from which the tables' comments have room


class SqlScreen(LabanScreen):
    """Asks a log by SQL, at the current position."""

    NAME = "sql"
    BINDINGS = bindings_of(NAME)
    DEFAULT_CSS = """
    SqlScreen {
        TableList { width: 29; }
        &.-wide TableList { width: 38%; max-width: 72; }
        SqlEditor { height: 30%; min-height: 5; }
        ResultGrid { display: none; height: 1fr; }
        ExampleList { height: 1fr; }
        &.-asked ResultGrid { display: block; }
        &.-asked ExampleList { display: none; }
    }
    """
    AUTO_FOCUS = "#query"

    def __init__(self, open_log: OpenLog) -> None:
        opened = open_log.opened
        super().__init__(opened.title)
        self.session = open_log.session
        self.queries = None if opened.path is None else Queries(opened.path, opened.folder)
        self.tables = TableList(TABLES, id="tables")
        self.editor = SqlEditor(
            id="query",
            placeholder="SELECT … FROM events;",
            highlights=highlights,
            completion=completion,
            is_complete=is_complete,
        )
        self.examples = ExampleList(EXAMPLES, id="examples")
        self.result = ResultGrid(id="result")
        self._why_not = (lambda: NO_FILE) if self.queries is None else (lambda: "")
        self.commands |= {
            "run_query": Command(self.run_query, self._why_not),
            "edit_query": Command(lambda: self.set_focus(self.editor)),
            "earlier_query": Command(lambda: self.recall(-1)),
            "later_query": Command(lambda: self.recall(1)),
            "pane_tables": Command(lambda: self.set_focus(self.tables)),
            "pane_result": Command(self.focus_result),
            "next_column": Command(lambda: self.select_column(1)),
            "previous_column": Command(lambda: self.select_column(-1)),
        }

    def body(self) -> Iterable[Widget]:
        right = Vertical(self.editor, self.examples, self.result)
        return (Horizontal(self.tables, right),)

    def on_mount(self) -> None:
        self.history = History(self.app.desk.kept)
        self.editor.border_title = "2 Query"
        self.editor.border_subtitle = "enter after ; runs"
        self.examples.border_title = "3 Examples"
        self.examples.border_subtitle = "enter runs one"
        self.status.say(NO_FILE if self.queries is None else "", "changed")
        if self.queries is not None:
            self.run_worker(self.queries.prepare, thread=True, group="prepare")

    def on_unmount(self) -> None:
        if self.queries is not None:
            self.queries.close()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= _WIDE, "-wide")

    def on_screen_resume(self) -> None:
        self.header.show(self.session.where())

    def focus_body(self) -> None:
        self.focus_result()

    def focus_result(self) -> None:
        """Give the keys to the result, or to the examples when there is none."""
        self.set_focus(self.result.rows if self.has_class("-asked") else self.examples)

    # Asking.

    def run_query(self) -> None:
        """Run what stands in the editor."""
        sql = self.editor.text.strip()
        if self.queries is None:
            raise Refusal(NO_FILE)
        if is_blank(sql):
            raise Refusal("There is no query yet: i types one, and enter on an example runs it.")
        self.history.add(sql)
        queries = self.queries
        asked = at_position(sql, self.session.position)
        self.worker.start(
            "querying", lambda job: queries.ask(asked, job), self._show, unit="events read"
        )

    def recall(self, by: int) -> None:
        """Bring back an earlier query, or a later one; after the last, what was typed."""
        self.editor.put(self.history.turn(self.editor.text, by))
        self.status.say("")

    def _show(self, table: Table) -> None:
        self.add_class("-asked")
        self.result.show(table)
        count = f"{len(table.rows):,} row{'' if len(table.rows) == 1 else 's'}"
        title = f"first {count}" if table.truncated else count
        self.result.border_title = f"3 Result · {title} · {table.seconds:.2f} s"
        self.status.say(
            f"These are the first {ROWS:,} rows; `laban sql --parquet FILE` gives all."
            if table.truncated
            else f"{count}; enter on a position goes there"
            if table.positions and table.rows
            else count
        )
        self.call_after_refresh(self.focus_result)

    # What keys and widgets say.

    def cancel(self) -> None:
        if self.worker.busy:
            super().cancel()
        elif self.focused is self.editor:
            self.focus_result()
            self.status.say("i goes back to the query, q to the debugger")

    def select_column(self, by: int) -> None:
        """Select another column of the result."""
        self.result.move(by)
        self._tell_hidden()

    def on_sql_editor_submitted(self) -> None:
        self.action_run("run_query")

    def on_sql_editor_recalled(self, message: SqlEditor.Recalled) -> None:
        try:
            self.recall(message.by)
        except LabanError as refusal:
            self.refuse(refusal)

    def on_result_grid_picked(self) -> None:
        self._tell_hidden()

    def on_virtual_list_moved(self, message: VirtualList.Moved) -> None:
        if message.list is self.result.rows:
            self._tell_hidden()
        elif message.list is self.tables and (row := self.tables.selected) is not None:
            about = f"{row.name} {row.type}".rstrip()
            self.status.say(f"{about}: {row.comment}" if row.comment else about)

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        try:
            if message.list is self.tables and (row := self.tables.selected) is not None:
                self.editor.put_in(row.name)
                self.set_focus(self.editor)
            elif message.list is self.examples and self.examples.selected is not None:
                self.editor.put(self.examples.selected)
                self.run_query()
            elif message.list is self.result.rows:
                self._jump()
        except LabanError as refusal:
            self.refuse(refusal)

    def _jump(self) -> None:
        if (position := self.result.position) is None:
            raise Refusal("No position stands in this row: select one as `position`.")
        self.app.go_to(position, "found by SQL")

    def _tell_hidden(self) -> None:
        name = self.result.table.columns[self.result.column] if self.result.hidden else ""
        self.status.say(f"{name}: {self.result.hidden}" if name else "", "changed" if name else "")
