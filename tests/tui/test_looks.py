"""Themes, ASCII, no colours, no motion: the same screens for other eyes and terminals."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color

from laban.cli.looks import THEMES
from laban.replay.timeline import Timeline
from laban.tui.app import DebuggerApp
from laban.tui.desk import Desk, Opened
from laban.tui.keys.settings import SettingsError, keep_theme, read_settings
from laban.tui.looks.glyphs import to_ascii
from laban.tui.looks.theme import LOOKS, Look
from tests.tui.driver import grid, press, settle, shop_log

LARGE = (120, 36)
LETTERS = ("text", "faint", "changed", "here", "added", "removed", "error", "ok")
GROUNDS = ("background", "raised", "selected", "away")


def test_a_character_of_the_data_that_is_not_ascii_is_a_question_mark_a_cell() -> None:
    assert to_ascii("Zürich 雨") == "Z?rich ??"
    assert to_ascii("╭─┬━┓ ▁▅█ ⣿ …") == "+-+=+ .+# # ~"


def styles_of(app: DebuggerApp) -> list[Style]:
    strips = app.screen._compositor.render_strips()
    return [segment.style for strip in strips for segment in strip if segment.style]


def test_no_color_sends_no_colour_and_reverses_the_selected_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    log = shop_log()
    app = DebuggerApp(Opened(log=log, timeline=Timeline.open(log), at=4))

    async def run() -> tuple[list[Style], str]:
        async with app.run_test(size=LARGE) as pilot:
            await settle(pilot)
            return styles_of(app), grid(app)

    styles, text = asyncio.run(run())
    assert not [style for style in styles if style.color or style.bgcolor]
    assert any(style.reverse for style in styles)
    assert "▶  4" in text
    assert "┏━ 1 Events" in text  # the pane in use has a heavy border


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_text_stands_out_from_every_ground(look: Look) -> None:
    least = 7.0 if look.name == "contrast" else 4.5  # of WCAG: enhanced, and minimum
    grounds = [] if look.ansi else [getattr(look, name) for name in GROUNDS]

    for ground in grounds:
        for letters in (getattr(look, name) for name in LETTERS):
            assert contrast(letters, ground) >= least, (letters, ground)


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [value / 255 for value in Color.parse(colour).rgb]
    red, green, blue = (v / 12.92 if v <= 0.04 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_themes_of_the_commands_are_those_of_the_debugger() -> None:
    assert tuple(LOOKS) == THEMES


def test_every_look_is_shown_and_the_one_that_is_chosen_is_kept(tmp_path: Path) -> None:
    log = shop_log()
    desk = Desk(config=tmp_path / "laban")
    app = DebuggerApp(Opened(log=log, timeline=Timeline.open(log), at=4), desk)
    (tmp_path / "laban").mkdir()
    (tmp_path / "laban" / "settings.toml").write_text("ascii = false  # this font\n")

    seen: set[str] = set()

    async def run() -> None:
        async with app.run_test(size=LARGE) as pilot:
            for name in LOOKS:
                assert app.wear(name)
                await pilot.pause()
                await settle(pilot)
                assert app.theme == name
                seen.add(grid(app))

    asyncio.run(run())
    assert len(seen) == 2  # `contrast` has heavy borders, all else is the same
    assert read_settings(desk.config).theme == "terminal"
    assert "ascii = false  # this font" in (tmp_path / "laban" / "settings.toml").read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('theme = "drak"', "no theme is named 'drak'. Did you mean 'dark'?"),
        ("ascii = 1", "ascii is true or false"),
        ("colour = 1", "nothing is set by 'colour'"),
        ("theme = ", "is no TOML"),
    ],
)
def test_settings_that_cannot_be_meant_are_told(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(SettingsError, match=r"settings\.toml") as refusal:
        read_settings(tmp_path)
    assert reason in str(refusal.value)


def test_broken_settings_are_told_by_the_debugger(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "drak"')

    assert "no theme is named 'drak'" in press(at=4, desk=Desk(config=tmp_path)).text


def test_a_theme_is_not_kept_where_nothing_can_be_written() -> None:
    assert not keep_theme(None, "light")
    assert not keep_theme(Path("/proc/nowhere"), "light")


def test_nothing_moves_by_itself() -> None:
    log = shop_log()
    app = DebuggerApp(Opened(log=log, timeline=Timeline.open(log)))

    assert app.animation_level == "none"
