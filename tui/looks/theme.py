"""
Colours, after Okabe and Ito: safe for colour-blind eyes, and none without a glyph beside it.

Widgets name meanings, the keys of STYLES; the look that is worn says what colour each has.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.theme import Theme

from laban.tui.values import Mark

# What Textual wants of themes in the terminal's colours besides.
_ANSI = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "block-cursor-text-style": "reverse",
    "screen-selection-background": "ansi_bright_blue",
    "screen-selection-foreground": "ansi_black",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The colours of the debugger. Those of pieces of text are written as Rich writes styles."""

    name: str
    about: str  # for the palette
    dark: bool = True
    ansi: bool = False  # the terminal's own sixteen colours
    background: str
    raised: str  # behind header, footer and prompt
    line: str  # borders
    bar: str  # of charts
    selected: str  # behind the selected row …
    away: str  # … of a pane that has no focus
    text: str
    faint: str
    changed: str
    here: str
    added: str
    removed: str
    error: str
    ok: str

    def theme(self) -> Theme:
        """Return it as Textual wants it."""
        border = self._colour(self.line)
        quiet = {f"scrollbar-background{when}": self.background for when in ("", "-hover")}
        return Theme(
            name=self.name,
            dark=self.dark,
            ansi=self.ansi,
            primary=self._colour(self.added),
            secondary=self._colour(self.removed),
            accent=self._colour(self.here),
            warning=self._colour(self.here),
            error=self._colour(self.error),
            success=self._colour(self.ok),
            foreground=self.text,
            background=self.background,
            surface=self.background,
            panel=self.raised,
            boost=self.raised,
            variables={
                **(_ANSI if self.ansi else {}),
                **quiet,
                "border": border,
                **({} if self.ansi else {"text-muted": self.faint, "text-disabled": self.faint}),
                "border-blurred": border,
                "input-cursor-background": self.text,
                "input-cursor-foreground": self.background,
                "input-cursor-text-style": "reverse" if self.ansi else "none",
                "input-selection-background": border if self.ansi else self.selected,
                "scrollbar": border,
                "scrollbar-hover": self._colour(self.here) if self.ansi else self.faint,
                "scrollbar-active": self._colour(self.added),
                "scrollbar-background-active": self.background,
                "scrollbar-corner-color": self.background,
            },
        )

    def styles(self) -> dict[str, Style]:
        """Return how each meaning looks."""
        return {
            "": Style(),
            "faint": Style.parse(self.faint),
            "bar": Style.parse(self.bar),
            "strong": Style(bold=True),
            "heading": Style.parse(f"bold {self.added}"),
            "key": Style.parse(self.here),
            "name": Style.parse(self.added),
            "source": Style.parse(self.removed),
            "changed": Style.parse(self.changed),
            "added": Style.parse(self.added),
            "removed": Style.parse(self.removed),
            "break": Style.parse(self.here),
            "error": Style.parse(self.error),
            "here": Style.parse(f"bold {self.here}"),
            "ok": Style.parse(self.ok),
            "selected": Style.parse(self.selected if self.ansi else f"on {self.selected}"),
            "selected_away": Style.parse(self.away if self.ansi else f"on {self.away}"),
        }

    def _colour(self, name: str) -> str:
        return f"ansi_{name}" if self.ansi else name


DARK = Look(
    name="dark",
    about="Light letters on a dark ground.",
    background="#14171C",
    raised="#1D2229",
    line="#3D4653",
    bar="#6C7888",
    selected="#2A3441",
    away="#232A33",
    text="#D5DAE1",
    faint="#98A1AE",
    changed="#F0E442",
    here="#E69F00",
    added="#56B4E9",
    removed="#D387B1",
    error="#FF8A4C",
    ok="#16B388",
)
LIGHT = Look(
    name="light",
    about="Dark letters on a light ground.",
    dark=False,
    background="#FBFAF7",
    raised="#ECEEF1",
    line="#B4BCC7",
    bar="#98A2AF",
    selected="#D3E2F0",
    away="#E6EAEF",
    text="#1B2027",
    faint="#56606C",
    changed="#655800",
    here="#8A4B00",
    added="#00568C",
    removed="#8B3568",
    error="#A03300",
    ok="#006147",
)
CONTRAST = Look(
    name="contrast",
    about="The strongest contrasts, on black.",
    background="#000000",
    raised="#1A1A1A",
    line="#8C8C8C",
    bar="#B0B0B0",
    selected="#00304F",
    away="#2E2E2E",
    text="#FFFFFF",
    faint="#CFCFCF",
    changed="#F7EE6B",
    here="#FFB833",
    added="#86CEFA",
    removed="#F0ABD2",
    error="#FFAA80",
    ok="#4FDDB0",
)
TERMINAL = Look(
    name="terminal",
    about="The terminal's own colours, light or dark.",
    ansi=True,
    background="ansi_default",
    raised="ansi_default",
    line="bright_black",
    bar="dim",
    selected="reverse",
    away="bold",
    text="ansi_default",
    faint="dim",
    changed="yellow",
    here="yellow",
    added="cyan",
    removed="magenta",
    error="red",
    ok="green",
)
LOOKS = {look.name: look for look in (DARK, LIGHT, CONTRAST, TERMINAL)}

# What a piece of a line means, and how that looks now. Widgets name meanings, never colours.
STYLES: dict[str, Style] = DARK.styles()

MARK_STYLES = {
    Mark.NONE: "",
    Mark.CHANGED: "changed",
    Mark.ADDED: "added",
    Mark.REMOVED: "removed",
    Mark.BREAK: "break",
    Mark.ERROR: "error",
    Mark.HERE: "here",
}


def wear(look: Look) -> None:
    """Let *look* say from now on how each meaning looks."""
    STYLES.update(look.styles())
