"""What a key paints anew: no more than it changes."""

from __future__ import annotations

import asyncio
import gc
from unittest.mock import patch

from textual._compositor import Compositor

from laban.replay.timeline import Timeline
from laban.store.collector import collector_seldom
from tests.tui.driver import debugger, settle, shop_log


def test_no_key_paints_the_whole_screen() -> None:
    log = shop_log()
    app = debugger(log, Timeline.open(log), at=3)

    async def run() -> int:
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            await pilot.pause(0.05)
            whole = Compositor.render_full_update
            with patch.object(Compositor, "render_full_update", autospec=True) as painted:
                painted.side_effect = whole
                for key in ("n", "down", "2", "down", "colon", "5", "enter", "tab", "b", "escape"):
                    await pilot.press(key)
                    await settle(pilot)
                return painted.call_count

    assert asyncio.run(run()) == 0


def test_garbage_is_collected_seldom_only_while_the_debugger_runs() -> None:
    usual = gc.get_threshold()

    with collector_seldom():
        assert gc.get_threshold()[0] > 10 * usual[0]
        assert gc.get_freeze_count() > 0

    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
