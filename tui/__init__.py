"""The debugger in the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from laban.store.collector import collector_paused, collector_seldom

if TYPE_CHECKING:
    from .desk import Desk, Opened

SWITCH = 0.001  # seconds that a search may keep a key waiting
ESCAPE_MS = "25"  # how long a lone escape may be the start of another key


def run_debugger(opened: Opened | None, desk: Desk) -> None:
    """
    Show a log in the debugger until the user leaves, or let the user choose one first.

    *desk* is the way to others.
    """
    sys.setswitchinterval(SWITCH)
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)  # Textual reads it when it loads
    with collector_paused():
        from .app import DebuggerApp  # Textual loads only where a screen is shown

        app = DebuggerApp(opened, desk)
    try:
        with collector_seldom():
            app.run()
    finally:
        for log in app.logs:
            log.opened.close()
    if app.return_code:
        raise SystemExit(app.return_code)
