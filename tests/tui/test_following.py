"""A log that grows while it is looked at."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs
from textual.events import Key, MouseScrollUp
from textual.pilot import Pilot

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from laban.tui.screens.debug import DebugScreen
from laban.tui.session import COMING, Session
from tests.tui.driver import debugger, grid, typed

Script = Callable[["Live"], Awaitable[None]]
PATIENCE = 3_000  # looks of 10 ms


class Live:
    """A debugger that follows a log, and a way to write into that log from another connection."""

    def __init__(self, pilot: Pilot[None], screen: DebugScreen, path: Path) -> None:
        self.pilot, self.screen, self.path = pilot, screen, path

    @property
    def session(self) -> Session:
        return self.screen.session

    @property
    def text(self) -> str:
        return grid(self.pilot.app)

    @property
    def header(self) -> str:
        return self.text.splitlines()[0]

    async def append(self, *events: NewEvent) -> None:
        def work() -> None:
            log = SqliteLog.open(self.path)
            log.append(*events)
            log.close()

        await asyncio.to_thread(work)

    async def until(self, *texts: str) -> None:
        """Wait until the screen shows all of *texts*."""
        await self.holds(lambda: all(text in self.text for text in texts), f"shows {texts}")

    async def holds(self, true: Callable[[], bool], what: str = "it") -> None:
        for _ in range(PATIENCE):
            if true():
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"It never {what}:\n{self.text}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(*typed(key))


def told(count: int, first: int = 1, type: str = "Counted") -> list[NewEvent]:
    return [
        NewEvent(stream="s", type=type, id=f"e{n}", data={"n": n})
        for n in range(first, first + count)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "live.laban"
    SqliteLog.create(path).close()
    return path


def play(
    script: Script,
    path: Path,
    *events: NewEvent,
    at: str = "head",
    size: tuple[int, int] = (120, 36),
    ending: Callable[[], str] = lambda: "",
) -> None:
    """Record *events*, follow the log in a debugger, and run *script* meanwhile."""
    log = SqliteLog.open(path)
    log.append(*events)
    timeline = Timeline.open(log, path.parent / "cache")
    app = debugger(
        log, timeline, at=timeline.resolve(at), title=path.name, follow=True, ending=ending
    )

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            assert isinstance(app.screen, DebugScreen)
            await script(Live(pilot, app.screen, path))

    try:
        asyncio.run(run())
    finally:
        timeline.close()
        log.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_new_events_appear_while_the_cursor_is_at_the_head(
    path: Path, size: tuple[int, int]
) -> None:
    async def script(live: Live) -> None:
        await live.until("@3 / 3", "following")
        for head in (4, 5, 9):
            await live.append(*told(head - live.session.head, first=live.session.head + 1))
            await live.until(f"@{head} / {head}", f"▶ {head}", f"{head - 1} → {head}")

        assert "stopped" not in live.header
        assert live.session.position == live.screen.panes.events.cursor == 9

    play(script, path, *told(3), size=size)


def test_the_state_the_strip_and_the_columns_go_along(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.append(
            NewEvent(stream="a-rather-long-stream", type="LongerThanBefore", data={"n": 7})
        )
        await live.until("@2 / 2", "+ n  7", "LongerThanBefore", "a-rather-long-stream")

        assert live.text.splitlines()[1].index("▼") == 2

    play(script, path, *told(1))


def test_the_lanes_go_along_and_the_causality_gets_new_effects(path: Path) -> None:
    effect = NewEvent(stream="s", type="Followed", source="other", data={}, causation_id="e2")

    async def script(live: Live) -> None:
        await live.press("v")
        await live.append(effect)
        await live.until("@4 / 4", "├──────▶○", "Followed  s")
        await live.press("v", "N", "N")
        await live.until("@2 / 4", "○ @4 Followed")
        await live.append(structs.replace(effect, id="another"))
        await live.until("├─○ @4 Followed", "╰─○ @5 Followed")

    play(script, path, *told(3))


def test_an_empty_log_gets_its_first_event(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.until("There is no event yet", "@0 / 0", "following")
        await live.press("n", "G")
        assert live.screen.status.message == COMING
        await live.append(*told(1))
        await live.until("@1 / 1", "▶ 1", "+ n  1", "N looks back")

    play(script, path)


def test_who_looks_back_stays_there_and_sees_how_far_behind(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("N")
        await live.append(*told(1200, first=11))
        await live.until("@9 / 1,210", "1,201 behind", "stopped: step back")
        rows = live.screen.panes.state.rows

        await live.append(*told(1, first=1211))
        await live.until("@9 / 1,211", "1,202 behind")
        assert live.screen.panes.state.rows is rows
        assert "▶    9" in live.text

        await live.press("G")
        await live.until("@1,211 / 1,211", "following from @1,211 on")
        await live.append(*told(1, first=1212))
        await live.until("@1,212 / 1,212", "following")

    play(script, path, *told(10))


@pytest.mark.parametrize("keys", [["end"], ["n"], [":head", "enter"], ["u"]])
def test_every_way_to_the_head_follows_again(path: Path, keys: list[str]) -> None:
    async def script(live: Live) -> None:
        await live.press("g" if keys == ["u"] else "N", *keys)
        await live.append(*told(5, first=11))

        await live.until("@15 / 15", "following")

    play(script, path, *told(10))


def test_opened_elsewhere_it_does_not_follow(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.append(*told(1, first=11))

        await live.until("@4 / 11", "7 behind")

    play(script, path, *told(10), at="@4")


def test_a_wheel_that_scrolls_back_looks_back_too(path: Path) -> None:
    async def script(live: Live) -> None:
        events = live.screen.panes.events
        await live.holds(lambda: events.scroll_offset.y > 0)
        events.post_message(MouseScrollUp(events, 2, 2, 0, -1, 0, False, False, False))
        await live.until("looking back: G follows again", "paused")
        await live.append(*told(1, first=101))

        await live.until("@100 / 101", "1 behind")

    play(script, path, *told(100))


def test_a_breakpoint_pauses_at_the_first_new_event_that_meets_it(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("b", "data['n'] % 1000 == 0", "enter")
        await live.append(*told(2_500, first=11))
        await live.until("@1,000 / 2,510", "1,510 behind", "paused at @1,000", "c goes on")
        await live.press("c")
        await live.until("@2,000 / 2,510", "stopped: breakpoint")
        await live.press("c")
        await live.until("@2,510 / 2,510", "following")
        await live.append(*told(490, first=2_511))
        await live.until("@3,000 / 3,000", "paused at @3,000", "paused   stopped: breakpoint")

        await live.append(*told(1, first=3_001))
        await live.until("@3,000 / 3,001", "1 behind")
        await live.press("G")
        await live.append(*told(1, first=3_002))
        await live.until("@3,002 / 3,002", "following")

    play(script, path, *told(10))


def test_a_breakpoint_on_the_state_pauses_where_it_turns_true(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("b", "state['s']['n'] > 20", "enter")
        await live.append(*told(8, first=11))
        await live.until("@18 / 18", "following")
        await live.append(*told(8, first=19))

        await live.until("@21 / 26", "5 behind", "paused at @21")

    play(script, path, *told(10))


def test_a_filter_takes_in_the_new_events_that_it_lets_through(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("&", *"odd", "enter")
        await live.until("filter the text 'odd': 0 of 10")
        await live.append(*told(3, first=11, type="Odd"), *told(3, first=14))

        await live.until("filter the text 'odd': 3 of 16", "@16 / 16", "following", "▷ 13")

    play(script, path, *told(10))


def test_the_cursor_waits_for_who_is_answering_a_question(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("b")
        await live.append(*told(2, first=11, type="Other"))
        await live.until("@10 / 12", "following, 2 behind", "type Counted")
        await live.press("enter")
        await live.until("@12 / 12", "following")
        await live.append(*told(1, first=13))

        await live.until("@13 / 13", "paused at @13: breakpoint type Counted")

    play(script, path, *told(10))


def test_the_help_may_lie_above_meanwhile(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("?")
        await live.append(*told(5, first=11))
        await live.holds(lambda: live.session.timeline.head == 15)
        await live.press("escape")

        await live.until("@15 / 15", "▶ 15", "following")

    play(script, path, *told(10))


def test_an_event_looked_back_at_gets_its_new_effects(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("N")
        await live.append(NewEvent(stream="late", type="Followed", causation_id="e9", data={}))

        await live.until("@9 / 11", "effects", "@11 Followed")

    play(script, path, *told(10))


def test_a_search_goes_on_undisturbed(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("/", "data['n'] == 12", "enter")
        await live.until("Nothing matches")
        await live.append(*told(5, first=11))
        await live.until("@15 / 15", "following")
        await live.press(",")

        await live.until("@12 / 15", "3 behind", "match of")

    play(script, path, *told(10))


def test_a_burst_of_100_000_events_keeps_no_key_waiting(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.append(*told(100_000, first=11))
        await live.holds(lambda: live.session.head > 10)
        app = live.pilot.app
        answered = 0
        for number, pane in enumerate(live.screen.panes.all * 3):
            app.post_message(Key(str(number % 4 + 1), str(number % 4 + 1)))
            await live.holds(partial(lambda pane: app.focused is pane, pane))
            answered += live.session.head < 100_010
        assert answered > 4, "the events were in before the keys were answered"

        await live.until("@100,010 / 100,010   following", "▶ 100010")

    play(script, path, *told(10))


WRITER = """
import itertools, sys
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
log = SqliteLog.open(sys.argv[1])
for n in itertools.count():
    log.append(*(NewEvent(stream="w", type="Written", data={"n": n}) for _ in range(3)))
"""


def test_the_death_of_the_writer_is_survived(path: Path) -> None:
    async def script(live: Live) -> None:
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) as writer:
            await live.holds(lambda: live.session.position > 100)
            writer.kill()
        log = live.session.log
        await live.until(f"@{log.head():,} / {log.head():,}", "following")
        await live.append(*told(1))

        await live.until(f"@{log.head():,} / {log.head():,}", "+ n  1", "following")

    play(script, path)


def test_the_end_of_whoever_records_is_told_once(path: Path) -> None:
    said = [""]

    async def script(live: Live) -> None:
        await live.until("@10 / 10", "following")
        said[0] = "The run has ended: 10 events"
        await live.until("The run has ended: 10 events", "@10 / 10   ended")
        await live.press("N")
        await live.until("step back: @9", "1 behind")
        await live.append(*told(1, first=11))
        await live.until("@9 / 11", "2 behind")

    play(script, path, *told(10), ending=lambda: said[0])


def test_a_log_that_is_damaged_meanwhile_ends_the_following_not_the_debugger(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.until("@10 / 10", "following")
        with closing(sqlite3.connect(path)) as vandal:
            vandal.execute("DROP TABLE records")
        await live.until("Following has ended: ", "damaged", "paused")

        assert live.pilot.app.is_running

    play(script, path, *told(10))


def test_leaving_ends_the_following(path: Path) -> None:
    async def script(live: Live) -> None:
        await live.press("b", "False", "enter")
        await live.append(*told(20_000, first=11))
        await live.press("q")

    play(script, path, *told(10))
