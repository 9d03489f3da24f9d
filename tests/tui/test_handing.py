"""Taking things out of the debugger: yank and export."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from laban.cli.desk import _write_test
from laban.store.event import event_line
from laban.tui.clipboard import LIMIT, sequence, write_yanked
from laban.tui.desk import Desk
from laban.tui.screens.debug import DebugScreen
from laban.tui.widgets.field import Field
from tests.tui.driver import press, settle, shop_log
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

    play(script, at=4, select="/order-1/status", desk=Desk(yanked=file))
    assert file.stat().st_mode & 0o077 == 0  # a log may hold what is nobody else's business


def test_a_letter_that_means_nothing_is_refused_and_the_question_stays() -> None:
    shown = press("y", "z", at=4)

    assert shown.status == "No yank is 'z': e, p, v, a, s, c, l, t are."
    assert press("y", "z", "a", at=4).status.startswith("address yanked, 2 bytes")
    assert "nothing to copy" in press("y", "e", at=0).status


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

    for letter in "stj":
        shown = press("E", letter, "enter", at=4)
        assert shown.status.startswith("wrote shop-4."), shown.status
    taken = press("E", "t", "ctrl+u", "shop-4.svg", "enter", at=4)
    lost = press("E", "t", "ctrl+u", "no/where.txt", "enter", at=4)

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

    bad = press("E", "p", "x", "enter", at=4, select="/order-1/status", desk=desk)
    shown = press("E", "p", *change, "enter", at=4, select="/order-1/status", desk=desk)

    assert "is no JSON" in bad.status
    assert shown.status.startswith("wrote test_shop_4.py: fails now: ")
    assert "settled" in (tmp_path / "test_shop_4.py").read_text()


def test_a_name_is_offered_that_no_file_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop-4.txt").touch()

    assert "write to shop-4-2.txt" in press("E", "t", at=4).text


def test_a_click_chooses_too() -> None:
    async def script(pilot: Pilot[None], _screen: DebugScreen) -> None:
        await pilot.press("y")
        await pilot.click(Field, offset=(len("e event  p path  v value  a"), 0))
        await settle(pilot)

        assert pilot.app.clipboard == "@4"

    play(script, at=4)
