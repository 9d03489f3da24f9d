"""The keys that every list knows by itself."""

from __future__ import annotations

from .action import Action

ACTIONS = (
    Action("down", ("down", "j"), "down", "Select the next row.", pane="Lists"),
    Action("up", ("up", "k"), "up", "Select the previous row.", pane="Lists"),
    Action("page_down", ("pagedown",), "page down", "Go down a page.", pane="Lists"),
    Action("page_up", ("pageup",), "page up", "Go up a page.", pane="Lists"),
    Action("top", ("home",), "top", "Select the first row.", pane="Lists"),
    Action("bottom", ("end",), "bottom", "Select the last row.", pane="Lists"),
    Action("choose", ("enter",), "choose",
           "On a path or its watch: its last write. On a cause, effect or read: go there. "
           "On a breakpoint: its last stop. On a stream: list more.",
           pane="Lists"),
)  # fmt: skip
