"""Parts of a log: a range of positions, a transaction or a stream, compared like whole logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from laban.replay.builder import CancelledError, Progress
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, UnknownStreamError
from laban.store.event import Event

from .chains import Chains
from .finder import Finder
from .hashing import Hasher
from .mask import Mask

BATCH = 10_000  # events between two looks at *cancelled*
NAMED = 200  # names of streams that count for nothing, at most


class EmptyPartError(LabanError):
    """No event is in the part."""


class Part(Struct, frozen=True):
    """The events of a timeline that lie in a range and belong to a transaction or a stream."""

    timeline: Timeline
    first: int = 1
    last: int | None = None  # None: the head
    correlation: str | None = None
    stream: str | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left out."""
        return self.correlation is self.stream is None and (self.first, self.end) == (
            1,
            self.timeline.head,
        )

    @property
    def folder(self) -> Path | None:
        """Where the index of the timeline is kept, None for one in memory."""
        path = self.timeline.index.path
        return None if path is None else path.parent

    @property
    def end(self) -> int:
        """The last position of the range."""
        return self.timeline.head if self.last is None else self.last

    def events(self) -> Iterator[Event]:
        """Yield the events, in order. Raises EmptyPartError or UnknownStreamError."""
        found = self._events()
        first = next(found, None)
        if first is None:
            self._complain()
        else:
            yield first
            yield from found

    def _events(self) -> Iterator[Event]:
        log = self.timeline.log
        if self.correlation is not None:
            events = iter(log.correlated(self.correlation))
        elif self.stream is not None:
            events = log.read_stream(self.stream)
        else:
            events = log.read(self.first, self.end)
        for event in events:
            inside = self.first <= event.position <= self.end
            if inside and self.stream in (None, event.stream):
                yield event

    def _complain(self) -> None:
        if self.stream is not None and not self.timeline.log.length(self.stream):
            raise UnknownStreamError(self.stream, self.timeline.similar_streams(self.stream))
        of = f"of correlation {self.correlation!r} " if self.correlation is not None else ""
        raise EmptyPartError(
            f"No event {of}lies between @{self.first} and @{self.end}: "
            "`laban log LOG --json` shows positions and correlations."
        )

    def names(self) -> set[str]:
        """Return what the part is about: its transaction, and streams as it names them."""
        if self.correlation is None and self.stream is None:
            return set()
        streams = (event.stream for event in self.events() if event.stream[:1] != "$")
        names = set(islice(dict.fromkeys(streams), NAMED))
        return names if self.correlation is None else names | {self.correlation}


def chains_of_part(
    part: Part,
    mask: Mask,
    names: set[str],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Chains:
    """Return the chains of *part*, in which *names* count for nothing."""
    positions: list[int] = []
    chains = Chains(positions=positions, finder=Finder(names))
    hasher = Hasher(chains, part.timeline.log, mask)
    for event in part.events():
        positions.append(event.position)
        hasher.add(event)
        if len(positions) % BATCH == 0:
            progress(event.position - part.first, part.end - part.first + 1)
            if cancelled():
                raise CancelledError(f"Cancelled after {len(positions):,} events.")
    return chains
