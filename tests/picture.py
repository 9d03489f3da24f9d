"""
Draws docs/debugger.svg, the debugger at the demo's first wrong decision.

    python -m tests.picture
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from laban.fixtures import DEMOS
from laban.replay.timeline import Timeline
from laban.store.memory import MemoryLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Opened

TARGET = Path(__file__).parent.parent / "docs" / "debugger.svg"
FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


async def picture() -> str:
    """Return the debugger in 120 columns and 36 rows as SVG that loads nothing from elsewhere."""
    demo, log = DEMOS["credit"], MemoryLog()
    demo.record(log)
    timeline = Timeline.open(log)
    opened = Opened(
        log=log,
        timeline=timeline,
        at=demo.focus(timeline),
        title="credit.laban",
        select=demo.pointer(timeline),
        hints=[(hint.text, hint.key) for hint in demo.hints],
    )
    app = DebuggerApp(opened)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.5)
        svg = app.export_screenshot(title="laban demo")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"Fira Code, monospace|Fira Code", FONTS, svg)


if __name__ == "__main__":
    TARGET.write_text(asyncio.run(picture()) + "\n")
