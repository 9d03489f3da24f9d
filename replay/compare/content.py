"""What an event says, as bytes that are equal where two runs say the same."""

from __future__ import annotations

import json
from functools import lru_cache
from math import isfinite
from typing import Any
from zlib import crc32

import msgspec

from laban.store.event import Event
from laban.store.jsontext import EMPTY, to_json

from .chains import Chains
from .mask import Mask, Pruner, ignores
from .references import Refer, References

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Reader:
    """Reads events as a mask lets them count; *refer* finds events by their ids."""

    def __init__(self, mask: Mask, chains: Chains, refer: Refer) -> None:
        self.mask, self.finder = mask, chains.finder
        self._data = _Part(mask, "data", chains, refer)
        self._of_engine = _Part(mask, "data", chains, refer, of_engine=True)
        self._metadata = _Part(mask, "metadata", chains, refer)
        self._source = not ignores(mask, "source")
        self._correlation = not ignores(mask, "correlation_id")

    def read(self, event: Event) -> tuple[bytes, list[bytes]]:
        """Return what counts of *event*, a placeholder for each random id, and those ids."""
        text = b"%b\0%b\0%b" % (
            _head(event.type, event.source if self._source else ""),
            _correlation(event.correlation_id) if self._correlation else b"",
            self._part_of(event).text(event.data.text, event),
        )
        if event.metadata is not EMPTY:
            metadata = self._metadata.text(event.metadata.text, event)
            if metadata != b"{}":
                text = b"%b\0%b" % (text, metadata)
        return self.finder.split(text) if self.mask.aliases else (text, [])

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
        kept["data"] = self._part_of(event).value(event.data.text, event)
        kept["metadata"] = self._metadata.value(event.metadata.text, event)
        return kept

    def _part_of(self, event: Event) -> _Part:
        return self._of_engine if event.stream[:1] == "$" else self._data


class _Part:
    """The `data` or the `metadata` of events."""

    def __init__(
        self, mask: Mask, name: str, chains: Chains, refer: Refer, *, of_engine: bool = False
    ) -> None:
        self._pruner = Pruner(mask, name, of_engine=of_engine)
        self._references = References(mask, name, chains, refer)
        self._is_whole = self._pruner.is_idle and self._references.is_idle

    def text(self, text: str, event: Event) -> bytes:
        """Return JSON with sorted names; numbers that Python reads alike are alike."""
        try:
            value = _decode(text)
            return _encode(value if self._is_whole else self._kept(value, event))
        except (msgspec.MsgspecError, UnicodeError):  # half a character; a number past all bounds
            value = self.value(text, event)
            return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    def value(self, text: str, event: Event) -> Any:
        """Return what counts, as JSON."""
        return self._kept(json.loads(text, parse_float=_number), event)

    def _kept(self, value: dict[str, Any], event: Event) -> dict[str, Any]:
        kept = self._pruner.prune(value)
        self._references.put_places(kept, event)
        return kept


def kind_of(event: Event) -> int:
    """Return a checksum of an event's type and source."""
    return _kind(event.type, event.source)


@lru_cache(4096)
def _kind(type: str, source: str) -> int:
    return crc32(_head(type, source))


@lru_cache(4096)
def _head(type: str, source: str) -> bytes:
    return f"{len(type)}:{type}\0{len(source)}:{source}".encode()


def _correlation(id: str | None) -> bytes:
    return b"" if id is None else f"{len(id)}:{id}".encode()


def _number(text: str) -> float | str:
    """Return a number; as text where it is past all bounds, so that two of them differ."""
    value = float(text)
    return value if isfinite(value) else f"number {text}"
