"""What is done to every line on its way to the terminal: colours out, or all but ASCII."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from rich.segment import Segment, Segments
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.scrollbar import ScrollBarRender

from .glyphs import to_ascii


class Colourless(LineFilter):
    """Leaves bold, dim, underlined and reversed text, and no colour."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(text, style and _without_colour(style)) for text, style, _ in segments]


class Ascii(LineFilter):
    """Leaves ASCII only, whoever drew the rest."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(to_ascii(text), style) for text, style, _ in segments]


class GlyphBar(ScrollBarRender):
    """A scrollbar that is seen without colours, too."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]  # it moves by whole cells
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]

    @classmethod
    def render_bar(cls, *args: Any, **options: Any) -> Segments:
        drawn = super().render_bar(*args, **options)
        return Segments(map(_drawn, drawn.segments), new_lines=drawn.new_lines)


@lru_cache(4096)
def _without_colour(style: Style) -> Style:
    return style.without_color + Style(meta=style.meta)  # which tells what a click there does


def _drawn(segment: Segment) -> Segment:
    """Return a part of the thumb as a glyph, all else as it is."""
    text, style, _ = segment
    if style is None or not style.reverse:
        return segment
    return Segment("█" * len(text), style + Style(reverse=False))
