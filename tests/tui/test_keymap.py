"""The user's own keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from laban.replay.timeline import Timeline
from laban.tui.actions import BY_ID
from laban.tui.desk import Desk, Opened
from laban.tui.keys.keymap import read_keymap
from laban.tui.keys.settings import SettingsError
from laban.tui.screens.debug import DebugScreen
from tests.tui.driver import press, settle, shop_log, story
from tests.tui.test_screen_alive import play


@pytest.fixture
def keys(tmp_path: Path) -> Desk:
    """A desk whose user steps by 8 and 9, and goes down a list by ctrl+d."""
    (tmp_path / "keys.toml").write_text(
        '[debug]\nnext = ["8", "j"]\nprevious = "9"\n[lists]\npage_down = "Ctrl+D"\n'
    )
    return Desk(config=tmp_path)


def test_keys_of_the_user_work_and_those_that_they_replace_do_not(keys: Desk) -> None:
    steps = story("88j", "n", "9", at=1, desk=keys)

    assert [step.position for step in steps] == [4, 4, 3]


def test_footer_help_and_hints_name_the_keys_of_the_user(keys: Desk) -> None:
    shown, help = story((), ("?", "next event"), at=1, desk=keys)

    assert "8/9 step" in shown.text.splitlines()[-1]
    assert "▸ 8 steps to the next event" in shown.text
    assert help.line("Go to the next event.").split("│")[2].split()[1:3] == ["8", "j"]
    assert "[debug] next" in help.text


def test_a_key_is_taken_from_an_action_that_has_another(keys: Desk) -> None:
    keymap = read_keymap(keys.config)

    assert keymap.changes["down"] == ("down",)
    assert keymap.changes["page_down"] == ("ctrl+d",)
    assert keymap.bound(BY_ID["previous"]).footer == "8/9 step"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[debug]\nnxt = "8"', r"\[debug\] has no action 'nxt'\. Did you mean 'next'\?"),
        ('[debgu]\nnext = "8"', r"\[debgu\] is no screen\. Did you mean 'debug'\?"),
        ('[debug]\nnext = "ctlr+m"', r"'ctlr\+m' is no key\. Did you mean 'ctrl'\?"),
        ('[debug]\nnext = "pgdwn"', r"'pgdwn' is no key\. Did you mean 'pgdn'\?"),
        ("[debug]\nnext = []", r"\[debug\] next wants a key"),
        ('next = "8"', r"next wants to stand below a screen"),
        (
            '[debug]\nnext = "8"\nprevious = ["7", "8"]',
            r"'8' is given to both \[debug\] next and \[debug\] previous",
        ),
        (
            '[debug]\nnext = "g"',
            r"'g' is the only key of \[debug\] first, and is given to \[debug\] next",
        ),
        ('[everywhere]\nback = "j"\n[lists]\ndown = "j"', "'j' is given to both"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "keys.toml").write_text(text)

    with pytest.raises(SettingsError, match=reason):
        read_keymap(tmp_path)


def test_a_broken_keymap_keeps_nobody_from_the_debugger(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('[debug]\nnext = "8"\nprevious = "8"')

    told, shown = story((), "n", at=1, desk=Desk(config=tmp_path))

    assert shown.position == 2
    assert told.line("'8' is given to both [debug] next and [debug] previous. The default keys")


def test_the_help_is_the_palette_too() -> None:
    last, here, light = story(
        ("ctrl+p", "last event", "enter"),
        ("?", "turn to shop"),
        ("escape", "?", "theme light", "enter"),
        at=4,
    )

    assert last.position == 10
    assert "Not now: you are there." in here.text
    assert light.status == "theme light, for now: it could not be kept"


def test_the_help_leads_to_the_other_logs_that_are_open() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        log = shop_log()
        other = Opened(log=log, timeline=Timeline.open(log), title="other.laban")
        screen.app.add(other)
        await pilot.pause()
        await pilot.press("question_mark")
        pilot.app.post_message(Paste("turn to shop"))
        await pilot.press("enter")
        await settle(pilot)

        assert screen.app.current.opened.title == "shop.laban"
        assert pilot.app.screen is screen

    play(script, at=4)


def test_what_is_pasted_beside_a_question_is_not_taken_for_keys() -> None:
    async def script(pilot: Pilot[None], screen: DebugScreen) -> None:
        pilot.app.post_message(Paste("qq"))
        await pilot.pause()

        assert pilot.app.is_running
        assert screen.status.message == "Paste into a question, such as that of : in D."

    play(script, at=4)


def test_the_keys_of_the_pane_in_use_stand_first() -> None:
    first = press("3", "?", at=4).text.splitlines()[6]

    assert "Watches" in first
