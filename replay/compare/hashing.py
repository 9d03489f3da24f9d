"""Hashing events into chains."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from laban.store.event import Event
from laban.store.jsontext import EMPTY
from laban.store.log import EventLog

from .chains import Chains, lane_key, lane_name
from .content import Reader, kind_of
from .ids import Ids, Naming
from .mask import Mask

RECENT = 200_000  # ids of events kept in memory, to find causes by; others are looked up
UNKNOWN = b"?"  # a cause is named that is not there, or was recorded later


class Hasher:
    """Appends the rows of events, which come in the order of the log, to chains."""

    def __init__(self, chains: Chains, log: EventLog, mask: Mask) -> None:
        self.chains, self.log, self.mask = chains, log, mask
        self.reader = Reader(mask, chains, self.number)
        self.ids = Ids(chains, self._reread)
        self._young: dict[str, int] = {}  # ids of events to their numbers, the newest ones
        self._old: dict[str, int] = {}
        self._genesis: dict[bytes, bytes] = {}

    def add(self, event: Event) -> None:
        """Append the row of *event*."""
        chains = self.chains
        lane = chains.lane_of(lane_key(event))
        entry = chains.lanes[lane]
        if event.stream in self.mask.streams:
            self._add_nothing(event, lane)
            return
        causes = self._causes(event)
        known = [number for number in causes if number]
        cause = known[0] if known else 0
        text, ids = self.reader.read(event)
        own = content = blake2b(text, digest_size=8).digest()
        if self.mask.aliases:
            content = self._content(event, lane, cause, own, ids)
        parts = [content, entry.end or self._start(lane)]
        parts += [chains.causal(number) if number else UNKNOWN for number in causes]
        causal = blake2b(b"".join(parts), digest_size=16).digest()
        chains.add(lane, cause, kind_of(event), own, content, causal)
        if len(known) > 1:
            chains.more[entry.last] = tuple(known[1:])
        self._remember(event.id, entry.last)

    def _content(self, event: Event, lane: int, cause: int, own: bytes, ids: list[bytes]) -> bytes:
        """Return the hash of what an event says and of where the ids in it came up before."""
        own_ids = self.chains.finder.find(event.id.encode())
        if not ids and not own_ids:
            return own
        names = self.ids.names(lane, cause, ids)
        self.ids.note(lane, self.chains.lanes[lane].count, (*ids, *own_ids))
        return blake2b(own + names, digest_size=8).digest() if ids else own

    def _add_nothing(self, event: Event, lane: int) -> None:
        """Append a row that is the same for all events of streams that do not count."""
        self.chains.add(lane, 0, 0, b"", b"", b"")
        self._remember(event.id, len(self.chains))

    def _start(self, lane: int) -> bytes:
        """Return what stands for the beginning of a lane."""
        name = lane_name(self.chains, lane)
        found = self._genesis.get(name)
        if found is None:
            found = self._genesis[name] = blake2b(name, digest_size=16).digest()
        return found

    def _causes(self, event: Event) -> list[int]:
        """Return the numbers of the causes that *event* names, 0 for those not known."""
        named = [event.causation_id] if event.causation_id is not None else []
        if event.metadata is not EMPTY and '"causes"' in event.metadata.text:
            more = event.metadata.parsed.get("causes")
            if isinstance(more, list):
                named += [id for id in more if isinstance(id, str) and id not in named]
        return [self.number(id, event) for id in named]

    def number(self, id: str, event: Event) -> int:
        """Return the number of the event before *event* that has an id, 0 when there is none."""
        number = self._young.get(id)
        if number is None:
            number = self._old.get(id)
        if number is None:
            number = self._young[id] = earlier_number(self.log, self.chains, id, event)
        return number

    def _remember(self, id: str, number: int) -> None:
        self._young[id] = number
        if len(self._young) > RECENT:
            self._old, self._young = self._young, {}

    def _reread(self, lane: int, count: int) -> Iterator[Naming]:
        """Yield the ids that the first *count* events of a lane name."""
        if self.chains.lanes[lane].stream in self.mask.streams:
            return
        for number in self.chains.members(lane)[:count]:
            event = self.log.get(self.chains.position(number))
            ids = self.reader.read(event)[1]
            yield (*ids, *self.chains.finder.find(event.id.encode()))


def earlier_number(log: EventLog, chains: Chains, id: str, event: Event) -> int:
    """Return the number of the last event before *event* that has an id, 0 when there is none."""
    earlier = [found.position for found in log.find(id) if found.position < event.position]
    return chains.number(earlier[-1]) if earlier else 0
