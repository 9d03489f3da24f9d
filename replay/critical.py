"""The critical path of a business transaction: the chain of causes that ends last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from msgspec import Struct

from laban.store.event import Event

from .builder import CancelledError, Progress
from .explain import cause_of
from .explain.story import other_causes
from .timeline import Timeline

PAGE = 5_000  # events read at a time
Link = TypeVar("Link")
Key = tuple[int, int]  # when an event was, and its position


class CriticalPath(Struct, frozen=True):
    """A chain of causes, the root first."""

    correlation_id: str
    events: list[Event]
    count: int  # events of the transaction
    timeless: int  # of them have no time

    @property
    def by_time(self) -> bool:
        """Whether "last" is told by recorded times; else by positions."""
        return not self.timeless

    @property
    def lasted_ns(self) -> int | None:
        """How long it took from its first event to its last; None without times."""
        first, last = self.events[0].time_ns, self.events[-1].time_ns
        return None if first is None or last is None else last - first


def critical_path(
    timeline: Timeline,
    correlation_id: str,
    progress: Progress = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CriticalPath:
    """
    Return the critical path of the events of *correlation_id*, of which there must be one.

    It ends with the last of them. By recorded times where all have one, else by positions.
    Reads each once, and keeps two of them; then follows the causes upwards, within the
    transaction and what the engine decided for it. Raises CancelledError.
    """
    latest: Event | None = None  # by time
    last: Event | None = None  # by position
    count = timeless = 0
    for event in _correlated(timeline, correlation_id):
        if count % PAGE == 0:
            progress(event.position, timeline.head)
            if cancelled():
                raise CancelledError(f"Cancelled after {count:,} events.")
        last, count = event, count + 1
        timeless += event.time_ns is None
        if latest is None or _when(event) >= _when(latest):
            latest = event
    assert last is not None
    assert latest is not None

    def causes(event: Event) -> Iterator[Event]:
        if cancelled():
            raise CancelledError(f"Cancelled at @{event.position:,}.")
        return (e for e in _causes(timeline, event) if e.correlation_id in (correlation_id, None))

    end, when = (last, _place) if timeless else (latest, _when)
    return CriticalPath(correlation_id, latest_chain(end, causes, when), count, timeless)


def latest_chain(
    last: Link, causes: Callable[[Link], Iterable[Link]], when: Callable[[Link], Any]
) -> list[Link]:
    """
    Return the chain of causes from a root to *last* on which everything waited.

    Ahead of each link stands the one of its causes that was last; one that stands in the
    chain already is passed over, so a circle ends.
    """
    chain = [last]
    seen = {when(last)}
    while waited := [cause for cause in causes(chain[-1]) if when(cause) not in seen]:
        chain.append(max(waited, key=when))
        seen.add(when(chain[-1]))
    return chain[::-1]


def _correlated(timeline: Timeline, correlation_id: str) -> Iterator[Event]:
    after = 0
    while page := timeline.log.correlated(correlation_id, after=after, limit=PAGE):
        yield from (event for event in page if event.position <= timeline.head)
        after = page[-1].position


def _causes(timeline: Timeline, event: Event) -> Iterator[Event]:
    """Yield the cause of *event*, and those that a join waited for besides."""
    if (cause := cause_of(timeline, event)) is not None:
        yield cause
    yield from (timeline.log.get(position) for position in other_causes(timeline, event))


def _when(event: Event) -> Key:
    return (event.time_ns or 0, event.position)


def _place(event: Event) -> Key:
    return (0, event.position)
