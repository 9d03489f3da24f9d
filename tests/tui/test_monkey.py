"""Random keys, clicks and sizes, the same ones each time: nothing may crash or mislead."""

from __future__ import annotations

import asyncio
import os
from itertools import cycle, islice
from pathlib import Path
from random import Random

import pytest
from rich.cells import cell_len
from textual.app import ScreenStackError
from textual.events import Key
from textual.pilot import Pilot

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from laban.tui.app import DebuggerApp
from laban.tui.screens.debug import DebugScreen
from tests.tui.driver import debugger, grid, settle, typed
from tests.tui.odd_logs import LOGS

SEED = os.environ.get("LABAN_MONKEY_SEED", "1")
ACTS = int(os.environ.get("LABAN_MONKEY_ACTS", "40"))  # on each log, about five keys each
SIZES = ((80, 24), (120, 36), (200, 50), (40, 10), (100, 28), (20, 5), (10, 3), (1, 1), (300, 90))
KEYS = (
    *"nnnNsssSgGuww1222344zlllhbccCdjjk.,?[[]]WpHxm'a\\\\",
    *[
        "enter",
        "enter",
        "escape",
        "escape",
        "ctrl+r",
        "tab",
        "shift+tab",
        "space",
        "right",
        "left",
        "up",
        "down",
    ],
    *("home", "end", "pageup", "pagedown", "delete", "f10", "shift+f10"),
)
ANSWERS = (
    *("", "@3", "7", "50%", "head", "+1s", "-5", "@", "/", "//", "/s1", "/heavy/list/7", "/~"),
    *("no-such", "#b7", "only@0", "9" * 30, "type == 'Done'", "data['n'] == 3", "n >", "1 / 0"),
    *("True", "missing", "stream", "漢 == 1", "'" * 30, "position % 7 == 0", "[[[", "%", "\\"),
)


async def act(pilot: Pilot[None], chance: Random) -> str:
    """Do something that a user may do and return what."""
    size = pilot.app.size
    roll = chance.random()
    if roll < 0.1:
        await pilot.resize_terminal(*chance.choice(SIZES))
        return f"resized to {pilot.app.size}"
    if roll < 0.2:
        where = chance.randrange(size.width), chance.randrange(size.height)
        await pilot.click(offset=where, times=chance.choice([1, 2]))
        return f"clicked {where}"
    if roll < 0.4:
        keys = [chance.choice("/:b?&&a"), *chance.choice(ANSWERS)]
        keys.append(chance.choice(["enter", "enter", "escape"]))
    else:
        keys = [chance.choice(KEYS) for _ in range(chance.choice([1, 1, 2, 5, 20]))]
    for key in keys:  # as fast as from a pasted text: faster than `pilot.press`
        [name] = typed(key)
        pilot.app.post_message(Key(name, key if len(key) == 1 else None))
    return " ".join(keys)


async def goes_on(pilot: Pilot[None], chance: Random, done: list[str]) -> bool:
    """Act and wait until all is shown; return whether the debugger still runs."""
    try:
        done.append(await act(pilot, chance))
        await pilot.pause(0)
        await settle(pilot)
        for _ in range(100):  # a screen that has just come takes the focus a little later
            await pilot.pause(0)
            if pilot.app.focused is not None:
                break
    except ScreenStackError:  # the keys or the click have ended it
        return False
    return pilot.app.is_running


def check(app: DebuggerApp) -> None:
    """Hold the screen to what is true of all screens."""
    lines = grid(app).splitlines()
    assert len(lines) <= app.size.height
    assert [line for line in lines if cell_len(line) > app.size.width] == []
    assert not {letter for line in lines for letter in line} & {*"\x1b\x07\r\x7f\u202e\u2028"}
    screen = next(each for each in app.screen_stack if isinstance(each, DebugScreen))
    assert app.focused is not None
    assert screen.panes.events.cursor == screen.session.listing.row_of(screen.session.position)
    if app.screen is screen and app.size.width >= 20 and app.size.height >= 5:
        assert f"@{screen.session.position:,}" in lines[0]


@pytest.mark.parametrize("name", LOGS)
def test_no_keys_clicks_or_sizes_crash_or_mislead(name: str) -> None:
    log, chance = LOGS[name](), Random(f"{name} {SEED}")
    timeline = Timeline.open(log)
    done: list[str] = []

    async def run() -> None:
        """Play until all is done, or until a click on a `quit` has ended the debugger."""
        app = debugger(log, timeline, title=name)
        async with app.run_test(size=(120, 36)) as pilot:
            while len(done) < ACTS:
                if not await goes_on(pilot, chance, done):
                    return
                check(app)

    try:
        while len(done) < ACTS:
            asyncio.run(run())
    finally:
        print("The last of", len(done), "acts:", done[-4:])  # pytest shows it after a failure


def test_a_log_that_grows_meanwhile_crashes_and_misleads_as_little(tmp_path: Path) -> None:
    chance = Random(f"growing {SEED}")
    path = tmp_path / "growing.laban"
    log, writer = SqliteLog.create(path), SqliteLog.open(path)
    timeline = Timeline.open(log, tmp_path / "cache")
    odd = [event for make in LOGS.values() for event in islice(make().read(), 40)]
    fresh = (
        NewEvent(stream=event.stream, type=event.type, data=event.data, time_ns=event.time_ns)
        for event in cycle(odd)
    )
    done: list[str] = []

    async def run() -> None:
        app = debugger(log, timeline, at=timeline.head, title="growing", follow=True)
        async with app.run_test(size=(120, 36)) as pilot:
            while len(done) < ACTS:
                writer.append(*islice(fresh, chance.choice([0, 1, 1, 2, 50])))
                if not await goes_on(pilot, chance, done):
                    return
                check(app)
                await asyncio.sleep(chance.choice([0, 0.05, 0.2]))

    try:
        while len(done) < ACTS:
            asyncio.run(run())
    finally:
        print("The last of", len(done), "acts:", done[-4:])
        for each in (timeline, writer, log):
            each.close()
