"""The assertions see what the other commands see: the same state, and the same first match."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laban.replay.expression import compile_expression
from laban.replay.pointer import MISSING, format_pointer
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.testing import assert_never, assert_no_divergence, assert_state
from laban.testing.inputs import recorded
from tests.replay.logs import FIELDS, STREAMS, logs

EXPRESSIONS = [
    "state['a']['x'] == 1",
    "before['a']['x'] != state['a']['x']",
    "type == 'cleared' and 'y' in state[stream]",
    "data.get('x') and source_event_count > 2",
    "len(recent_events) > 3 and event_count % 2 == 0",
    "len(state) > 1",
    "sum(1 for e in correlated_events) >= 0 and position > 4",
    "state['b/c']",
]
tokens = st.lists(st.sampled_from([*STREAMS, *FIELDS, "0", "p", "q"]), max_size=3)


@given(logs, tokens, st.data())
def test_a_state_is_what_the_timeline_says_and_nothing_else(
    events: list[NewEvent], path: list[str], data: st.DataObject
) -> None:
    log = recorded(events)
    timeline = Timeline.open(log)
    at = data.draw(st.integers(0, log.head()))
    value = timeline.peek(path, at)
    timeline.close()

    assert_state(events, format_pointer(path), value, at)
    with pytest.raises(AssertionError):
        assert_state(events, format_pointer(path), ["not", value is MISSING, "this"], at)


@given(logs, st.sampled_from(EXPRESSIONS))
def test_the_first_event_that_matches_is_the_one_that_bisect_finds(
    events: list[NewEvent], text: str
) -> None:
    timeline = Timeline.open(recorded(events))
    found = Search(timeline, compile_expression(text)).first().position
    timeline.close()
    assume(found != 0)

    if found is None:
        assert_never(events, text)
    else:
        with pytest.raises(AssertionError, match=f"^After @{found} "):
            assert_never(events, text)


@given(logs, st.data())
def test_a_run_parts_from_itself_only_where_it_was_changed(
    events: list[NewEvent], data: st.DataObject
) -> None:
    assume(events)
    assert_no_divergence(events, events)
    place = data.draw(st.integers(0, len(events) - 1))
    changed: list[Any] = [*events]
    changed[place] = {
        "id": events[place].id, "stream": events[place].stream, "type": "changed",
        "source": events[place].source,
    }  # fmt: skip

    with pytest.raises(AssertionError, match="changed"):
        assert_no_divergence(events, changed)
