"""What an event says, as bytes that are equal where two runs say the same."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any
from zlib import crc32

import msgspec

from laban.store.event import Event
from laban.store.jsontext import to_json

from .mask import Mask, Pruner, ignores

# UUIDs, long runs of hexadecimal digits, ULIDs, and the ids that language models give out.
_RANDOM = (
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9a-zA-Z])(?:[0-9a-f]{24,64}|[0-7][0-9A-HJKMNP-TV-Z]{25}"
    r"|(?:call|toolu|chatcmpl|msg|run|resp|thread|asst)[_-][0-9a-zA-Z]{16,})(?![0-9a-zA-Z])"
)
_random = re.compile(_RANDOM.encode())
_SHAPE = bytes(  # of a text: w for letters and digits, - for - and _, else a dot
    ord("w" if chr(n).isalnum() and n < 128 else "-" if chr(n) in "-_" else ".") for n in range(256)
)
_PLACE = b"\x01"  # stands where a random id stood; JSON text holds no such byte

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_DIGIT = re.compile(rb"[0-9]")


def _may_hold_ids(text: bytes) -> bool:
    """Tell cheaply that most texts hold none."""
    shape = text.translate(_SHAPE)
    return (
        b"-wwwwwwwwwwwwwwww" in shape
        or b"wwwwwwwwwwwwwwwwwwwwwwww" in shape
        or b"-wwww-wwww-wwww-wwwwwwwwwwww" in shape
    )


def random_ids(text: bytes) -> list[bytes]:
    """Return the parts of *text* that look drawn at random, in order, as often as they stand."""
    if not _may_hold_ids(text):
        return []
    return [found for found in _random.findall(text) if _DIGIT.search(found)]


def without_ids(text: bytes) -> bytes:
    """Return *text* with a placeholder for each of its random ids."""
    return _random.sub(_placed, text) if _may_hold_ids(text) else text


def _placed(found: re.Match[bytes]) -> bytes:
    return _PLACE if _DIGIT.search(found[0]) else found[0]


@lru_cache(65536)
def named_ids(text: str) -> list[bytes]:
    """Return the random ids in a name, such as that of a stream."""
    return random_ids(text.encode())


class Reader:
    """Reads events as a mask lets them count."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self._data, self._metadata = Pruner(mask, "data"), Pruner(mask, "metadata")
        self._source = not ignores(mask, "source")
        self._correlation = not ignores(mask, "correlation_id")

    def read(self, event: Event) -> tuple[bytes, list[bytes]]:
        """Return what counts of *event*, a placeholder for each random id, and those ids."""
        text = b"%b\0%b\0%b" % (
            _head(event.type, event.source if self._source else ""),
            (event.correlation_id or "").encode() if self._correlation else b"",
            _canonical(event.data.text, self._data),
        )
        if event.metadata.text != "{}":
            metadata = _canonical(event.metadata.text, self._metadata)
            if metadata != b"{}":
                text = b"%b\0%b" % (text, metadata)
        if self.mask.aliases and _may_hold_ids(text):
            return without_ids(text), random_ids(text)
        return text, []

    def value(self, event: Event) -> dict[str, Any]:
        """Return what counts of *event* as JSON, random ids included."""
        kept: dict[str, Any] = {"type": event.type}
        if self._source:
            kept["source"] = event.source
        if self._correlation:
            kept["correlation_id"] = event.correlation_id
        kept["data"] = self._data.prune(json.loads(event.data.text))
        kept["metadata"] = self._metadata.prune(json.loads(event.metadata.text))
        return kept


def kind_of(event: Event) -> int:
    """Return a checksum of an event's type and source."""
    return _kind(event.type, event.source)


@lru_cache(4096)
def _kind(type: str, source: str) -> int:
    return crc32(_head(type, source))


@lru_cache(4096)
def _head(type: str, source: str) -> bytes:
    return f"{len(type)}:{type}\0{source}".encode()


def _canonical(text: str, pruner: Pruner) -> bytes:
    """Return JSON with sorted names; numbers that Python reads alike are alike."""
    try:
        value = _decode(text)
        return _encode(value if pruner.is_idle else pruner.prune(value))
    except (
        msgspec.MsgspecError,
        UnicodeError,
    ):  # halves of characters, and numbers past all bounds
        value = pruner.prune(json.loads(text))
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def plain(value: Any) -> bytes:
    """Return *value* as text with placeholders: equal where only random ids differ."""
    return without_ids(to_json(value).encode())
