"""Random keys, answers, clicks and sizes, and what must be true of the screen after any of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from random import Random
from time import monotonic

from rich.cells import cell_len
from textual.app import App, ScreenStackError
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from laban.tui.actions import LIST_KEYS, SHOWN, actions_of
from laban.tui.app import DebuggerApp
from laban.tui.screens.debug import DebugScreen
from laban.tui.screens.screen import LabanScreen
from tests.tui.driver import grid

SIZES = ((80, 24), (120, 36), (200, 50), (40, 10), (100, 28), (20, 5), (10, 3), (1, 1), (300, 90))
LISTS = tuple(key for action in LIST_KEYS for key in action.keys)
FIELD_KEYS = (*LISTS, "enter", "escape", "tab", "shift+tab", "space", "backspace", "ctrl+u", "left")
ANSWERS = (
    *("", "@3", "7", "50%", "head", "+1s", "-5", "@", "/", "//", "/s1", "/heavy/list/7", "/~"),
    *("no-such", "#b7", "only@0", "9" * 30, "type == 'Done'", "data['n'] == 3", "n >", "1 / 0"),
    *("True", "missing", "stream", "漢 == 1", "'" * 30, "position % 7 == 0", "[[[", "%", "\\"),
    *("shop", "again", "len(state)", "failed", "@1..@5", "type Done ignore 2 once", "theme light"),
    *("/data/n", "write n", "state != 3", "SELECT * FROM events;", "SELECT $here AS position;"),
)
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, and what breaks lines
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
PATIENCE = 0.5  # seconds; what takes longer goes on while more keys come
FOREVER = 20.0  # seconds after which nothing is waited for


class Monkey:
    """Plays with a debugger, beginning with some keys; the same way for the same *name*."""

    def __init__(self, name: str, begin: Sequence[str] = ()) -> None:
        self.chance = Random(name)
        self._begin = [*begin]
        self.keys = 0  # pressed so far
        self.done: list[str] = []  # what was done, in words
        self.screens: set[str] = set()  # seen so far

    async def play(self, pilot: Pilot[None], on: Callable[[], bool]) -> None:
        """Play while *on*, or until a key has ended the debugger."""
        while on():
            try:
                await self._act(pilot)
                await self._wait(pilot)
            except ScreenStackError:  # the keys or the click have ended it
                return
            if not pilot.app.is_running:
                return
            assert isinstance(pilot.app, DebuggerApp)
            check(pilot.app)
            self.screens.add(screen_of(pilot.app).NAME)

    async def _wait(self, pilot: Pilot[None]) -> None:
        """Wait until all is shown and something has the focus; for jobs, not for long."""
        app, since = pilot.app, monotonic()
        while True:
            await pilot.pause(0)
            screens = [each for each in app.screen_stack if isinstance(each, LabanScreen)]
            busy = monotonic() < since + PATIENCE and any(each.worker.busy for each in screens)
            stale = getattr(app.screen, "stale", False)  # another catches up when it is resumed
            fits = app.screen._compositor.size == app.size
            ready = app.focused and fits and not stale and not busy and app.screen.is_mounted
            if ready or not app.is_running:
                return
            state = f"{app.screen}, focus {app.focused}, stale {stale}, fits {fits}"
            assert monotonic() < since + FOREVER, state

    async def _act(self, pilot: Pilot[None]) -> None:
        """Do something that a user may do."""
        chance, app = self.chance, pilot.app
        roll = chance.random()
        if not self._begin and roll < 0.1:
            size = chance.choice(SIZES)
            self.done.append(f"resize to {size}")
            await pilot.resize_terminal(*size)
        elif not self._begin and roll < 0.2:
            where = chance.randrange(app.size.width), chance.randrange(app.size.height)
            self.done.append(f"click {where}")
            await pilot.click(offset=where, times=chance.choice([1, 2]))
        else:
            keys = [self._begin.pop(0)] if self._begin else self._wanted(pilot, roll)
            self.done.append(" ".join(keys))
            self.keys += len(keys)
            for key in keys:  # as fast as from a pasted text: faster than `pilot.press`
                app.post_message(event_of(key))

    def _wanted(self, pilot: Pilot[None], roll: float) -> list[str]:
        """Choose keys: an answer where a question is open, else what the screen knows."""
        chance = self.chance
        if isinstance(pilot.app.focused, Input | TextArea) and roll < 0.7:
            some = chance.choice([[], [chance.choice(FIELD_KEYS)], [*chance.choice(ANSWERS)]])
            return [*some, chance.choice(["enter", "enter", "escape"])]
        own = [
            key
            for action in actions_of(screen_of(pilot.app).NAME)
            for key in action.keys
            if action.id not in ("quit", "back") or chance.random() < 0.1
        ]
        if roll < 0.4:
            asks = [*":/&bamI?", *(own if roll < 0.3 else ())]
            keys = [chance.choice(asks), *chance.choice(ANSWERS)]
            return [*keys, chance.choice(["enter", "enter", "escape"])]
        count = chance.choice([1, 1, 2, 5, 20])
        return [chance.choice(own if chance.random() < 0.7 else LISTS) for _ in range(count)]


def event_of(key: str) -> Key:
    """Return the press of a key that is named as in the table of actions, or is a letter."""
    if len(key) == 1:
        return Key(_character_to_key(key), key)
    sign = {"space": " "}.get(key, SHOWN.get(key, ""))
    return Key(key, sign if len(sign) == 1 and sign.isascii() else None)


def screen_of(app: App[None]) -> LabanScreen:
    """Return the screen in view, or the one that the help lies upon."""
    return next(each for each in reversed(app.screen_stack) if isinstance(each, LabanScreen))


def check(app: DebuggerApp) -> None:
    """Hold the screen to what is true of all screens."""
    text, size = grid(app), app.size
    lines = text.split("\n")
    assert len(lines) <= size.height
    assert [line for line in lines if cell_len(line) > size.width] == []
    assert not [sign for sign in set(text) - {"\n"} if unprintable(sign)]
    assert app.focused is not None
    assert app.focused.screen is app.screen
    screen = app.screen
    if isinstance(screen, DebugScreen):
        session, events = screen.session, screen.panes.events
        assert 0 <= session.position <= session.head
        assert events.cursor == session.listing.row_of(session.position)
        if size.width >= 20 and size.height >= 5:
            assert f"@{session.position:,}" in lines[0]


def unprintable(sign: str) -> bool:
    return unicodedata.category(sign) in UNPRINTABLE or sign in TURNING
