"""The keys of the screen from which logs are opened."""

from __future__ import annotations

from functools import partial

from .action import Action

_open = partial(Action, screen="open", pane="Open")

ACTIONS = (
    _open("search_logs", ("slash",), "search", "Type to filter the logs, or paste a path.",
          footer="/ search"),
    _open("open_here", ("l",), "open", "Open the selected log; enter does it too."),
)  # fmt: skip

FOOTER = ("search_logs",)
