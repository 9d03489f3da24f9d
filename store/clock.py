"""Times: nanoseconds since the Unix epoch inside, RFC 3339 in UTC outside."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND = 1_000_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


def parse_time(text: str) -> int:
    """
    Return an RFC 3339 time as nanoseconds since the epoch; without an offset it is UTC.

    Digits past the nanosecond are dropped. Raises ValueError for anything else.
    """
    if len(text) == 27 and text[26] == "Z" and text[19] == ".":  # ….123456Z, the usual form
        fraction = text[20:26]
        if fraction.isascii() and fraction.isdigit():
            return _whole_seconds(text[:19]) * SECOND + int(fraction) * 1000
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no RFC 3339 time such as 2026-11-21T09:30:00Z")
    day, hour, minute, second, fraction, offset = match.groups()
    seconds = _whole_seconds(f"{day}T{hour}:{minute}:{second}") - _offset_seconds(offset)
    return seconds * SECOND + int((fraction or "").ljust(9, "0"))


@lru_cache(maxsize=4096)
def _day(text: str) -> int:
    return (date.fromisoformat(text).toordinal() - _EPOCH) * 86_400


def _whole_seconds(text: str) -> int:
    if text[10] not in "Tt " or text[13] != ":" or text[16] != ":":
        raise ValueError(f"{text!r} is no RFC 3339 time such as 2026-11-21T09:30:00Z")
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    if hour > 23 or minute > 59 or second > 60:  # 60 is a leap second
        raise ValueError(f"{text!r} is not a time of day")
    return _day(text[:10]) + hour * 3600 + minute * 60 + second


def _offset_seconds(offset: str | None) -> int:
    if offset is None or offset in "Zz":
        return 0
    digits = offset[1:].replace(":", "")
    if int(digits[:2]) > 23 or int(digits[2:]) > 59:
        raise ValueError(f"{offset!r} is no offset from UTC such as +02:00")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if offset[0] == "-" else seconds


def format_time(time_ns: int) -> str:
    """Return nanoseconds since the epoch as RFC 3339, with 0, 3, 6 or 9 digits after the second."""
    seconds, fraction = divmod(time_ns, SECOND)
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    digits = f"{fraction:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{whole:%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{digits}Z"
