"""What every log checks before it records anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import msgspec

from .errors import DuplicateIdError, InvalidEventError
from .event import NewEvent
from .jsontext import EMPTY, JsonObject, half_character

_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_LATEST_NS = 2**63 - 1


def check_batch(events: Sequence[NewEvent], expected: int | None) -> None:
    """Raise InvalidEventError unless each of *events* can be recorded."""
    for event in events:
        if not (event.stream and event.type and event.id and event.source):
            _refuse(event, "stream, type, id and source must not be empty")
        try:
            _object(event.data.text)
            if event.metadata is not EMPTY:
                _object(event.metadata.text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            _refuse(event, _why_no_object(event, error))
        if event.time_ns is not None and not -_LATEST_NS <= event.time_ns <= _LATEST_NS:
            _refuse(event, "its time must be in the years 1678 to 2262 (64-bit nanoseconds)")
    if expected is not None and len({event.stream for event in events}) > 1:
        raise InvalidEventError(
            "An append with an expected length takes the events of one stream: "
            "append the other streams' events apart."
        )


def check_same(offered: NewEvent, recorded: NewEvent, position: int) -> None:
    """Raise DuplicateIdError unless *offered* says what was *recorded* under its id."""
    if not _same(offered, recorded):
        raise DuplicateIdError(offered.source, offered.id, position)


def _same(a: NewEvent, b: NewEvent) -> bool:
    return (
        (a.stream, a.type, a.time_ns, a.correlation_id, a.causation_id)
        == (b.stream, b.type, b.time_ns, b.correlation_id, b.causation_id)
        and _says_the_same(a.data, b.data)
        and _says_the_same(a.metadata, b.metadata)
    )


def _says_the_same(a: JsonObject, b: JsonObject) -> bool:
    try:
        return a.text == b.text or a == b
    except (ValueError, RecursionError):  # endless digits, or too deep to be read
        return False


def _why_no_object(event: NewEvent, error: Exception) -> str:
    for part in (event.data, event.metadata):
        if (half := half_character(part.text)) is not None:
            return f"a text in it holds half a character, {half}: there is no UTF-8 for it"
    return f"data and metadata must be JSON objects, such as {{}} ({error})"


def _refuse(event: NewEvent, reason: str) -> NoReturn:
    raise InvalidEventError(f"Event {event.id!r} ({event.type!r}) cannot be recorded: {reason}.")
