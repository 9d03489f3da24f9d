"""Every screen for every eye: at all sizes, in ASCII, without colours, and in each theme."""

from __future__ import annotations

import asyncio
import re
import string
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.style import Style
from textual.pilot import Pilot

from laban.replay.glance import Glance
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Desk, Opened
from laban.tui.jobs import Job
from laban.tui.looks.glyphs import to_ascii
from tests.tui.driver import debugger, grid, press_keys, settle, shop_log, strips

Golden = Callable[[str, str], None]
SIZES = ((80, 24), (120, 36), (200, 50))
WATCHES = ("b", "enter", "b", "type == 'StockCounted'", "enter", "a", "len(state)", "enter")
SQL = ("escape", "i", "SELECT position, type, data FROM events WHERE position <= $here;", "enter")
STEPS: Mapping[str, Sequence[str]] = {  # each goes on where the one before has ended
    "events": (),
    "state": ("2",),
    "watches": (*WATCHES, "W", "3"),
    "event": ("4",),
    "history": ("2", "H", "4"),
    "lanes": ("escape", "1", "v"),
    "causality": ("v",),
    "critical": ("P",),
    "filter": ("P", "v", "&", "order", "enter", "m", "a"),
    "refused": ("\\", "/", "total >> 3", "enter"),
    "yank": ("escape", "y"),
    "help": ("escape", "?", "stream"),
    "compare-ask": ("escape", "X"),
    "compare": ("tuesday.laban", "enter", "]"),
    "bisect": ("I", "stream == 'stock'", "enter", "3", "n"),
    "by-hand": ("m", "enter", "g", "s"),
    "sql-examples": ("Q", "escape"),
    "sql": SQL,
    "check": ("K",),
    "stats": ("T",),
    "open": ("O",),
}


@dataclass
class Seen:
    """What one debugger has shown, by step."""

    texts: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)  # by size
    styles: dict[str, dict[str, list[list[str]]]] = field(default_factory=dict)  # by theme

    def text(self, name: str) -> str:
        """Return a screen in all sizes as one text."""
        found = self.texts[name].items()
        return "\n".join(f"{f'--- {w}x{h} '.ljust(w, '-')}\n{text}" for (w, h), text in found)


def shop(folder: Path) -> Path:
    """Write the shop's log into a file of *folder*, as what is kept beside it counts, too."""
    folder.mkdir()
    with closing(SqliteLog.create(path := folder / "shop.laban")) as log:
        for event in shop_log().read():
            names = NewEvent.__struct_fields__
            log.append(NewEvent(**{name: getattr(event, name) for name in names}))
    return path


def look_around(
    path: Path, sizes: Sequence[tuple[int, int]], themes: Sequence[str], ascii: bool = False
) -> Seen:
    """Go through all steps in one debugger, and look at each in some sizes and themes."""
    seen = Seen()

    def other(name: str, _: Job) -> Opened:
        log = shop_log()
        log.append(NewEvent(stream="parcel-1", type="ParcelLate", source="post", data={"days": 2}))
        return Opened(log=log, timeline=Timeline.open(log), title=name)

    desk = Desk(
        open=other,
        recent=lambda: [Path("/logs/monday.laban")],
        glance=lambda _: Glance(48_213, 12, 31),
        demos=lambda: {"credit": "five agents decide on loans"},
        ascii=ascii,
    )
    cache = path.with_suffix(".cache")
    with closing(SqliteLog.open(path)) as log, closing(Timeline.open(log, cache)) as timeline:
        options = {"title": "shop.laban", "path": path, "folder": cache}
        app = debugger(log, timeline, desk=desk, at=9, **options)

        async def run() -> None:
            async with app.run_test(size=SIZES[0]) as pilot:
                for name, keys in STEPS.items():
                    await press_keys(pilot, keys)
                    seen.styles[name] = {each: await worn(pilot, app, each) for each in themes}
                    seen.texts[name] = {size: await at(pilot, *size) for size in sizes}
                    await pilot.resize_terminal(*SIZES[0])

        asyncio.run(run())
    return seen


async def at(pilot: Pilot[None], width: int, height: int) -> str:
    """Return the screen in this size; when and how fast it was made is left out."""
    if pilot.app.size != (width, height):
        await pilot.resize_terminal(width, height)
        await pilot.pause()
    await settle(pilot)
    text = re.sub(r"\d\.\d\d s", "0.00 s", grid(pilot.app))
    return re.sub(r"(recorded +)[-\dT:.Z]{20,}", r"\1when it was", text)


async def worn(pilot: Pilot[None], app: DebuggerApp, theme: str) -> list[list[str]]:
    """Return the style of each cell of the screen in *theme*, "" for the one that it has."""
    if theme:
        app.wear(theme)
        await pilot.pause()
    return [
        [in_words(part.style) for part in strip for _ in range(part.cell_length)]
        for strip in strips(app)
    ]


def in_words(style: Style | None) -> str:
    """Return what a style looks like; what a click there does is left out."""
    style = style or Style()
    on = ("bold", "dim", "italic", "underline", "reverse", "strike")
    names = [name for name in on if getattr(style, name)]
    colours = [each.name if each else "-" for each in (style.color, style.bgcolor)]
    return " ".join([*names, colours[0], "on", colours[1]])


@pytest.mark.usefixtures("unpainted")
def test_every_screen_in_each_theme_in_ascii_and_without_colours(
    tmp_path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    themes = ("dark", "light")
    drawn_ascii = look_around(shop(tmp_path / "ascii"), SIZES[:1], themes, ascii=True)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = look_around(shop(tmp_path / "plain"), SIZES, ("",))

    for name in STEPS:
        golden(f"every/{name}", plain.text(name))
        golden(f"every/{name}-ascii", drawn_ascii.text(name))
        styles = {**drawn_ascii.styles[name], "NO_COLOR": plain.styles[name][""]}
        golden(f"every/{name}-styles", drawn(styles))
        assert drawn_ascii.text(name).isascii(), name
        assert to_ascii(plain.text(name)).startswith(drawn_ascii.text(name)), name
        assert all(style.endswith("- on -") for row in plain.styles[name][""] for style in row)


def drawn(styles: Mapping[str, list[list[str]]]) -> str:
    """Return a letter for each cell, and for each letter what it is in each theme."""
    letters: dict[tuple[str, ...], str] = {}
    rows = []
    for lines in zip(*styles.values(), strict=True):
        cells = zip(*lines, strict=True)
        rows.append("".join(letters.setdefault(cell, SIGNS[len(letters)]) for cell in cells))
    told = (
        f"{sign} {theme:8} {style}"
        for each, sign in letters.items()
        for theme, style in zip(styles, each, strict=True)
    )
    return "\n".join([*rows, *told])


SIGNS = string.ascii_letters + string.digits + string.punctuation
