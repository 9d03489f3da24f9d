"""The promise that every log keeps, wherever it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from .event import Event, NewEvent
from .finding import Finding

NO_STREAM = 0  # as *expected*: the stream must not exist yet
ANY = None  # as *expected*: whatever the stream holds


class EventLog(Protocol):
    """
    An append-only log of events with a gapless global order.

    Implementations are safe to use from several threads.
    """

    @property
    def identity(self) -> str:
        """A random name given to the log when it was made; a copy keeps it."""
        ...

    def append(self, *events: NewEvent, expected: int | None = ANY) -> Sequence[int]:
        """
        Record *events*, all or none, and return their positions.

        An event whose (source, id) is recorded already keeps its first position; the same
        id with other content raises DuplicateIdError. With *expected*, all events must be
        of one stream; raises ConflictError unless it holds exactly that many events
        (events recorded already are not counted against it).
        """
        ...

    def head(self) -> int:
        """Return the last position, 0 when the log is empty."""
        ...

    def get(self, position: int) -> Event:
        """Return the event at *position*. Raises UnknownPositionError."""
        ...

    def read(self, start: int = 1, stop: int | None = None) -> Iterator[Event]:
        """Yield events from position *start* up to and including *stop*."""
        ...

    def read_stream(self, stream: str, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        """Yield a stream's events from stream position *start* up to and including *stop*."""
        ...

    def length(self, stream: str) -> int:
        """Return how many events *stream* holds, 0 when there is no such stream."""
        ...

    def find(self, id: str) -> Sequence[Event]:
        """Return the events with this id, in order: at most one of each source."""
        ...

    def caused_by(self, id: str, *, after: int = 0, limit: int | None = None) -> Sequence[Event]:
        """Return the events past *after* that name *id* as their cause, the first *limit*."""
        ...

    def count_caused_by(self, id: str) -> int:
        """Return how many events name *id* as their cause."""
        ...

    def correlated(
        self, correlation_id: str | None, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Event]:
        """
        Return the events of a business transaction past *after*, the first *limit*, in order.

        There are none for None.
        """
        ...

    def subscribe(self, after: int = 0, *, timeout: float | None = None) -> Iterator[Event]:
        """
        Yield every event past position *after*, then wait for more, also from other processes.

        Ends when nothing new came for *timeout* seconds; never, when that is None.
        """
        ...

    def note(self, *findings: Finding) -> None:
        """Keep *findings* beside the log; one that is kept already is not kept twice."""
        ...

    def findings(self) -> Sequence[Finding]:
        """Return the findings, in the order they were noted."""
        ...

    def about(self) -> Mapping[str, str]:
        """Return what is kept about the log as a whole, by name; `identity` is one of them."""
        ...

    def describe(self, name: str, text: str) -> None:
        """Keep *text* about the log as a whole, in place of what was kept under that name."""
        ...

    def close(self) -> None:
        """Give back files and connections; the log cannot be used any more."""
        ...
