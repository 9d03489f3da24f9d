"""Taking things out of the debugger: yank and export."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from laban.cli.desk import _write_test
from laban.store.event import event_line
from laban.tui.desk import Desk
from laban.tui.screens.debug import DebugScreen
from laban.tui.taking.clipboard import LIMIT, sequence, write_yanked
from laban.tui.widgets.field import Field
from tests.tui.driver import shop_log, story
from tests.tui.test_screen_alive import play

EVENT = event_line(shop_log().get(4)).partition('"recorded_at"')[0]


YANKS = {
    "e": EVENT,
    "p": "/order-1/status",
    "v": '"paid"',
    "a": "@4",
    "s": "WHERE path = '/order-1/status' AND position <= 4",
    "c": "laban state shop.laban /order-1/status --at @4",
    "l": "4  +3.750s till  PaymentTaken",
    "t": " laban  shop.laban   @4 / 10",
}


def test_a_letter_says_what_is_yanked(tmp_path: Path) -> None:
    file = tmp_path / "state" / "yank.txt"

    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        for letter, text in YANKS.items():
            await pilot.press("y", letter)

            assert text in file.read_text()
            assert pilot.app.clipboard == file.read_text()
            assert "bytes: clipboard (OSC 52), " in screen.status.message
            assert not screen.prompt.asking
        await pilot.press("y")
        await pilot.click(Field, offset=(len("e event  p path  v value  a"), 0))
        assert pilot.app.clipboard == "@4"  # a click on it answers, too

    play(script, at=4, select="/order-1/status", desk=Desk(yanked=file))
    assert file.stat().st_mode & 0o077 == 0  # a log may hold what is nobody else's business


def test_a_letter_that_means_nothing_is_refused_and_the_question_stays() -> None:
    wrong, right, nothing = story(("y", "z"), ("a",), ("g", "N", "y", "e"), at=4)

    assert wrong.status == "No yank is 'z': e, p, v, a, s, c, l, t are."
    assert right.status.startswith("address yanked, 2 bytes")
    assert "nothing to copy" in nothing.status


def test_the_clipboard_is_reached_through_tmux_and_never_overfilled(tmp_path: Path) -> None:
    data = base64.b64encode(b"text").decode()

    assert sequence("text", {}) == f"\x1b]52;c;{data}\a"
    assert f"\x1bPtmux;\x1b\x1b]52;c;{data}\a\x1b\\" in sequence("text", {"TMUX": "1"})
    assert sequence("x" * (LIMIT + 1), {}) == ""
    assert write_yanked(tmp_path / "file", "ü" * LIMIT) == str(tmp_path / "file")
    assert write_yanked(Path("/proc/nowhere/file"), "text") == ""


def test_what_is_seen_is_exported_and_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    *wrote, offered, taken, lost = story(
        *(("E", letter, "enter") for letter in "stj"),
        ("E", "t"),
        ("ctrl+u", "shop-4.svg", "enter"),
        ("ctrl+u", "no/where.txt", "enter"),
        at=4,
    )

    assert [each.status[:13] for each in wrote] == ["wrote shop-4."] * 3
    assert "write to shop-4-2.txt" in offered.text
    svg = (tmp_path / "shop-4.svg").read_text()
    assert "PaymentTaken" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "@4 / 10" in (tmp_path / "shop-4.txt").read_text()
    seen = json.loads((tmp_path / "shop-4.json").read_text())
    assert seen["event"]["type"] == "PaymentTaken"
    assert seen["state"]["order-1"]["status"] == "paid"
    assert seen["rows"][4]["position"] == 4
    assert taken.status == "shop-4.svg is there already: give another name."
    assert lost.status == "There is no folder no."


def test_a_test_of_what_should_be_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = Desk(test=_write_test)
    change = ["ctrl+u", '"settled"', "enter"]

    bad, shown = story(
        ("E", "p", "x", "enter"), (*change, "enter"), at=4, select="/order-1/status", desk=desk
    )

    assert "is no JSON" in bad.status
    assert shown.status.startswith("wrote test_shop_4.py: fails now: ")
    assert "settled" in (tmp_path / "test_shop_4.py").read_text()
