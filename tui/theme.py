"""
Colours, after Okabe and Ito: safe for colour-blind eyes, and none without a glyph beside it.

Textual turns them all to greys when NO_COLOR is set; the glyphs stay.
"""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from .values import Mark

YELLOW = "#F0E442"
ORANGE = "#E69F00"
SKY = "#56B4E9"
VERMILION = "#FF8A4C"
GREEN = "#009E73"
PURPLE = "#CC79A7"
TEXT = "#D5DAE1"
FAINT = "#8A93A0"
BACKGROUND = "#14171C"
RAISED = "#1D2229"
SELECTED = "#303A48"
SELECTED_AWAY = "#252C36"  # the selected row of a pane that has no focus
LINE = "#3D4653"

THEME = Theme(
    name="laban",
    dark=True,
    primary=SKY,
    secondary=PURPLE,
    accent=ORANGE,
    warning=ORANGE,
    error=VERMILION,
    success=GREEN,
    foreground=TEXT,
    background=BACKGROUND,
    surface=BACKGROUND,
    panel=RAISED,
    variables={
        "border": LINE,
        "border-blurred": LINE,
        "input-cursor-background": TEXT,
        "input-selection-background": SELECTED,
        "scrollbar": LINE,
        "scrollbar-hover": FAINT,
        "scrollbar-active": SKY,
        "scrollbar-background": BACKGROUND,
        "scrollbar-background-hover": BACKGROUND,
        "scrollbar-background-active": BACKGROUND,
        "scrollbar-corner-color": BACKGROUND,
    },
)

# What a piece of a line means, and how that looks. Widgets name meanings, never colours.
STYLES = {
    "": Style(),
    "faint": Style(color=FAINT),
    "strong": Style(bold=True),
    "heading": Style(color=SKY, bold=True),
    "key": Style(color=ORANGE),
    "name": Style(color=SKY),
    "source": Style(color=PURPLE),
    "changed": Style(color=YELLOW),
    "added": Style(color=SKY),
    "removed": Style(color=PURPLE),
    "break": Style(color=ORANGE),
    "error": Style(color=VERMILION),
    "here": Style(color=ORANGE, bold=True),
    "ok": Style(color=GREEN),
}

MARK_STYLES = {
    Mark.NONE: "",
    Mark.CHANGED: "changed",
    Mark.ADDED: "added",
    Mark.REMOVED: "removed",
    Mark.BREAK: "break",
    Mark.ERROR: "error",
    Mark.HERE: "here",
}
