"""Addresses: `@1205`, `order-17@52`, `#evt-id`, `+12.4s`, `50%`, `head`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from laban.store.clock import SECOND
from laban.store.errors import LabanError, UnknownPositionError, UnknownStreamError

if TYPE_CHECKING:
    from .timeline import Timeline

HEAD = "head"
_FORMS = "@1205, order-17@52, #evt-id, +12.4s, 50% or head"
_LATEST_NS = 2**63 - 1  # SQLite's integers go no further
_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}


class BadAddressError(LabanError):
    """The text is no address, or nothing is there."""


def resolve(timeline: Timeline, address: str) -> int:
    """
    Return the position that *address* means in *timeline*.

    A time means the last event before the log's clock passed it; a percentage, that share
    of the positions. Raises BadAddressError, UnknownPositionError or UnknownStreamError.
    """
    text = address.strip()
    if text == HEAD:
        return timeline.head
    if match := re.fullmatch(r"@?(\d{1,18})", text, re.ASCII):
        return _within(timeline, int(match[1]))
    if match := re.fullmatch(r"\+(\d+(?:\.\d+)?)(ms|s|m|h)", text, re.ASCII):
        return _at_time(timeline, float(match[1]), match[2])
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)%", text, re.ASCII):
        return _at_share(timeline, float(match[1]), text)
    if text.startswith("#") and (found := timeline.log.find(text[1:])):
        return _within(timeline, found[0].position)
    match = re.fullmatch(r"(.+)@(\d{1,18})", text, re.ASCII | re.DOTALL)
    if match and (timeline.log.length(match[1]) or not text.startswith("#")):
        return _in_stream(timeline, match[1], int(match[2]))
    if text.startswith("#") and len(text) > 1:
        raise BadAddressError(
            f"No event has the id {text[1:]!r}: `laban log LOG --json` shows the ids."
        )
    raise BadAddressError(f"{address!r} is no address: write {_FORMS}.")


def _within(timeline: Timeline, position: int) -> int:
    if position > timeline.head:
        raise UnknownPositionError(position, timeline.head)
    return position


def _in_stream(timeline: Timeline, stream: str, number: int) -> int:
    for event in timeline.log.read_stream(stream, number, number):
        return _within(timeline, event.position)
    if length := timeline.log.length(stream):
        raise BadAddressError(
            f"Stream {stream!r} has no event {number}: it holds {length}, numbered from 0."
        )
    raise UnknownStreamError(stream, timeline.similar_streams(stream))


def _at_share(timeline: Timeline, percent: float, text: str) -> int:
    if percent > 100:
        raise BadAddressError(f"{text!r} is past the end: write 0% to 100%.")
    return round(timeline.head * percent / 100)


def _at_time(timeline: Timeline, amount: float, unit: str) -> int:
    start = timeline.start_ns
    if start is None:
        raise BadAddressError("No event of this log has a time: write a position such as @12.")
    until = start + round(min(amount * _UNITS[unit], _LATEST_NS - start))
    first, last = timeline.ticks_around(until)
    found = first
    for event in timeline.log.read(first, last):
        if event.time_ns is not None and event.time_ns > until:
            break
        found = event.position
    return found
