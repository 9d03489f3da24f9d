"""States made from those that were looked at before."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.state import near as near_states
from laban.tui.state.near import NearStates

FIELDS = st.sampled_from("abcdef")
EVENTS = st.lists(
    st.tuples(st.sampled_from("st"), st.dictionaries(FIELDS, st.integers(0, 2)), st.sets(FIELDS)),
    min_size=1,
    max_size=12,
)


@given(EVENTS, st.lists(st.tuples(st.sampled_from("st"), st.integers(0, 12)), max_size=8))
def test_a_state_is_the_same_whatever_was_looked_at_before(
    told: list[tuple[str, dict[str, int], set[str]]], looks: list[tuple[str, int]]
) -> None:
    log = MemoryLog()
    for stream, data, removed in told:
        metadata = {"removes": sorted(removed - set(data))}
        log.append(NewEvent(stream=stream, type="t", time_ns=0, data=data, metadata=metadata))
    timeline = Timeline.open(log)
    states = NearStates(timeline)

    for stream, position in looks:
        at = min(position, timeline.head)
        kept = states.at(stream, at)
        looked_up = timeline.stream_at(stream, at)
        assert kept == looked_up
        assert list(kept or ()) == list(looked_up or ())  # in the same order


def test_a_step_in_a_wide_stream_looks_up_no_more_than_the_step_wrote() -> None:
    log = MemoryLog()
    for number in range(300):
        field = {f"field-{number % 200}": number}
        log.append(NewEvent(stream="wide", type="t", time_ns=0, data=field))
    timeline = Timeline.open(log)
    states = NearStates(timeline)
    before = states.at("wide", 250)

    with patch.object(timeline, "stream_at", side_effect=AssertionError):
        after = states.at("wide", 251)

    assert before is not None
    assert after is not None
    assert (before["field-50"], after["field-50"]) == (50, 250)


def test_the_states_of_a_few_streams_are_kept() -> None:
    log = MemoryLog()
    for number in range(6):
        log.append(NewEvent(stream=str(number), type="t", time_ns=0, data={"n": number}))
    states = NearStates(Timeline.open(log))

    found = [states.at(str(number), 6) for number in (0, 1, 2, 3, 4, 5, 0)]

    assert found == [{"n": number} for number in (0, 1, 2, 3, 4, 5, 0)]
    assert len(states._kept) == near_states._KEPT
