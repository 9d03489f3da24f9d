"""
The glyphs of the debugger in ASCII, for terminals and fonts that have no others.

Each character becomes as many ASCII ones as it has cells, so nothing moves. What the debugger
draws has a glyph of its own; of a user's data, whatever is not ASCII becomes a question mark.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

_BARS = zip("▁▂▃▄▅▆▇█", ".:-=+*%#", strict=True)
_PAIRS = (
    *("▶>", "▸>", "▌>", "▼v", "▾v", "◀<", "▲^", "→>", "←<", "↑^", "↓v", "↵<", "↳>", "⤷>"),
    *("●*", "○o", "◆*", "◇o", "■#", "□o", "✗x", "✘x", "✓v", "✔v", "×x", "★*", "☆o"),
    *("−-", "–-", "—-", "‐-", "≠!", "≈~", "≡=", "≥>", "≤<", "…~", "⋯~", "⋮:", "•*"),
    *("‘'", "’'", "“\"", "”\"", "\u00a0 ", "░.", "▒:", "▓%", "▀-", "▐|", "▎|", "▏|", "▔-"),
)  # fmt: skip
_GLYPHS = {pair[0]: pair[1] for pair in _PAIRS} | dict(_BARS) | {"·": "."}
_DOTS = " .:-=+*%#"  # for so many dots of a Braille pattern


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """Return *text* in ASCII, in as many cells."""
    return text if text.isascii() else "".join(map(_ascii, text))


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in _GLYPHS:
        return _GLYPHS[character]
    if "\u2500" <= character <= "\u257f":
        return _border(unicodedata.name(character))
    if "\u2800" <= character <= "\u28ff":
        return _DOTS[(ord(character) - 0x2800).bit_count()]
    return "?" * cell_len(character)


def _border(name: str) -> str:
    """Return a line or corner by its Unicode name; a heavy or double one lies as =."""
    strong = "HEAVY" in name or "DOUBLE" in name
    if " AND " in name:
        return "+"
    if name.endswith("HORIZONTAL"):
        return "=" if strong else "-"
    if name.endswith("VERTICAL"):
        return "|"
    return "/" if "DIAGONAL" in name else "+"  # rounded corners are arcs
