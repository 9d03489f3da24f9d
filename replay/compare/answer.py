"""What a comparison found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from laban.store.event import Event

Kind = Literal["changed", "only in A", "only in B", "moved", "other cause", "other ids"]


class Difference(Struct, frozen=True):
    """A part of two events that differs."""

    pointer: str  # from the event: /data/amount, /type
    a: Any  # JSON; MISSING when there is nothing
    b: Any


class Divergence(Struct, frozen=True, kw_only=True):
    """An event that differs in two logs, or is only in one of them, and why it counts."""

    kind: Kind
    stream: str  # in A; in B, for what A does not have
    stream_position: int
    a: Event | None
    b: Event | None
    differences: list[Difference]
    state_a: dict[str, Any] | None  # of the stream, after the event; None before it began
    state_b: dict[str, Any] | None
    cause: Event | None  # the nearest event before it, in A, that both logs have


class Compared(Struct, kw_only=True):
    """Where two logs part."""

    identical: bool
    order: str  # in which they were compared: causal, stream or global
    mask: str  # name of the profile that says what counts
    events_a: int
    events_b: int
    streams: int  # that differ; of the engine's own streams, one for each transaction
    roots: list[Divergence]  # the first ones, in order
    root_count: int  # all of them
    downstream: int  # events, or pairs of them, that come after a root in their order
    changed: int  # of these, such that differ by what they say
    guarantee: str
    notes: list[str]  # what the person should know about the answer
    masked: list[str] = []  # pointers that the baseline showed to be noise
    masked_streams: list[str] = []
    followers: list[tuple[int, int]] = []  # positions of the changed ones in A and B; 0: none

    def later(self) -> Iterator[tuple[int | None, int | None]]:
        """Yield the positions, in A and in B, of what differs downstream; None: it has none."""
        return ((a or None, b or None) for a, b in self.followers)
