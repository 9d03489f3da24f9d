"""The keys of the SQL screen, outside of its editor."""

from __future__ import annotations

from functools import partial

from .action import Action

_sql = partial(Action, screen="sql", pane="Query")

ACTIONS = (
    _sql(
        "run_query", ("r", "f5", "ctrl+j"), "run",
        "Run the query. In the editor, enter after a semicolon does it, too.",
        footer="r run",
    ),
    _sql(
        "edit_query", ("i", "2"), "edit",
        "Go on typing the query; esc leaves the editor.",
        footer="i edit",
    ),
    _sql(
        "earlier_query", ("left_square_bracket", "ctrl+up"), "earlier query",
        "Bring back the query before. In the editor, ↑ on the first line does it, too.",
        footer="[/] history",
    ),
    _sql(
        "later_query", ("right_square_bracket", "ctrl+down"), "later query",
        "Bring back the query after.",
    ),
    _sql("pane_tables", ("1",), "tables",
         "Go to the tables; enter puts the selected name into the query.", pane="Panes",
         footer="1 tables"),
    _sql("pane_result", ("3",), "result",
         "Go to the result; enter goes to the position in the selected cell, or in its row.",
         pane="Panes", footer="3 result"),
    _sql("next_column", ("l", "right"), "next column", "Select the next column.", pane="Panes",
         footer="h/l column"),
    _sql("previous_column", ("h", "left"), "previous column", "Select the previous column.",
         pane="Panes"),
)  # fmt: skip

FOOTER = (
    "run_query", "edit_query", "earlier_query", "next_column", "pane_tables", "pane_result",
)  # fmt: skip
