"""
Copying out of a terminal, over SSH too: by OSC 52, and into a file in any case.

No terminal tells whether it took the text. Some want to be allowed to, and most take no more
than LIMIT bytes; so what was copied stands in the file, too.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

LIMIT = 74_994  # bytes: 100,000 characters with what surrounds them, in base64


def sequence(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """
    Return what tells the terminal to put *text* into the clipboard, "" when it is too long.

    Within tmux it is sent twice: to tmux, which obeys when its `set-clipboard` is on, and
    through it, which it lets pass when its `allow-passthrough` is on.
    """
    data = text.encode()
    if len(data) > LIMIT:
        return ""
    plain = f"\x1b]52;c;{b64encode(data).decode()}\a"
    if "TMUX" not in environment:
        return plain
    return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def write_yanked(path: Path | None, text: str) -> str:
    """Write *text* to the file, for its user alone; return where it stands, "" if nowhere."""
    if path is None:
        return ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text.encode())
    except OSError:
        return ""
    return short(path)


def short(path: Path) -> str:
    """Return a path as people write it: ~ is their home."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
