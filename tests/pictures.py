"""
Draws the debugger's screens for README and docs, from the demos.

    python -m tests.pictures            all of them, into docs/pictures/
    python -m tests.pictures compare    one of them
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from laban.fixtures import DEMOS
from laban.replay.timeline import Timeline
from laban.store.sqlite import SqliteLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Opened
from tests.tui.driver import grid

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SIZE = (120, 36)
PATIENCE = 30.0  # seconds until a text that does not come is missed


@dataclass(frozen=True, slots=True)
class Picture:
    """What to press in a demo, and the text that shows that all is there."""

    name: str
    demo: str
    keys: Sequence[str]  # as Textual names them; a longer text is typed
    wanted: str


PICTURES = (
    Picture("debugger", "credit", (), "approved"),
    Picture("lanes", "orders", ("v",), "Lanes"),
    Picture("causality", "credit", ("v", "v"), "Causality"),
    Picture("compare", "credit", ("X", "--correlation credit-0004 credit-0005", "enter"), "root"),
    Picture("bisect", "credit", ("I", "type == 'decision_made' and not data['approved']", "enter"),
            "true first"),
    Picture("check", "credit", ("K",), "stale read"),
    Picture("sql", "credit", ("Q", "SELECT source, type, count(*) AS events FROM events "
            "GROUP BY ALL ORDER BY events DESC;", "enter"), "risk-assessment"),
    Picture("stats", "breaker", ("T",), "circuit"),
)  # fmt: skip


@contextmanager
def opened(name: str) -> Iterator[Opened]:
    """Record a demo, and give it as the command line would open it."""
    demo = DEMOS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.laban")
        log = SqliteLog.create(path)
        demo.record(log)
        timeline = Timeline.open(log)
        yield Opened(
            log=log,
            timeline=timeline,
            path=path,
            folder=Path(folder),
            at=demo.focus(timeline),
            title=path.name,
            select=demo.pointer(timeline),
            hints=[(hint.text, hint.key) for hint in demo.hints],
        )
        timeline.close()
        log.close()


async def draw(app: DebuggerApp, picture: Picture) -> str:
    """Return the screen as SVG that loads nothing from elsewhere."""
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for key in picture.keys:
            await pilot.press(*([key] if len(key) < 6 else key))
        await until(pilot, picture.wanted)
        svg = app.export_screenshot(title=f"laban: {picture.name}")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"Fira Code, monospace|Fira Code", FONTS, svg)


async def until(pilot: Pilot[None], text: str) -> None:
    """Wait until the screen shows *text*, and all that came with it."""
    async with asyncio.timeout(PATIENCE):
        while text not in grid(pilot.app):
            await pilot.pause(0.05)
    await pilot.pause(0.3)


def main(names: Sequence[str]) -> None:
    """Draw the pictures of these names, all when there are none."""
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        if not names or picture.name in names:
            with opened(picture.demo) as log:
                svg = asyncio.run(draw(DebuggerApp(log), picture))
            (FOLDER / f"{picture.name}.svg").write_text(svg + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
