"""Reading keys from the terminal: as Textual does, but an escape is known at once."""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_ESCAPE = "\x1b"
_WAIT = 0.1  # seconds between two looks at whether the debugger has ended
_ESCAPE_WAIT = 0.03  # seconds in which an escape may turn out to be the start of another key


class PromptDriver(LinuxDriver):
    """
    Textual's driver looks for a lone escape ten times a second only: this one does it in time.

    A search that is cancelled by it would otherwise go on for 100 to 200 ms.
    """

    def run_input_thread(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wait = _WAIT
            while not self.exit_event.is_set():
                text = decode(os.read(self.fileno, 4096)) if selector.select(wait) else ""
                if text:
                    self._process(parser.feed(text))
                self._process(parser.tick())
                wait = _ESCAPE_WAIT if text.endswith(_ESCAPE) else _WAIT

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
