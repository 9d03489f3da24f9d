"""The keys that every screen has: the ways from one to another, help, and out."""

from __future__ import annotations

from functools import partial

from .action import Action

_screens = partial(Action, pane="Screens")

ACTIONS = (
    _screens("open", ("O",), "open", "Open another log, or turn to one that is open."),
    _screens("debug", ("D",), "debug", "Show the log and its state, where they were left."),
    _screens("compare", ("X",), "compare",
             "Compare with another log, or parts of this one; again, with something else.",
             footer="X compare"),
    _screens("bisect", ("I",), "bisect",
             "Find the event at which an expression turns true; again, of another expression.",
             footer="I bisect"),
    _screens("sql", ("Q",), "SQL", "Ask the log by SQL; $here is the current position."),
    _screens("check", ("K",), "check", "Show what went wrong unnoticed: races, gaps, loops."),
    _screens("stats", ("T",), "stats", "Show rates, agents, rules and circuit breakers as charts."),
    Action(
        "yank", ("y",), "yank",
        "Copy: a letter says whether the event, the selected path, its value, the address, SQL, "
        "a command, the line or the whole screen.",
        pane="Laban",
    ),
    Action(
        "export", ("E",), "export",
        "Write what is seen to a file: a picture, text, JSON, or a test for pytest.",
        pane="Laban",
    ),
    Action(
        "cancel", ("escape",), "cancel",
        "Stop what is under way and stay; else show the event's own stream again.", pane="Laban",
    ),
    Action(
        "tour_next", ("right_curly_bracket",), "tour on", "Go on in the guided tour.",
        pane="Laban",
    ),
    Action(
        "tour_back", ("left_curly_bracket",), "tour back", "Go back a step in the guided tour.",
        pane="Laban",
    ),
    Action("help", ("question_mark", "ctrl+p"), "keys",
           "List all that can be done here, logs and themes too; type to search it.",
           pane="Laban", footer="? keys"),
    Action("back", ("q",), "back", "Go back to the main screen; from there, leave the debugger.",
           pane="Laban", footer="q quit"),
    Action("quit", ("ctrl+q",), "quit", "Leave the debugger.", pane="Laban"),
)  # fmt: skip

LAST = ("help", "back")  # what the footer of every screen ends with
