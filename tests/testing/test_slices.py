"""The part of a log that a failure needs: closed under causes, and read like the whole."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from laban.fixtures import credit
from laban.replay.choreography import Choreography
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.testing import assert_replays
from laban.testing.inputs import recorded
from laban.testing.writer.slices import causal_slice, freed, looks_beyond
from tests.replay.choreography.generated import simulated


def sliced(log: EventLog, focus: int, stop: int) -> list[Event]:
    timeline = Timeline.open(log)
    try:
        return causal_slice(timeline, focus, stop)
    finally:
        timeline.close()


def ancestors(events: Sequence[NewEvent], event: NewEvent) -> set[str]:
    """The ids of all causes of *event* that *events* hold, step by step."""
    by_id = {each.id: each for each in events}
    found: set[str] = set()
    while event.causation_id in by_id and event.causation_id not in found:
        event = by_id[event.causation_id]
        found.add(event.id)
    return found


@given(st.integers(0, 10**6), st.data())
def test_a_slice_holds_the_focus_all_causes_and_the_streams_up_to_there(
    seed: int, data: st.DataObject
) -> None:
    log = simulated(seed).log
    events = list(log.read())
    stop = data.draw(st.integers(1, len(events)))
    focus = data.draw(st.integers(1, stop))

    found = sliced(log, focus, stop)

    positions = [event.position for event in found]
    ids = {event.id for event in found}
    assert positions == sorted(set(positions))
    assert focus in positions
    assert all(ancestors(events, event) <= ids for event in found)
    assert {
        e.position
        for e in events[:stop]
        if e.stream == events[focus - 1].stream and not e.stream.startswith("$")
    } <= set(positions)


@given(st.integers(0, 100), st.data())
def test_the_slice_of_a_business_transaction_is_decided_as_in_the_whole(
    seed: int, data: st.DataObject
) -> None:
    log = MemoryLog()
    credit.record(log, seed, 6)
    belonging = [event.position for event in log.read() if event.correlation_id is not None]
    focus = data.draw(st.sampled_from(belonging))

    assert_replays(freed(sliced(log, focus, log.head())), credit.bank)


def test_what_was_read_is_named_by_its_event_once_positions_have_changed() -> None:
    log = MemoryLog()
    credit.record(log)

    events = recorded(freed(sliced(log, 276, 276)))

    rating = next(e for e in events.read() if e.type == "risk_rated")
    [(pointer, version)] = rating.metadata["reads"].items()
    [seen] = events.find(version)
    assert pointer == "/applicant-04/score"
    assert (seen.type, seen.data["score"]) == ("score_reported", 565)


def test_rules_that_count_across_transactions_are_told_from_others() -> None:
    rules = Choreography("rules")
    rules.capability("one")
    assert not looks_beyond(rules.plan)

    rules.pattern(event_type="a", condition="event_count > 3", action="b", target_capability="one")
    assert looks_beyond(rules.plan)
