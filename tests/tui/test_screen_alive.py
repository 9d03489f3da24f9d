"""The screen while something happens: searches under way, other sizes, a mouse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.tui.screens.debug import DebugScreen
from laban.tui.widgets.event_list import EventList
from laban.tui.widgets.footer_line import FooterLine
from laban.tui.widgets.state_view import StateView
from laban.tui.widgets.timeline_strip import TimelineStrip
from tests.tui.driver import debugger, grid, settle, shop_log

Script = Callable[[Pilot[None], DebugScreen], Awaitable[None]]


def play(script: Script, *, log: EventLog | None = None, at: int = 0, **options: Any) -> None:
    """Run *script* in a debugger of 120 columns and 36 rows."""
    log = shop_log() if log is None else log
    app = debugger(log, Timeline.open(log), at=at, title="shop.laban", **options)

    async def run() -> None:
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            assert isinstance(app.screen, DebugScreen)
            await script(pilot, app.screen)

    asyncio.run(run())


@pytest.fixture(scope="module")
def long_log() -> MemoryLog:
    log = MemoryLog()
    log.append(*(NewEvent(stream="s", type="T", data={"n": n}) for n in range(40_000)))
    return log


NEVER = "sum([n * data['n'] for n in [1, 2, 3, 4, 5, 6, 7, 8, 9]]) < 0"


async def search_without_end(pilot: Pilot[None], screen: DebugScreen) -> None:
    """Look for what is nowhere, until the search says that it is under way."""
    screen.session.find(NEVER)
    screen.searcher.find(backward=False)
    while screen.searcher.busy and "searching" not in screen.status.message:
        await pilot.pause(0.01)
    assert screen.searcher.busy


def test_a_long_search_tells_how_far_it_is_and_escape_ends_it(long_log: MemoryLog) -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await search_without_end(pilot, screen)
        told = screen.status.message
        await pilot.press("escape")
        await settle(pilot)

        assert "of 39,993 events passed" in told
        assert told.endswith("esc cancels")
        assert screen.status.message == "cancelled, still at @7"
        assert screen.session.position == 7

    play(script, log=long_log, at=7)


def test_keys_work_while_a_search_runs_and_moving_ends_it(long_log: MemoryLog) -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await search_without_end(pilot, screen)
        pilot.app.post_message(Key("2", "2"))  # pilot.press would wait for the search
        while pilot.app.focused is not screen.panes.state:
            assert screen.searcher.busy
            await asyncio.sleep(0.01)
        await pilot.press("n")
        await settle(pilot)

        assert screen.session.position == 8
        assert not screen.searcher.busy
        assert screen.status.message == "step: @8"

    play(script, log=long_log, at=7)


def test_another_search_replaces_the_one_that_runs(long_log: MemoryLog) -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await search_without_end(pilot, screen)
        await pilot.press("slash", *"position > 0", "enter")
        await settle(pilot)

        assert screen.session.position == 8

    play(script, log=long_log, at=7)


def test_leaving_ends_a_search(long_log: MemoryLog) -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await search_without_end(pilot, screen)
        await pilot.press("q")

    play(script, log=long_log)


def test_the_cursor_stays_in_view_when_the_screen_shrinks_and_grows(long_log: MemoryLog) -> None:
    async def script(pilot: Pilot[None], _screen: DebugScreen) -> None:
        for size in ((80, 24), (60, 12), (200, 50), (120, 36)):
            await pilot.resize_terminal(*size)
            await settle(pilot)

            assert "▶ 20000" in grid(pilot.app)

    play(script, log=long_log, at=20_000)


def test_a_click_selects_an_event() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await pilot.click(EventList, offset=(10, 4))
        await settle(pilot)

        assert screen.session.position == 3

    play(script)


def test_a_click_in_another_pane_leaves_an_open_question() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await pilot.press("slash")
        await pilot.click(StateView, offset=(3, 15))
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)

        assert not screen.prompt.asking
        assert screen.panes.current is screen.panes.state
        assert screen.session.position == 1

    play(script)


def test_letters_typed_before_the_question_is_open_belong_to_its_answer() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        for key, letter in (("colon", ":"), *((letter, letter) for letter in "nbq7")):
            pilot.app.post_message(Key(key, letter))
        await pilot.pause()
        await settle(pilot)

        assert screen.prompt.query_one(Input).value == "nbq7"

    play(script)


def test_keys_may_come_faster_than_the_help_goes() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await pilot.press("question_mark", "down")
        for key in ("enter", "enter", "enter"):
            pilot.app.post_message(Key(key, None))
        await pilot.pause()
        await settle(pilot)

        assert pilot.app.screen is screen
        assert screen.session.position == 4

    play(script, at=5)


def test_a_click_in_the_timeline_goes_to_its_events() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        await pilot.click(TimelineStrip, offset=(29, 1))
        await settle(pilot)

        assert screen.session.position == 5

    play(script)


def test_a_click_in_the_footer_presses_the_key() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        at = "".join(text for text, _ in screen.footer.pieces(120)).index("[/]")
        await pilot.click(FooterLine, offset=(at, 0))
        await settle(pilot)

        assert screen.session.position == 7

    play(script, at=9)
