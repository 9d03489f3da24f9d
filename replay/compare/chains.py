"""
The hashes of a log's events, in lanes that are the same however its lanes interleave.

A lane is a stream; of the engine's own streams (`$actions`, …), which all transactions share,
the part that belongs to one transaction. Each event has three hashes: *own*, of what it says
with random ids left out; *content*, of that and of where those ids came up before; *causal*,
of its content and the causal hashes of the event before it in its lane and of its causes, so
it stands for all that happened before the event and to it (a Merkle DAG).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from struct import Struct as Layout

import msgspec

from laban.store.event import Event

from .finder import RANDOM, Finder

ROW = Layout("<IIIIII8s8s16s")
ROW_SIZE = ROW.size
HEAD = Layout("<IIIII")  # what a row begins with
OWN, CONTENT, CAUSAL = 24, 32, 40  # where the hashes stand in a row

Key = tuple[str, str | None]  # a stream; with the transaction for a stream of the engine


class Row(msgspec.Struct, frozen=True, gc=False):
    """An event, by its number in a selection of events: 1, 2, 3, …"""

    lane: int
    index: int  # in the lane: 0, 1, 2, …
    previous: int  # the number of the one before it in the lane, 0 for the first
    cause: int  # the number of its first cause, 0 without a known one
    exit: int  # the nearest of its cause, the cause of that, … in another lane, 0 for none
    kind: int  # a checksum of its type and source
    own: bytes
    content: bytes
    causal: bytes


class Lane(msgspec.Struct, array_like=True):
    """Events that follow one another, and the last of them."""

    stream: str
    correlation: str | None
    count: int = 0
    last: int = 0  # number of the last event
    end: bytes = b""  # its causal hash: it stands for the whole lane

    @property
    def key(self) -> Key:
        """What the lane is called."""
        return self.stream, self.correlation


def lane_name(chains: Chains, lane: int) -> bytes:
    """Return what a lane is called, with placeholders for random ids."""
    return chains.finder.erase("\0".join(filter(None, chains.lanes[lane].key)).encode())


def lane_key(event: Event) -> Key:
    """Return the lane that an event belongs to."""
    stream = event.stream
    return (stream, event.correlation_id if stream[:1] == "$" else None)


class Chains:
    """
    The lanes and rows of a selection of events.

    Rows are numbered from 1 in the order of the log. *stored* holds the first ones, packed;
    more can be added.
    """

    def __init__(
        self,
        lanes: list[Lane] | None = None,
        stored: memoryview | None = None,
        more: dict[int, tuple[int, ...]] | None = None,
        positions: Sequence[int] | None = None,
        finder: Finder = RANDOM,
    ) -> None:
        self.lanes = lanes or []
        self.more = more or {}  # further causes of the few events that name several
        self.positions = positions  # by number - 1; None: the number is the position
        self.finder = finder
        self._stored = stored if stored is not None else memoryview(b"")
        self._base = len(self._stored) // ROW_SIZE
        self.fresh = bytearray()

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """The lanes by what they are called."""
        return {(lane.stream, lane.correlation): n for n, lane in enumerate(self.lanes)}

    def __len__(self) -> int:
        return self._base + len(self.fresh) // ROW_SIZE

    def position(self, number: int) -> int:
        """Return the position in the log of an event."""
        return number if self.positions is None else self.positions[number - 1]

    def number(self, position: int) -> int:
        """Return the number of the event at a position of the log, 0 when it is not selected."""
        if self.positions is None:
            return position
        place = bisect_left(self.positions, position)
        found = place < len(self.positions) and self.positions[place] == position
        return place + 1 if found else 0

    def row(self, number: int) -> Row:
        """Return the row of an event."""
        return Row(*ROW.unpack_from(*self._place(number)))

    def causal(self, number: int) -> bytes:
        """Return the causal hash of an event."""
        rows, place = self._place(number)
        return bytes(rows[place + CAUSAL : place + ROW_SIZE])

    def own(self, number: int) -> bytes:
        """Return the own hash of an event."""
        rows, place = self._place(number)
        return bytes(rows[place + OWN : place + CONTENT])

    def place(self, number: int) -> str:
        """Return where an event stands, in words that are the same in every interleaving."""
        row = self.row(number)
        return f"{lane_name(self, row.lane).decode(errors='replace')}@{row.index}"

    def causes(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the events that an event names as its causes."""
        first = self.row(number).cause
        return (first, *self.more.get(number, ())) if first else ()

    def leaves(self, lane: int, cause: int) -> int:
        """Return the first event outside of a lane on the way up from *cause*, 0 for none."""
        if not cause:
            return 0
        rows, place = self._place(cause)
        lane_of, _, _, _, leads = HEAD.unpack_from(rows, place)
        return cause if lane_of != lane else int(leads)

    def members(self, lane: int) -> list[int]:
        """Return the numbers of a lane's events, oldest first."""
        number, found = self.lanes[lane].last, []
        while number:
            found.append(number)
            rows, place = self._place(number)
            number = int.from_bytes(rows[place + 8 : place + 12], "little")
        return found[::-1]

    def lane_of(self, key: Key) -> int:
        """Return the number of a lane, made if it is new."""
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.lanes)
            self.lanes.append(Lane(*key))
        return number

    def add(self, lane: int, cause: int, kind: int, *hashes: bytes) -> None:
        """Append the row of an event that comes last in its lane: own, content, causal hash."""
        entry = self.lanes[lane]
        leads = self.leaves(lane, cause)
        self.fresh += ROW.pack(lane, entry.count, entry.last, cause, leads, kind, *hashes)
        entry.count += 1
        entry.last = len(self)
        entry.end = hashes[-1]

    def rest_on(self, stored: memoryview) -> None:
        """Let go of the fresh rows: *stored* holds all of them now."""
        self._stored, self.fresh = stored, bytearray()
        self._base = len(stored) // ROW_SIZE

    def _place(self, number: int) -> tuple[memoryview | bytearray, int]:
        if number <= self._base:
            return self._stored, (number - 1) * ROW_SIZE
        return self.fresh, (number - 1 - self._base) * ROW_SIZE
