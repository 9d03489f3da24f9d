"""Keys that come faster than the screen: none is lost, none goes elsewhere."""

from __future__ import annotations

from textual.events import Key
from textual.pilot import Pilot

from laban.tui.screens.debug import DebugScreen
from tests.tui.driver import settle, typed
from tests.tui.test_screen_alive import play

BURSTS = {
    "/type == 'StockCounted'⏎n": 4,
    ":4⏎nn:7⏎N": 6,
    ":9e⏎⎋n": 7,
    "gb⏎GCN": 1,
}


def test_a_burst_of_keys_is_obeyed_one_by_one() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        for keys, end in BURSTS.items():
            for letter in keys:
                name = {"⏎": "enter", "⎋": "escape"}.get(letter) or typed(letter)[0]
                pilot.app.post_message(Key(name, letter if letter not in "⏎⎋" else None))
            await pilot.pause(0.05)
            await settle(pilot)

            assert screen.session.position == end, keys
            assert not screen.prompt.asking

    play(script)
