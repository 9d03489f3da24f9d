"""What an event says, as bytes that are equal where two runs say the same."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from zlib import crc32

import msgspec

from laban.store.event import Event
from laban.store.jsontext import to_json

from .finder import RANDOM, Finder
from .mask import Mask, Pruner, ignores

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Reader:
    """Reads events as a mask lets them count."""

    def __init__(self, mask: Mask, finder: Finder = RANDOM) -> None:
        self.mask, self.finder = mask, finder
        self._data, self._metadata = Pruner(mask, "data"), Pruner(mask, "metadata")
        self._of_engine = Pruner(mask, "data", of_engine=True)
        self._source = not ignores(mask, "source")
        self._correlation = not ignores(mask, "correlation_id")

    def read(self, event: Event) -> tuple[bytes, list[bytes]]:
        """Return what counts of *event*, a placeholder for each random id, and those ids."""
        text = b"%b\0%b\0%b" % (
            _head(event.type, event.source if self._source else ""),
            (event.correlation_id or "").encode() if self._correlation else b"",
            _canonical(event.data.text, self._pruner(event)),
        )
        if event.metadata.text != "{}":
            metadata = _canonical(event.metadata.text, self._metadata)
            if metadata != b"{}":
                text = b"%b\0%b" % (text, metadata)
        if self.mask.aliases and self.finder.may_find(text):
            return self.finder.erase(text), self.finder.find(text)
        return text, []

    def plain(self, value: Any) -> bytes:
        """Return a JSON value as text that is equal where only random ids differ."""
        text = to_json(value).encode()
        return self.finder.erase(text) if self.mask.aliases else text

    def value(self, event: Event) -> dict[str, Any]:
        """Return what counts of *event* as JSON, random ids included."""
        kept: dict[str, Any] = {"type": event.type}
        if self._source:
            kept["source"] = event.source
        if self._correlation:
            kept["correlation_id"] = event.correlation_id
        kept["data"] = self._pruner(event).prune(json.loads(event.data.text))
        kept["metadata"] = self._metadata.prune(json.loads(event.metadata.text))
        return kept

    def _pruner(self, event: Event) -> Pruner:
        return self._of_engine if event.stream[:1] == "$" else self._data


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
