"""The critical path of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.builder import CancelledError
from laban.replay.critical import critical_path, latest_chain
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

Graph = Sequence[Sequence[int]]  # of each event, those earlier ones that caused it


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 7))
    return [
        draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3)) if n else []
        for n in range(size)
    ]


def chains(graph: Graph, last: int) -> Iterator[list[int]]:
    """Yield every chain of causes from a root to *last*."""
    if not graph[last]:
        yield [last]
    for cause in graph[last]:
        yield from ([*chain, last] for chain in chains(graph, cause))


@given(graphs(), st.data())
def test_it_is_the_latest_chain_read_from_its_end(graph: Graph, data: st.DataObject) -> None:
    size = len(graph)
    times = data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))

    def when(event: int) -> tuple[int, int]:
        return times[event], event

    last = max(range(size), key=when)

    found = latest_chain(last, graph.__getitem__, when)

    every = (chain for end in range(size) for chain in chains(graph, end))
    assert found == max(every, key=lambda chain: [when(event) for event in reversed(chain)])


@given(st.lists(st.lists(st.integers(0, 5), max_size=3), min_size=6, max_size=6))
def test_it_ends_in_circles_too(graph: Graph) -> None:
    found = latest_chain(0, graph.__getitem__, lambda event: event)

    assert len(found) == len(set(found))


def told(times: Sequence[int | None], causes: Sequence[str | None]) -> Timeline:
    log = MemoryLog()
    for number, (time, cause) in enumerate(zip(times, causes, strict=True), start=1):
        log.append(
            NewEvent(
                stream="s",
                type="t",
                id=f"e{number}",
                data={},
                time_ns=time,
                causation_id=cause,
                correlation_id="c",
                metadata={"causes": ["e2", "e3"]} if cause == "e2" else {},
            )
        )
    return Timeline.open(log)


def test_it_ends_with_the_event_that_is_last_by_its_time_and_goes_on_with_what_was_waited_for() -> (
    None
):
    path = critical_path(told([1, 5, 9, 20, 12], [None, "e1", "e1", "e2", "e4"]), "c")

    assert [event.position for event in path.events] == [1, 3, 4]
    assert (path.by_time, path.lasted_ns, path.count) == (True, 19, 5)


def test_where_a_time_is_missing_positions_tell_what_is_last() -> None:
    path = critical_path(told([1, 5, None, 20, 12], [None, "e1", "e1", None, "e1"]), "c")

    assert [event.position for event in path.events] == [1, 5]
    assert (path.by_time, path.timeless) == (False, 1)


def test_it_can_be_cancelled() -> None:
    with pytest.raises(CancelledError):
        critical_path(told([1], [None]), "c", cancelled=lambda: True)
