"""The hash chain: each event's hash covers the event and the hash of the one before it."""

from __future__ import annotations

from hashlib import sha256

from .errors import InvalidEventError
from .event import NewEvent

GENESIS = bytes(32)  # the hash "before" event 1


def chain_hash(before: bytes, position: int, event: NewEvent, recorded_at_ns: int) -> bytes:
    """
    Return the hash of *event* recorded at *position* after an event with hash *before*.

    SHA-256 over *before* and the event's fields as UTF-8, each text preceded by its length
    in characters, so that no two events share an encoding. The stream position is left out:
    it follows from the order. Raises InvalidEventError for text that has no UTF-8.
    """
    stream, id, type, source = event.stream, event.id, event.type, event.source
    data, metadata = event.data.text, event.metadata.text
    text = (
        f"{position};{len(stream)}:{stream}{len(id)}:{id}{len(type)}:{type}"
        f"{len(source)}:{source}{event.time_ns};{_optional(event.correlation_id)}"
        f"{_optional(event.causation_id)}{len(data)}:{data}{len(metadata)}:{metadata}"
        f"{recorded_at_ns}"
    )
    try:
        return sha256(before + text.encode()).digest()
    except UnicodeEncodeError as error:
        raise InvalidEventError(
            f"Event {id!r} ({type!r}) holds half a character ({error.reason}): it has no UTF-8."
        ) from None


def _optional(text: str | None) -> str:
    return "-" if text is None else f"{len(text)}:{text}"
