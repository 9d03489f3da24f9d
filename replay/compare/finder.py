"""Finding ids that look drawn at random, and names that count for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# UUIDs, with dashes and without, 24 hexadecimal digits, ULIDs, and the ids that language models
# give out. What has no digit is a word; 40 or 64 digits are a checksum, not drawn at random.
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_OTHER = (
    r"(?<![0-9a-zA-Z])(?:(?=[a-f]*[0-9])(?:[0-9a-f]{32}|[0-9a-f]{24})"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?:call|toolu|chatcmpl|msg|run|resp|thread|asst)[_-](?=[a-zA-Z]*[0-9])[0-9a-zA-Z]{16,}"
    r")(?![0-9a-zA-Z])"
)
_uuids = re.compile(f"({_UUID})".encode())
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
        self._pattern = re.compile(f"({named}{_UUID}|{_OTHER})".encode())
        self._shortest = 1 if given else SHORTEST
        self._has_names = bool(given)
        self.named = lru_cache(65536)(self._named)

    def split(self, text: bytes) -> tuple[bytes, list[bytes]]:
        """Return *text* with a placeholder for each of its ids, and the ids, in order."""
        pattern = self._fitting(text)
        if pattern is None:
            return text, []
        parts = pattern.split(text)
        return PLACE.join(parts[::2]), parts[1::2]

    def find(self, text: bytes) -> list[bytes]:
        """Return the ids in *text*, in order, as often as they stand there."""
        pattern = self._fitting(text)
        return [] if pattern is None else pattern.findall(text)

    def erase(self, text: bytes) -> bytes:
        """Return *text* with a placeholder for each of its ids."""
        return self.split(text)[0]

    def _fitting(self, text: bytes) -> re.Pattern[bytes] | None:
        """Return the fastest pattern that finds all ids, None where there can be none."""
        if len(text) < self._shortest:
            return None
        shape = text.translate(_SHAPE)
        if self._has_names or b"w" * 24 in shape or b"-" + b"w" * 16 in shape:
            return self._pattern
        return _uuids if b"-wwww-wwww-wwww-wwwwwwwwwwww" in shape else None

    def _named(self, text: str) -> tuple[bytes, ...]:
        """Return the ids in a name, such as that of a stream."""
        return tuple(self.find(text.encode()))


RANDOM = Finder()
