"""
Keys, one after the other.

Textual hands the next key to whatever has the focus while the last one is still on its way up.
Here each is handled to its end first: what opens a field gets it the letters that follow, and
what follows an answer goes to the screen again, however fast one types or pastes.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual._callback import invoke
from textual.events import Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from laban.tui.app import DebuggerApp

_LOOK = 0.01  # seconds between two looks at what keys wait for


class Keyboard:
    """
    Keeps the keys that were typed ahead.

    They wait until a screen stands that has just been called for. They wait for a job, too, but
    never longer than until it says that it is under way: then a key ends it, as escape does at
    any time.
    """

    def __init__(self, app: DebuggerApp) -> None:
        self._app = app
        self._typed: deque[Key | Paste] = deque()
        self._waits = False

    async def take(self, event: Key | Paste) -> None:
        """Handle a key, or a paste, once those before it are done."""
        if isinstance(event, Key) and event.key == "escape" and self._app.begun():
            self._typed.clear()
            await self._handle(event)
        else:
            self._typed.append(event)
            await self._go_on()

    async def _go_on(self) -> None:
        while self._typed and not self._waits and not self._app._exit:
            if self._app.begun() or not self._app.screen.is_mounted:
                self._waits = True
                self._app.set_timer(_LOOK, self._look)
            else:
                await self._handle(self._typed.popleft())

    async def _look(self) -> None:
        self._waits = False
        if self._app.screen_stack:  # the debugger may have ended meanwhile
            await self._go_on()

    async def _handle(self, event: Key | Paste) -> None:
        """Let the focused widget and those around it handle *event*, then the bindings."""
        app = self._app
        if isinstance(event, Key) and await app._check_bindings(event.key, priority=True):
            return
        event._set_forwarded()
        node: MessagePump | None = app.focused or app.screen
        while node is not None and not event._stop_propagation:
            event._no_default_action = False
            with node._context():
                for _, method in node._get_dispatch_methods(event.handler_name, event):
                    await invoke(method, event)
            node = node._parent
