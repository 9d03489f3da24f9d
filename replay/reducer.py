"""The default reducer: what an event writes when no choreography says otherwise."""

from __future__ import annotations

from typing import Any

import msgspec

from laban.store.event import NewEvent

FINGERPRINT = "default/1"  # goes into the stamp of every index that it built

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def assignments(event: NewEvent) -> dict[str, str | None]:
    """
    Return what *event* assigns to the fields of its stream: JSON text, or None for a removal.

    Every top-level field of `data` is assigned whole, nulls included; the fields that
    `metadata.removes` lists and `data` does not name are removed.
    """
    written: dict[str, str | None] = {}
    if '"removes"' in event.metadata.text:
        removes = event.metadata.parsed.get("removes")
        if isinstance(removes, list):
            written = {field: None for field in removes if isinstance(field, str)}
    for field, raw in _fields.decode(event.data.text).items():
        written[field] = str(raw, "utf-8")
    return written


def reduce(state: dict[str, Any], event: NewEvent) -> dict[str, Any]:
    """Return the state of a stream after *event*, given the *state* before it."""
    after = dict(state)
    for field, text in assignments(event).items():
        if text is None:
            after.pop(field, None)
        else:
            after[field] = event.data[field]
    return after
