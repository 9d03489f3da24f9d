"""Findings: what an import could not take in as an event, kept beside the log."""

from __future__ import annotations

from msgspec import Struct

LOST = frozenset({"malformed", "conflict", "damaged", "skipped"})  # kinds: events may be missing


class Finding(Struct, frozen=True, kw_only=True):
    """Something in a source that is no event, or is one only by inference."""

    kind: str  # e.g. "malformed", "inferred"
    detail: str  # the reason, for a person
    origin: str = ""  # the file or address
    line: int | None = None  # 1, 2, 3, … in the origin
    raw: str | None = None  # the exact text that was found there

    @property
    def place(self) -> str:
        """Where it was found, for a person: "events.jsonl, line 3"."""
        return f"{self.origin}, line {self.line}" if self.line else self.origin
