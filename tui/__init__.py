"""The debugger in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline
    from laban.store.log import EventLog

SWITCH = 0.001  # seconds that a search may keep a key waiting
ESCAPE_MS = "25"  # how long a lone escape may be the start of another key


def run_debugger(
    log: EventLog,
    timeline: Timeline,
    *,
    at: int = 0,
    title: str = "",
    select: str = "",
    hints: Sequence[tuple[str, str]] = (),
    follow: bool = False,
    ending: Callable[[], str] = lambda: "",
) -> None:
    """
    Show *log* in the debugger, at position *at*, until the user leaves.

    *title* names the log in the header; *select* is the pointer of the state row that is
    selected. Each of *hints*, (text, key), stands in the status line until its key is
    pressed; without any, the first steps of a newcomer are shown. With *follow*, events that
    are recorded meanwhile are shown as they come; *ending* returns how whoever records them
    has ended, "" until then.
    """
    sys.setswitchinterval(SWITCH)
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)  # Textual reads it when it loads
    from .app import DebuggerApp  # Textual loads only where a screen is shown

    DebuggerApp(
        log,
        timeline,
        at=at,
        title=title,
        select=select,
        hints=hints,
        follow=follow,
        ending=ending,
    ).run()
