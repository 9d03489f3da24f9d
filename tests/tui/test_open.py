"""The screen from which logs are opened, and several logs open at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from laban.replay.builder import CancelledError
from laban.replay.glance import Glance
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, NotALogError
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Desk, Opened
from laban.tui.jobs import Job
from laban.tui.screens.debug import DebugScreen
from laban.tui.screens.open import OpenScreen
from tests.tui.driver import grid, shop_log

Script = Callable[[Pilot[None], DebuggerApp], Awaitable[None]]
RECENT = [Path("/logs/checkout.laban"), Path("/logs/gone.laban")]
GLANCES = {RECENT[0]: Glance(48_213, 12, 31)}


def opened(title: str, *types: str) -> Opened:
    log = MemoryLog()
    log.append(*(NewEvent(stream="s", type=type, data={}) for type in types))
    return Opened(log=log, timeline=Timeline.open(log), title=title, path=Path("/logs", title))


def glance(path: Path) -> Glance:
    if path not in GLANCES:
        raise LabanError("This file cannot be read.")
    return GLANCES[path]


def open_any(path: str, _job: Job) -> Opened:
    if path == "/logs/gone.laban":
        raise NotALogError("It is gone.")
    return opened(Path(path).name, "Checked", "Out")


DESK = Desk(
    open=open_any,
    play=lambda name, _: opened(name, "Played"),
    recent=lambda: RECENT,
    demos=lambda: {"credit": "five agents decide on loans", "travel": "a trip is given back"},
    glance=glance,
)


def run(
    script: Script, first: Opened | None = None, desk: Desk = DESK, size: tuple[int, int] = (80, 24)
) -> DebuggerApp:
    app = DebuggerApp(first, desk)

    async def use() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            await script(pilot, app)

    asyncio.run(use())
    return app


async def until(pilot: Pilot[None], text: str) -> None:
    async with asyncio.timeout(10):
        while text not in grid(pilot.app):
            await pilot.pause()


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 50)], ids=["80x24", "120x36", "200x50"]
)
def test_recent_logs_and_demos_are_listed_with_what_is_known_of_them(
    golden: Callable[[str, str], None], size: tuple[int, int]
) -> None:
    async def script(_pilot: Pilot[None], app: DebuggerApp) -> None:
        golden(f"open-{size[0]}x{size[1]}", grid(app))

    run(script, size=size)


def test_typing_filters_and_enter_opens_the_selected_log() -> None:
    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        await pilot.press(*"check", "enter")
        await until(pilot, "Checked")

        assert isinstance(app.screen, DebugScreen)
        assert "checkout.laban" in grid(app)

    run(script)


def test_a_path_that_is_pasted_is_opened_wherever_it_is(tmp_path: Path) -> None:
    log = tmp_path / "a log.jsonl"
    log.write_text("{}")

    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        assert isinstance(app.screen, OpenScreen)
        app.screen.search.value = f"'{log}'"
        await pilot.press("enter")
        await until(pilot, "a log.jsonl   @0 / 2")

    run(script)


def test_what_cannot_be_opened_is_said_and_the_list_stays() -> None:
    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        await pilot.press(*"gone", "enter")
        await until(pilot, "It is gone.")

        assert isinstance(app.screen, OpenScreen)

    run(script)


def test_an_open_that_takes_long_is_cancelled_by_escape() -> None:
    seen: list[str] = []

    def slow(_path: str, job: Job) -> Opened:
        while not job.cancelled():
            job.progress(1, 1_000)
        seen.append("cancelled")
        raise CancelledError

    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        app.screen.query_one("Search").focus()
        await pilot.press("enter")
        await until(pilot, "opening: 1 of 1,000")
        await pilot.press("escape")
        await until(pilot, "cancelled")
        await app.workers.wait_for_complete()

        assert seen == ["cancelled"]
        assert isinstance(app.screen, OpenScreen)

    run(script, desk=replace(DESK, open=slow))


def test_each_open_log_keeps_its_place() -> None:
    log = shop_log()
    shop = Opened(log=log, timeline=Timeline.open(log), title="shop.laban", at=4)

    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        await pilot.press("n", "O", *"travel", "enter")
        await until(pilot, "travel   @0 / 1")
        await pilot.press("O")
        await until(pilot, "@5 of 10")
        await pilot.press(*"shop", "enter")
        await until(pilot, "shop.laban   @5 / 10")

        assert [log.opened.title for log in app.logs] == ["shop.laban", "travel"]

    run(script, shop)


def test_without_a_log_the_other_screens_say_so_and_q_leaves() -> None:
    async def script(pilot: Pilot[None], app: DebuggerApp) -> None:
        assert isinstance(app.screen, OpenScreen)
        app.screen.list.focus()
        await pilot.press("D")
        await until(pilot, "No log is open yet")
        await pilot.press("q")

    assert not run(script).is_running
