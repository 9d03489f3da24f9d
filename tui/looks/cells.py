"""Lines made of pieces, each a text and what it means, measured in terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from .theme import STYLES

Piece = tuple[str, str]  # a text, and a name in STYLES

# Controls, bidirectional overrides and line separators would move the cursor or the text.
_UNSAFE: dict[int, str | None] = dict.fromkeys(
    (*range(32), *range(127, 160), *range(8232, 8239), *range(8294, 8298)), "·"
)
_UNSAFE |= dict.fromkeys((0x200D, 0xFE0F))  # joined emoji have another width in each terminal
_BOLD = Style(bold=True)


def plain(text: str) -> str:
    """Return *text* so that it stays on its line and sends nothing to the terminal."""
    return text.translate(_UNSAFE)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return *text* in exactly *width* cells, cut with … or padded; numbers stand right."""
    text = plain(text)
    room = width - cell_len(text)
    if room < 0:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * room + text if right else text + " " * room


def line(pieces: Iterable[Piece], width: int, base: Style) -> Strip:
    """Return *pieces* as a strip of exactly *width* cells over the style *base*."""
    return _strip(
        tuple((text, _over(base, STYLES[meaning])) for text, meaning in pieces if text), width, base
    )


def _over(base: Style, style: Style) -> Style:
    """Return *style* over *base*; reversed, colours would be grounds, each word another."""
    if base.reverse:
        return base + _BOLD if style.bold else base
    return base + style


@lru_cache(maxsize=4096)
def _strip(texts: Sequence[tuple[str, Style]], width: int, base: Style) -> Strip:
    """Return a strip; when it is the same as before, Textual remembers what it is in bytes."""
    runs = groupby(texts, key=itemgetter(1))  # fewer bytes over a slow line
    strip = Strip([Segment(plain("".join(text for text, _ in run)), style) for style, run in runs])
    if strip.cell_length > width > 0:
        return Strip([*strip.crop(0, width - 1), Segment("…", base + STYLES["faint"])], width)
    return strip.adjust_cell_length(width, base)


def width_of(pieces: Iterable[Piece]) -> int:
    """Return the cells that *pieces* take."""
    return sum(cell_len(plain(text)) for text, _ in pieces)
