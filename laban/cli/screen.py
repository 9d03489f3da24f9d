"""Handing over to the debugger, which needs a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from laban.store.errors import LabanError

from .desk import make_desk
from .folders import cache_folder

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline
    from laban.tui.guide.tour import Step


class NoTerminalError(LabanError):
    """The debugger was asked for where nobody could see it."""

    def __init__(self, path: Path) -> None:
        name = quote(str(path))
        super().__init__(
            "The debugger needs a terminal, and there is none here: "
            f"`laban log {name}` and `laban state {name}` print instead."
        )


def on_terminal() -> bool:
    """Tell whether keys can be read and a screen be shown: on a terminal, or a web page."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return "TEXTUAL_DRIVER" in os.environ or all(stream.isatty() for stream in streams)


def debug(
    timeline: Timeline,
    path: Path,
    at: int | None,
    select: str = "",
    hints: Sequence[tuple[str, str]] = (),
    follow: bool = False,
    ending: Callable[[], str] = lambda: "",
    tour: Sequence[Step] = (),
) -> None:
    """
    Show the log at *path* in the debugger until the user leaves.

    It begins at *at*, or, where that is None, where the user left it. *select* is the pointer of
    the state row to begin with; each hint is (text, key). With *follow*, new events are shown as
    they come; *ending* says how their source has ended.
    A *tour* leads from step to step.
    """
    from laban.tui import run_debugger
    from laban.tui.desk import Opened

    opened = Opened(
        log=timeline.log,
        timeline=timeline,
        path=path,
        folder=cache_folder(path),
        title=path.name,
        at=at,
        select=select,
        hints=hints,
        follow=follow,
        ending=ending,
        tour=tour,
    )
    run_debugger(opened, make_desk())
