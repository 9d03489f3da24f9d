"""Finding ids that look drawn at random, and names that count for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# UUIDs, with dashes and without, 24 hexadecimal digits, ULIDs, and the ids that language models
# give out. What has no digit is a word; 40 or 64 digits are a checksum, not drawn at random.
_RANDOM = (
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9a-zA-Z])(?:(?=[a-f]*[0-9])(?:[0-9a-f]{32}|[0-9a-f]{24})"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?:call|toolu|chatcmpl|msg|run|resp|thread|asst)[_-](?=[a-zA-Z]*[0-9])[0-9a-zA-Z]{16,}"
    r")(?![0-9a-zA-Z])"
)
_SHAPE = bytes(  # of a text: w for letters and digits, - for - and _, else a dot
    ord("w" if chr(n).isalnum() and n < 128 else "-" if chr(n) in "-_" else ".") for n in range(256)
)
SHORTEST = 20  # bytes of a random id
PLACE = b"\x01"  # stands where an id stood; JSON text holds no such byte


class Finder:
    """Finds random ids in texts, and the given *names* as if they were such."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        given = [re.escape(name) for name in sorted(set(names), key=len, reverse=True)]
        named = rf"(?<![0-9a-zA-Z])(?:{'|'.join(given)})(?![0-9a-zA-Z])|" if given else ""
        self._pattern = re.compile(f"({named}{_RANDOM})".encode())
        self._shortest = 1 if given else SHORTEST
        self._has_names = bool(given)
        self.named = lru_cache(65536)(self._named)

    def split(self, text: bytes) -> tuple[bytes, list[bytes]]:
        """Return *text* with a placeholder for each of its ids, and the ids, in order."""
        if not self._may_find(text):
            return text, []
        parts = self._pattern.split(text)
        return PLACE.join(parts[::2]), parts[1::2]

    def find(self, text: bytes) -> list[bytes]:
        """Return the ids in *text*, in order, as often as they stand there."""
        return self._pattern.findall(text) if self._may_find(text) else []

    def erase(self, text: bytes) -> bytes:
        """Return *text* with a placeholder for each of its ids."""
        return self.split(text)[0]

    def _may_find(self, text: bytes) -> bool:
        """Tell cheaply of most texts that they hold no id."""
        if len(text) < self._shortest:
            return False
        shape = text.translate(_SHAPE)
        return (
            b"-wwww-wwww-wwww-wwwwwwwwwwww" in shape
            or b"wwwwwwwwwwwwwwwwwwwwwwww" in shape
            or b"-wwwwwwwwwwwwwwww" in shape
            or self._has_names
        )

    def _named(self, text: str) -> tuple[bytes, ...]:
        """Return the ids in a name, such as that of a stream."""
        return tuple(self.find(text.encode()))


RANDOM = Finder()
