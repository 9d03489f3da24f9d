"""The keys of the main screen, which shows a log and its state at a position."""

from __future__ import annotations

from functools import partial

from .action import Action

_debug = partial(Action, screen="debug")

ACTIONS = (
    _debug("next", ("n", "right", "f10"), "step", "Go to the next event."),
    _debug(
        "previous", ("N", "left", "shift+f10"), "step back",
        "Go back to the previous event.",
        footer="n/N step",
    ),
    _debug("next_in_stream", ("s",), "same stream", "Go to the next event of the same stream."),
    _debug(
        "previous_in_stream", ("S",), "same stream back",
        "Go back to the previous event of the same stream.",
        footer="s/S stream",
    ),
    _debug(
        "cause", ("left_square_bracket",), "cause",
        "Go to the event that caused this one.",
        footer="[/] cause",
    ),
    _debug(
        "effect", ("right_square_bracket",), "effect",
        "Go to the first event that this one caused; pane 4 lists them all.",
    ),
    _debug("first", ("g",), "first", "Go to the first event."),
    _debug(
        "last", ("G",), "last",
        "Go to the last event, and follow those that come, if they do.",
        footer="g/G ends",
    ),
    _debug(
        "address", ("colon",), "go to",
        "Go to an address: 1205 or @1205, order-17@52, #event-id, +12.4s, 50%, head; or to a "
        "path, /order-17/status, to see that stream.",
        footer=": go",
    ),
    _debug(
        "set_mark", ("m",), "mark",
        "Mark this position with a letter: m and the letter.",
    ),
    _debug(
        "to_mark", ("apostrophe",), "go to mark",
        "Go to the mark with a letter; '' goes back to where the last jump started.",
    ),
    _debug("undo", ("u",), "undo jump", "Go back to where the last jump started."),
    _debug("redo", ("ctrl+r",), "redo jump", "Take the undone jump again."),
    _debug(
        "last_write", ("w",), "last write",
        "Go to the event that last wrote the path selected in the state; again, to the write "
        "before. Enter on the path does the same.",
        pane="State", footer="w wrote",
    ),
    _debug(
        "next_write", ("e",), "next write",
        "Go to the next event that writes the path selected in the state, or a part of it.",
        pane="State",
    ),
    _debug(
        "watch", ("W",), "watch",
        "Watch the path selected in the state: pane 3 shows its value, c and C run to its writes.",
        pane="State",
    ),
    _debug(
        "pin", ("p",), "pin",
        "Keep the path selected in the state in view, above all others, or no longer.",
        pane="State",
    ),
    _debug(
        "history", ("H",), "history",
        "Show in pane 4 what the path selected in the state has been: its range, and its writes "
        "to go to. Again: the event.",
        pane="State",
    ),
    _debug(
        "unfold", ("l", "space"), "unfold",
        "Unfold the selected row, or fold it.",
        pane="State",
    ),
    _debug("fold", ("h",), "fold", "Fold the selected row, or the one around it.", pane="State"),
    _debug(
        "break", ("b",), "break",
        "Set a breakpoint: an expression such as data['amount'] > 1000, or type, source, "
        "stream, correlation, at or write and a name: type order_failed if data['n'] > 3 "
        "ignore 2 once. Nothing at all breaks on events of this type.",
        pane="Search", footer="b break",
    ),
    _debug(
        "continue", ("c",), "continue",
        "Run to the next event where a breakpoint stops.",
        pane="Search",
    ),
    _debug(
        "continue_back", ("C",), "continue back",
        "Run back to the previous event where a breakpoint stops.",
        pane="Search", footer="c/C run",
    ),
    _debug(
        "find", ("slash",), "find",
        "Find the next event where an expression holds, such as type == 'Failed', or that holds "
        "a text, such as failed or 'no cover', in its type, source, stream, id or data.",
        pane="Search", footer="/ find",
    ),
    _debug("find_next", ("full_stop",), "next match", "Find the next match.", pane="Search"),
    _debug(
        "find_previous", ("comma",), "previous match", "Find the previous match.",
        pane="Search",
    ),
    _debug(
        "filter", ("ampersand",), "filter",
        "List only the events that an expression, a text, or a line such as type order_failed "
        "asks for; n and N step along them. In the state: only the paths with a text.",
        pane="Search",
    ),
    _debug("unfilter", ("backslash",), "no filter", "List everything again.", pane="Search"),
    _debug(
        "add_watch", ("a",), "add watch",
        "Watch an expression such as len(state): pane 3 shows its value at every position.",
        pane="Watches",
    ),
    _debug(
        "remove", ("d", "delete"), "delete",
        "Delete the selected watch or breakpoint.",
        pane="Watches",
    ),
    _debug(
        "toggle", ("x",), "on or off",
        "Turn the selected watch or breakpoint off, or on again.",
        pane="Watches",
    ),
    _debug("pane_events", ("1",), "events", "Show and focus the events.", pane="Panes"),
    _debug("pane_state", ("2",), "state", "Show and focus the state.", pane="Panes"),
    _debug(
        "pane_breakpoints", ("3", "B"), "watches",
        "Show and focus the watches and breakpoints.",
        pane="Panes",
    ),
    _debug("pane_event", ("4",), "event", "Show and focus the event's details.", pane="Panes"),
    _debug(
        "view", ("v",), "view",
        "Show the events in pane 1 as a list, as lanes, or the causes and effects of one of them.",
        pane="Panes",
    ),
    _debug(
        "critical", ("P",), "critical path",
        "Mark the chain of causes that ended last in this event's correlation, or mark it no more.",
        pane="Panes",
    ),
    _debug("zoom_in", ("plus",), "closer", "Show less of the timeline, larger.", pane="Timeline"),
    _debug("zoom_out", ("minus",), "wider", "Show more of the timeline.", pane="Timeline"),
    _debug(
        "pan_left", ("less_than_sign",), "earlier",
        "Move a timeline that shows a part of the log to earlier events.",
        pane="Timeline",
    ),
    _debug(
        "pan_right", ("greater_than_sign",), "later",
        "Move a timeline that shows a part of the log to later events.",
        pane="Timeline",
    ),
    _debug("next_pane", ("tab",), "next pane", "Focus the next pane.", pane="Panes"),
    _debug(
        "previous_pane", ("shift+tab",), "previous pane",
        "Focus the previous pane.",
        pane="Panes",
    ),
    _debug(
        "zoom", ("z",), "zoom",
        "Give the focused pane the whole screen, or take it back.",
        pane="Panes",
    ),
)  # fmt: skip

# What the footer shows, as far as there is room.
FOOTER = (
    *("previous", "cause", "last_write", "break", "continue_back", "find", "address"),
    *("previous_in_stream", "last"),
)
