"""The first event at which a test is true, in each group of events: one pass for all groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from laban.replay.builder import Progress
from laban.replay.expression import Expression
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .truth import Truth

GROUPS: dict[str, Callable[[Event], str]] = {  # what an event belongs to
    "correlation": lambda event: event.correlation_id or event.stream,
    "stream": lambda event: event.stream,
    "source": lambda event: event.source,
}


class FirstIn(Struct, frozen=True):
    """Where a test turned true among the events of one group."""

    group: str
    event: Event  # the group's first one at which the test is true
    good: int | None  # the group's event before it; None when it is the group's first
    probes: int  # events of the group tested
    undefined: int  # of these, the ones that gave the test no value


class Each:
    """
    Iterating yields the first match in each group that has one, in the order of the log.

    Each event is tested at most once, and none of a group after its match: the state is the
    whole log's at that event. Afterwards the counts are those of all groups.
    """

    def __init__(self, truth: Truth, group_of: Callable[[Event], str]) -> None:
        self._truth, self._group_of = truth, group_of
        self._last: dict[str, tuple[int, int, int] | None] = {}  # None: found

    @property
    def groups(self) -> int:
        """How many groups there were."""
        return len(self._last)

    @property
    def probes(self) -> int:
        """How many events were tested."""
        return self._truth.probes

    @property
    def undefined(self) -> int:
        """How many of these gave the test no value."""
        return self._truth.undefined

    def __iter__(self) -> Iterator[FirstIn]:
        truth, last = self._truth, self._last
        for event in truth.events():
            group = self._group_of(event)
            known = last.get(group, (0, 0, 0))
            if known is None:
                continue
            good, probes, undefined = known
            before = truth.undefined
            holds = truth.at_event(event)
            undefined += truth.undefined - before
            if holds:
                last[group] = None
                yield FirstIn(group, event, good or None, probes + 1, undefined)
            else:
                last[group] = (event.position, probes + 1, undefined)


def each(
    timeline: Timeline,
    expression: Expression,
    by: str = "correlation",
    cancelled: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Each:
    """
    Return the first event at which *expression* is true in each group, for iterating.

    *by* is a key of GROUPS; an event without a correlation belongs to its stream's.
    """
    return Each(Truth(timeline, expression, first, last, cancelled, progress), GROUPS[by])
