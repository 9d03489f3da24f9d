"""Findings: what an import could not take in as an event, kept beside the log."""

from __future__ import annotations

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """Something in a source that is no event, or is one only by inference."""

    kind: str  # e.g. "malformed", "inferred"
    detail: str  # the reason, for a person
    origin: str = ""  # the file or address
    line: int | None = None  # 1, 2, 3, … in the origin
    raw: str | None = None  # the exact text that was found there
