"""Finding ids that look drawn at random, and names that count for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# UUIDs, with dashes and without, 24 hexadecimal digits, ULIDs, and the ids that language models
# give out. The 40 or 64 digits of a checksum are not drawn at random.
_RANDOM = (
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9a-zA-Z])(?:[0-9a-f]{32}|[0-9a-f]{24}|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?:call|toolu|chatcmpl|msg|run|resp|thread|asst)[_-][0-9a-zA-Z]{16,})(?![0-9a-zA-Z])"
)
_SHAPE = bytes(  # of a text: w for letters and digits, - for - and _, else a dot
    ord("w" if chr(n).isalnum() and n < 128 else "-" if chr(n) in "-_" else ".") for n in range(256)
)
_DIGIT = re.compile(rb"[0-9]")
SHORTEST = 20  # bytes of a random id
PLACE = b"\x01"  # stands where an id stood; JSON text holds no such byte


class Finder:
    """
    Finds random ids in texts, and the given *names* as if they were such.

    What looks random but has no digit is a word.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        given = [re.escape(name) for name in sorted(set(names), key=len, reverse=True)]
        named = rf"(?<![0-9a-zA-Z])(?:{'|'.join(given)})(?![0-9a-zA-Z])|" if given else ""
        self._pattern = re.compile((named + _RANDOM).encode())
        self._names = {name.encode() for name in names}
        self._shortest = 1 if given else SHORTEST
        self.named = lru_cache(65536)(self._named)

    def find(self, text: bytes) -> list[bytes]:
        """Return the ids in *text*, in order, as often as they stand there."""
        if len(text) < self._shortest or not self.may_find(text):
            return []
        return [found for found in self._pattern.findall(text) if self._counts(found)]

    def erase(self, text: bytes) -> bytes:
        """Return *text* with a placeholder for each of its ids."""
        return self._pattern.sub(self._place, text) if self.may_find(text) else text

    def may_find(self, text: bytes) -> bool:
        """Tell cheaply of most texts that they hold no id."""
        shape = text.translate(_SHAPE)
        return (
            bool(self._names)
            or b"-wwwwwwwwwwwwwwww" in shape
            or b"wwwwwwwwwwwwwwwwwwwwwwww" in shape
            or b"-wwww-wwww-wwww-wwwwwwwwwwww" in shape
        )

    def _named(self, text: str) -> tuple[bytes, ...]:
        """Return the ids in a name, such as that of a stream."""
        return tuple(self.find(text.encode()))

    def _counts(self, found: bytes) -> bool:
        return found in self._names or _DIGIT.search(found) is not None

    def _place(self, found: re.Match[bytes]) -> bytes:
        return PLACE if self._counts(found[0]) else found[0]


RANDOM = Finder()
