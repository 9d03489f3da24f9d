"""Every key of the debugger: one table feeds bindings, footer, help and documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does. A screen carries it out in its method `do_ID`."""

    id: str
    keys: tuple[str, ...]  # as Textual names them; the first is the one that is shown
    label: str  # a word or two, for the footer
    help: str  # a sentence, for the help and the documentation
    pane: str = "Move"  # the group it belongs to
    footer: str = ""  # how the footer shows it, when it does

    @property
    def key_text(self) -> str:
        """The keys as a reader sees them: `n →`."""
        return " ".join(show_key(key) for key in self.keys)


ACTIONS = (
    Action("next", ("n", "right", "f10"), "step", "Go to the next event."),
    Action(
        "previous", ("N", "left", "shift+f10"), "step back", "Go back to the previous event.",
        footer="n/N step",
    ),
    Action("next_in_stream", ("s",), "same stream", "Go to the next event of the same stream."),
    Action(
        "previous_in_stream", ("S",), "same stream back",
        "Go back to the previous event of the same stream.", footer="s/S stream",
    ),
    Action(
        "cause", ("left_square_bracket",), "cause", "Go to the event that caused this one.",
        footer="[/] cause",
    ),
    Action(
        "effect", ("right_square_bracket",), "effect",
        "Go to the first event that this one caused; pane 4 lists them all.",
    ),
    Action("first", ("g",), "first", "Go to the first event."),
    Action(
        "last", ("G",), "last", "Go to the last event, and follow those that come, if they do.",
        footer="g/G ends",
    ),
    Action(
        "address", ("colon",), "go to",
        "Go to an address: 1205 or @1205, order-17@52, #event-id, +12.4s, 50%, head; "
        "or to a path, /order-17/status, to see that stream.",
        footer=": go",
    ),
    Action("undo", ("u",), "undo jump", "Go back to where the last jump started."),
    Action("redo", ("ctrl+r",), "redo jump", "Take the undone jump again."),
    Action(
        "last_write", ("w",), "last write",
        "Go to the event that last wrote the path selected in the state; "
        "again, to the write before. Enter on the path does the same.",
        pane="State", footer="w wrote",
    ),
    Action(
        "next_write", ("e",), "next write",
        "Go to the next event that writes the path selected in the state, or a part of it.",
        pane="State",
    ),
    Action(
        "watch", ("W",), "watch",
        "Watch the path selected in the state: c and C run to its writes.", pane="State",
    ),
    Action(
        "unfold", ("l", "space"), "unfold", "Unfold the selected row, or fold it.", pane="State"
    ),
    Action("fold", ("h",), "fold", "Fold the selected row, or the one around it.", pane="State"),
    Action(
        "break", ("b",), "break",
        "Set a breakpoint: an expression such as data['amount'] > 1000, or type, source, stream, "
        "correlation, at or write and a name: type order_failed if data['n'] > 3 ignore 2 once. "
        "Nothing at all breaks on events of this type.",
        pane="Search", footer="b break",
    ),
    Action("continue", ("c",), "continue",
           "Run to the next event where a breakpoint stops.", pane="Search"),
    Action(
        "continue_back", ("C",), "continue back",
        "Run back to the previous event where a breakpoint stops.",
        pane="Search", footer="c/C run",
    ),
    Action(
        "find", ("slash",), "find",
        "Find the next event where an expression holds, such as type == 'Failed'.",
        pane="Search", footer="/ find",
    ),
    Action(
        "find_next", ("full_stop",), "next match", "Find the next match of the expression.",
        pane="Search",
    ),
    Action(
        "find_previous", ("comma",), "previous match", "Find the previous match of the expression.",
        pane="Search",
    ),
    Action(
        "cancel", ("escape",), "cancel",
        "Stop a running search and stay; else show the event's own stream again.",
        pane="Search",
    ),
    Action("remove", ("d", "delete"), "delete", "Delete the selected breakpoint.",
           pane="Breakpoints"),
    Action("toggle", ("x",), "on or off", "Turn the selected breakpoint off, or on again.",
           pane="Breakpoints"),
    Action("pane_events", ("1",), "events", "Show and focus the events.", pane="Panes"),
    Action("pane_state", ("2",), "state", "Show and focus the state.", pane="Panes"),
    Action("pane_breakpoints", ("3",), "breakpoints", "Show and focus the breakpoints.",
           pane="Panes"),
    Action("pane_event", ("4",), "event", "Show and focus the event's details.", pane="Panes"),
    Action("view", ("v",), "causality",
           "Show in pane 4 what led to the event and what came of it, or what it holds.",
           pane="Panes"),
    Action("next_pane", ("tab",), "next pane", "Focus the next pane.", pane="Panes"),
    Action("previous_pane", ("shift+tab",), "previous pane", "Focus the previous pane.",
           pane="Panes"),
    Action("zoom", ("z",), "zoom", "Give the focused pane the whole screen, or take it back.",
           pane="Panes"),
    Action("help", ("question_mark",), "keys", "List all keys; type to search them.",
           pane="Laban", footer="? keys"),
    Action("quit", ("q", "ctrl+q"), "quit", "Leave the debugger.", pane="Laban", footer="q quit"),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}

# What the footer shows: the first ones as far as there is room, the last two always.
FOOTER = tuple(
    BY_ID[id]
    for id in (
        *("previous", "cause", "last_write", "break", "continue_back", "find", "address"),
        *("previous_in_stream", "last", "help", "quit"),
    )
)

# Keys that every list knows by itself.
LIST_KEYS = (
    Action("down", ("down", "j"), "down", "Select the next row.", pane="Lists"),
    Action("up", ("up", "k"), "up", "Select the previous row.", pane="Lists"),
    Action("page_down", ("pagedown",), "page down", "Go down a page.", pane="Lists"),
    Action("page_up", ("pageup",), "page up", "Go up a page.", pane="Lists"),
    Action("top", ("home",), "top", "Select the first row.", pane="Lists"),
    Action("bottom", ("end",), "bottom", "Select the last row.", pane="Lists"),
    Action("choose", ("enter",), "choose",
           "On a path: its last write. On a cause, effect or read: go there. "
           "On a stream: list more.",
           pane="Lists"),
)  # fmt: skip

_SHOWN = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "colon": ":",
    "slash": "/",
    "full_stop": ".",
    "comma": ",",
    "question_mark": "?",
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "delete": "del",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def show_key(key: str) -> str:
    """Return a key as it stands on the keyboard: `slash` is `/`."""
    return _SHOWN.get(key, key)


def matching(text: str, actions: Iterable[Action] = ACTIONS + LIST_KEYS) -> list[Action]:
    """
    Return the actions that every word of *text* occurs in: key, label, help or pane.

    A single character is a key.
    """
    words = text.lower().split()
    return [action for action in actions if all(_mentions(action, word) for word in words)]


def _mentions(action: Action, word: str) -> bool:
    if any(word == show_key(key).lower() for key in action.keys):
        return True
    return len(word) > 1 and word in f"{action.label} {action.help} {action.pane}".lower()
