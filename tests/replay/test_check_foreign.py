"""Logs that look like ours and are not: checked and measured without a fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.check import check
from laban.replay.choreography import Choreography
from laban.replay.diagram import published_types, sequence_diagram
from laban.replay.stats import measure
from laban.replay.swimlanes import lanes
from laban.store.event import Event, NewEvent
from laban.store.jsontext import EMPTY, JsonObject
from laban.store.memory import MemoryLog

from .test_check import shop

odd = (
    st.none()
    | st.integers(-2, 3)
    | st.sampled_from([1e999, -1e999, 10**30])
    | st.sampled_from(["", "a", "ordered"])
    | st.lists(st.none())
)
about = st.dictionaries(
    st.sampled_from(
        ["attempt", "deadline_ns", "step", "reason", "errors", "action", "agent", "done", "state"]
    ),
    odd | st.lists(st.dictionaries(st.sampled_from(["path", "error"]), odd), max_size=2),
    max_size=3,
)
TYPES = [
    "action.requested", "action.completed", "action.failed", "action.retried", "action.timed_out",
    "action.dead_lettered", "event.dead_lettered", "sequence.advanced", "sequence.timed_out",
    "sequence.completed", "saga.started", "saga.compensation_failed", "saga.failed",
    "circuit.opened", "pattern.matched", "timer.fired", "ordered",
]  # fmt: skip
STREAMS = ["$actions", "$dead_letters", "$sequences", "$sagas", "$circuits", "$timers", "a", "$"]


@st.composite
def foreign(draw: st.DrawFn) -> NewEvent:
    metadata: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "removes": odd | st.just(["a"]),
                "rule": odd,
                "timer": odd | st.just("deadline:a"),
                "tokens": odd,
                "cost": odd | st.just(1e300),
                "reads": odd | st.dictionaries(st.sampled_from(["", "/a", "x", "/a/b", "/"]), odd),
            },
        )
    )
    return NewEvent(
        stream=draw(st.sampled_from(STREAMS)),
        type=draw(st.sampled_from(TYPES)),
        source=draw(st.sampled_from(["laban", "laban", "b"])),
        data=draw(st.dictionaries(st.sampled_from("ab"), about | odd, max_size=2)),
        metadata=metadata,
        time_ns=draw(st.none() | st.integers(-3, 3)),
        correlation_id=draw(st.sampled_from([None, "", "c"])),
        causation_id=draw(st.sampled_from([None, "", "0", "1", "x"])),
        id=str(draw(st.integers(0, 10**9))),
    )


@given(st.lists(foreign(), max_size=8, unique_by=lambda event: event.id))
def test_no_log_is_too_odd_to_be_checked_measured_and_drawn(events: list[NewEvent]) -> None:
    log = MemoryLog()
    log.append(*events)

    assert check(log) is not None
    assert check(log, shop()) is not None
    assert measure(log).events == len(events)
    assert len(list(lanes(log.read()))) > len(events)
    assert len(list(sequence_diagram(log.read()))) > len(events)
    assert isinstance(published_types(log.read()), list)


@pytest.mark.parametrize("due", [10**30, -(10**30), 2**63, True, "soon"])
def test_a_deadline_that_is_no_time_is_none(due: object) -> None:
    log = MemoryLog()
    asked = {"request": {"action": "charge", "attempt": 1, "deadline_ns": due}}
    log.append(NewEvent(stream="$actions", type="action.requested", source="laban", data=asked))

    assert [flaw.kind for flaw in check(log)] == ["unanswered request"]


@pytest.mark.parametrize("where", ["data", "metadata"])
@pytest.mark.parametrize("stream", ["a", "$actions", "$dead_letters"])
def test_numbers_of_endless_digits_are_passed_over(stream: str, where: str) -> None:
    endless = JsonObject('{"reads": {"/a": 1}, "cost": ' + "1" * 5000 + "}")
    odd = {"data": EMPTY, "metadata": EMPTY, where: endless}
    log = MemoryLog()
    log.append(
        NewEvent(stream="a", type="ordered", data={"sku": "tea"}),
        NewEvent(stream=stream, type="x", data=odd["data"], metadata=odd["metadata"]),
    )

    assert [flaw.kind for flaw in check(log, shop())] == ["rule never fired"]
    assert measure(log).events == 2


def test_a_reducer_that_fails_writes_nothing() -> None:
    choreography = Choreography("failing")

    @choreography.reducer("ordered")
    def ordered(state: dict[str, Any], event: Event) -> dict[str, Any]:
        return {**state, "first": event.data["items"][0]}

    log = MemoryLog()
    log.append(NewEvent(stream="a", type="ordered", data={"items": []}))

    assert check(log, choreography) == []
