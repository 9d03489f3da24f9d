"""A small shop's log, and a way to press keys in the debugger and see what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input, TextArea

from laban.replay.timeline import Timeline
from laban.store.clock import SECOND, parse_time
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Desk, Opened
from laban.tui.screens.debug import DebugScreen
from laban.tui.screens.screen import LabanScreen

START = parse_time("2026-11-21T09:00:00Z")


def shop_log() -> MemoryLog:
    """
    Ten events of a shop, told in tests by position.

    1 order-1 placed, 2 order-2 placed, 3 stock counted, 4 payment taken (by 1), 5 payment
    failed (by 2), 6 order-2 cancelled (by 5; removes `note`), 7 stock reserved (by 4, having
    read the count of 3), 8 stock counted again, 9 parcel packed (by 7, having read the count
    of 3, which 8 made stale), 10 an event without a time whose cause is not in the log.
    """
    log = MemoryLog()
    address = {"city": "Zürich", "lines": ["Gasse 1", "8001"]}
    stale = {"reads": {"/stock/apples": "e3"}}
    told: list[tuple[str, str, dict[str, Any], str | None, dict[str, Any]]] = [
        ("order-1", "OrderPlaced", {"status": "new", "total": 40, "to": address}, None, {}),
        ("order-2", "OrderPlaced", {"status": "new", "total": 75, "note": "gift"}, None, {}),
        ("stock", "StockCounted", {"apples": 12, "pears": None}, None, {}),
        ("order-1", "PaymentTaken", {"status": "paid", "paid": 40}, "e1", {}),
        ("order-2", "PaymentFailed", {"status": "unpaid", "reason": "no cover"}, "e2", {}),
        ("order-2", "OrderCancelled", {"status": "cancelled"}, "e5", {"removes": ["note"]}),
        ("stock", "StockReserved", {"apples": 9}, "e4", {"reads": {"/stock/apples": 3}}),
        ("stock", "StockCounted", {"apples": 2, "pears": 5}, None, {}),
        ("parcel-1", "ParcelPacked", {"order": "order-1", "apples": 3}, "e7", stale),
        ("parcel-1", "ParcelSent", {"carrier": "post"}, "elsewhere", {}),
    ]
    for number, (stream, type, data, cause, metadata) in enumerate(told, start=1):
        log.append(
            NewEvent(
                stream=stream,
                type=type,
                id=f"e{number}",
                source={"order": "till", "stock": "depot"}.get(stream.split("-")[0], "post"),
                data=data,
                time_ns=START + number * number * SECOND // 4 if number < 10 else None,
                causation_id=cause,
                correlation_id="basket-1",
                metadata=metadata,
            )
        )
    return log


@dataclass(frozen=True, slots=True)
class Shown:
    """What the debugger shows after some keys."""

    text: str  # the screen, a line a row, no spaces at the ends
    screen: DebugScreen
    running: bool
    pane: str  # the one in use
    pane_rows: int  # its height

    @property
    def position(self) -> int:
        return self.screen.session.position

    @property
    def status(self) -> str:
        return self.screen.status.message

    @property
    def selected(self) -> str:
        """The pointer of the selected row of the state."""
        row = self.screen.panes.state.selected
        return row.pointer if row else ""

    def line(self, part: str) -> str:
        """The first line that contains *part*."""
        return next(line for line in self.text.splitlines() if part in line)


def debugger(
    log: EventLog, timeline: Timeline, *, desk: Desk | None = None, **options: Any
) -> DebuggerApp:
    """Return the debugger of a log; *options* are what `Opened` takes besides."""
    return DebuggerApp(Opened(log=log, timeline=timeline, **options), desk)


def press(
    *keys: str,
    at: int | None = 0,
    size: tuple[int, int] = (120, 36),
    log: EventLog | None = None,
    **options: Any,
) -> Shown:
    """
    Press keys in the debugger and return what it shows then.

    What Textual does not know as the name of a key is typed letter by letter; into a prompt it
    is pasted, as Textual waits after every key.
    """
    log = shop_log() if log is None else log
    app = debugger(log, Timeline.open(log), at=at, title="shop.laban", **options)

    async def run() -> Shown:
        async with app.run_test(size=size) as pilot:
            await press_keys(pilot, keys)
            screen = next(each for each in app.screen_stack if isinstance(each, DebugScreen))
            pane = app.focused
            name, rows = (str(pane.id), pane.size.height) if pane else ("", 0)
            return Shown(grid(app), screen, app.is_running, name, rows)

    return asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Look:
    """What the debugger showed at a moment."""

    text: str
    status: str
    position: int

    def line(self, part: str) -> str:
        """The first line that contains *part*."""
        return next(line for line in self.text.splitlines() if part in line)


def story(
    *steps: Sequence[str], at: int = 0, size: tuple[int, int] = (120, 36), **options: Any
) -> Iterator[Look]:
    """Press the keys of one step after the other in one debugger, and look after each."""
    log = shop_log()
    app = debugger(log, Timeline.open(log), at=at, title="shop.laban", **options)

    async def run() -> list[Look]:
        looks = []
        async with app.run_test(size=size) as pilot:
            for keys in steps:
                await press_keys(pilot, keys)
                [screen] = (each for each in app.screen_stack if isinstance(each, DebugScreen))
                looks.append(Look(grid(app), screen.status.message, screen.session.position))
        return looks

    return iter(asyncio.run(run()))


async def press_keys(pilot: Pilot[None], keys: Sequence[str]) -> None:
    """Press keys as `press` does, each when the one before has done its work."""
    await settle(pilot)
    for key in keys:
        field = isinstance(pilot.app.focused, Input | TextArea)
        if field and key not in _NAMED and len(key) > 1:
            pilot.app.post_message(Paste(key))
            continue
        await pilot.press(*typed(key))
        await settle(pilot)
    await pilot.pause()
    await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until every pane shows the current position and no search is under way."""
    for screen in pilot.app.screen_stack:
        while isinstance(screen, LabanScreen) and (
            screen.worker.busy or getattr(screen, "stale", False) or _filters(screen)
        ):
            await pilot.pause()


def _filters(screen: LabanScreen) -> bool:
    return isinstance(screen, DebugScreen) and screen.filterer.busy


def grid(app: App[None]) -> str:
    """Return the screen as text."""
    return "\n".join(strip.text.rstrip() for strip in strips(app))


def strips(app: App[None]) -> list[Strip]:
    """Return the lines of the screen, for which Textual has no public way."""
    visible_screen_stack.set(app._background_screens)  # what is seen beside a box
    return app.screen._compositor.render_strips()


_NAMED: tuple[str, ...] = (
    "enter",
    "escape",
    "space",
    "tab",
    "shift+tab",
    "delete",
    "home",
    "end",
    "backspace",
)
_NAMED += (
    "up",
    "down",
    "left",
    "right",
    "pageup",
    "pagedown",
    "f10",
    "shift+f10",
    "ctrl+r",
    "ctrl+p",
    "ctrl+u",
)


def typed(key: str) -> Sequence[str]:
    return [key] if key in _NAMED else [_KEYS.get(letter, letter) for letter in key]


_KEYS = {
    " ": "space",
    "/": "slash",
    ":": "colon",
    ".": "full_stop",
    "&": "ampersand",
    "\\": "backslash",
    ",": "comma",
    "?": "question_mark",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "'": "apostrophe",
    "=": "equals_sign",
    "@": "at",
    "#": "number_sign",
    "%": "percent_sign",
    "+": "plus",
    "-": "minus",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    ">": "greater_than_sign",
    "<": "less_than_sign",
    "_": "underscore",
}
