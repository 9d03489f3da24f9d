"""Asked to end, or cut off from its terminal, the debugger leaves as `q` does."""

from __future__ import annotations

import asyncio
import os
import signal
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_PATIENCE = 2.0  # seconds in which what is under way may end: a lost terminal takes no more text


def heed_signals(app: App[Any]) -> None:
    """Let *app* end, and what is remembered be kept, when the process is told to."""
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            asyncio.get_running_loop().add_signal_handler(number, _leave, app, 128 + number)


def _leave(app: App[Any], code: int) -> None:
    late = Timer(_PATIENCE, os._exit, [code])
    late.daemon = True
    late.start()
    app.exit(return_code=code)
