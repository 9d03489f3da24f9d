"""What is on the screen, as text and as a picture."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment, Segments
from textual.app import App
from textual.strip import Strip

_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Picture:
    """A copy of all cells of an app's screen, as they are when it is made."""

    def __init__(self, app: App[None]) -> None:
        self._width, self._height = app.size
        self._strips: Sequence[Strip] = app.screen._compositor.render_strips()

    def text(self) -> str:
        """Return the screen as text, a line a row, without spaces at their ends."""
        return "".join(f"{strip.text.rstrip()}\n" for strip in self._strips)

    def svg(self, title: str) -> str:
        """Return the screen as an SVG that loads nothing from elsewhere."""
        console = Console(
            width=self._width,
            height=self._height,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            record=True,
            legacy_windows=False,
        )
        rows = [[*strip, Segment.line()] for strip in self._strips]
        console.print(Segments(segment for row in rows for segment in row), end="")
        svg = console.export_svg(title=title)
        svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
        return re.sub(r"Fira Code, monospace|Fira Code", _FONTS, svg)
