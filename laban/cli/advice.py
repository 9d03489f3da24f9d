"""The command that comes next, as it has to be typed."""

from __future__ import annotations

import re
import sys
from shlex import quote

from laban.store.terminal import safe

from .output import hint

_MINDED = re.compile(r'["$`\\\n]|!(?![= ])')  # by a shell, in double quotes


def next_step(*words: str) -> None:
    """Name the command that comes next, to a person at a terminal and to nobody else."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        sys.stdout.flush()
        hint(safe(f"Next: {' '.join(words)}"))


def word(text: str) -> str:
    """Return *text* as one word of a shell: in double quotes, if nothing in it minds these."""
    if quote(text) == text:
        return text
    return quote(text) if _MINDED.search(text) or not text else f'"{text}"'
