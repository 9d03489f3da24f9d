"""The first edge in each group, against a scan of each group by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from laban.replay.bisect import GROUPS, each
from laban.replay.expression import Expression, compile_expression
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from tests.effort import tries

from .expressions import answers, expressions
from .logs import busy_logs, recorded


@given(events=busy_logs, expression=expressions, by=st.sampled_from(sorted(GROUPS)), data=st.data())
@settings(max_examples=tries(100), deadline=None)
def test_each_group_has_the_first_match_that_a_scan_of_its_events_finds(
    events: list[NewEvent], expression: Expression, by: str, data: st.DataObject
) -> None:
    names = st.sampled_from(["c1", "c2", None])
    events = [replace(event, correlation_id=data.draw(names)) for event in events]
    log = recorded(events)
    scan = answers(events, expression)

    found = each(Timeline.open(log), expression, by)
    matches = {match.group: match for match in found}

    groups: dict[str, list[int]] = {}
    for event in log.read():
        key = {"correlation": event.correlation_id or event.stream}.get(by) or getattr(event, by)
        groups.setdefault(key, []).append(event.position)
    assert found.groups == len(groups)
    expected = {
        group: first
        for group, positions in groups.items()
        if (first := next((p for p in positions if scan[p]), None)) is not None
    }
    assert {group: match.event.position for group, match in matches.items()} == expected
    for group, match in matches.items():
        before = [p for p in groups[group] if p < match.event.position]
        assert match.good == (before[-1] if before else None)
        assert match.probes == len(before) + 1
        assert match.undefined == sum(scan[p] is None for p in before)


def test_matches_come_in_the_order_of_the_log_and_no_event_is_tested_twice() -> None:
    events = [NewEvent(stream=f"s{n % 3}", type="t", data={"n": n}) for n in range(300)]
    timeline = Timeline.open(recorded(events))

    found = each(timeline, compile_expression("data['n'] >= 150"), "stream", first=1, last=200)
    positions = [match.event.position for match in found]

    assert positions == [151, 152, 153]
    assert found.probes == 153
    assert found.groups == 3


def test_an_unknown_group_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        each(Timeline.open(recorded([])), compile_expression("True"), "planet")
