"""
The table of keys in docs/debugger.md, made from the debugger's own.

    python -m tests.keys    writes it anew
"""

from __future__ import annotations

import re
from pathlib import Path

from laban.tui.actions import ACTIONS, LIST_KEYS, Action

TARGET = Path(__file__).parent.parent / "docs" / "debugger.md"
HEAD = "| screen | keys | do |\n|---|---|---|\n"


def key_table() -> str:
    """Return the table as Markdown."""
    return HEAD + "".join(_row(action) for action in ACTIONS + LIST_KEYS)


def _row(action: Action) -> str:
    keys = " ".join(f"`{key}`" for key in action.key_text.split())
    screen = action.screen or ("lists" if action in LIST_KEYS else "all")
    return f"| {screen} | {keys} | {action.help} |\n"


def documented_table() -> str:
    """Return the table that the document has."""
    found = re.search(re.escape(HEAD) + r"(?:\|.*\n)*", TARGET.read_text())
    return found[0] if found else ""


if __name__ == "__main__":
    TARGET.write_text(TARGET.read_text().replace(documented_table(), key_table()))
