"""Replay with rules: the same choreography agrees with its log, another says where it does not."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from laban.replay.choreography.decisions import is_decision
from laban.replay.recompute import RecomputeCancelledError, Recomputed, recompute
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog
from tests.replay.choreography.orders import orders, sell

VALUES = (100, 2000, 0)  # the last one meets no condition


def sold(*values: float) -> list[NewEvent]:
    """What a shop records while it sells orders of these values."""
    return list(_sold(values or VALUES))


@cache
def _sold(values: tuple[float, ...]) -> list[NewEvent]:
    log = MemoryLog()
    sell(orders(), log, values)
    return [NewEvent(**{f: getattr(e, f) for f in NewEvent.__struct_fields__}) for e in log.read()]


def recorded(events: list[NewEvent]) -> MemoryLog:
    log = MemoryLog()
    log.append(*events)
    return log


def replayed(events: list[NewEvent], **options: Any) -> Recomputed:
    return recompute(recorded(events), orders(), **options)


def found(events: list[NewEvent], type: str) -> int:
    """The position of the first event of a type."""
    return next(n for n, event in enumerate(events, 1) if event.type == type)


def test_the_choreography_that_made_a_log_agrees_with_every_decision() -> None:
    events = sold()

    answer = replayed(events)

    assert (answer.events, answer.decisions) == (len(events), sum(map(is_decision, events)))
    assert answer.decisions > 20
    assert (answer.mismatches, answer.mismatched, answer.unfinished) == ([], 0, 0)


@given(st.integers(0, 70), st.integers(1, 4))
def test_a_log_that_ends_anywhere_is_unfinished_but_never_wrong(stop: int, window: int) -> None:
    events = sold()[:stop]

    answer = replayed(events, window=window)

    assert answer.mismatches == []
    assert answer.unfinished in (0, 1, 2, 3, 4)


@given(st.integers(0, 70), st.integers(1, 4))
def test_a_decision_that_is_missing_before_the_last_decided_event_is_a_mismatch(
    number: int, window: int
) -> None:
    events = sold()
    places = [n for n, event in enumerate(events) if is_decision(event)]
    last = events[places[-1]].causation_id
    inner = [n for n in places if events[n].causation_id != last]
    dropped = inner[number % len(inner)]

    answer = replayed([*events[:dropped], *events[dropped + 1 :]], window=window)

    assert answer.mismatched >= 1
    assert answer.unfinished == 0


@given(st.integers(1, 70))
def test_what_a_log_ends_before_is_told_from_its_first_event_on(stop: int) -> None:
    events = sold()[:stop]
    recorded_ids = {event.id for event in events}
    lacking = [e.causation_id for e in sold() if is_decision(e) and e.id not in recorded_ids]
    places = {event.id: n for n, event in enumerate(events, 1)}

    answer = replayed(events)

    open = [places[cause] for cause in lacking if cause in places]
    assert (answer.unfinished, answer.unfinished_from) == (len(open), min(open, default=None))


def test_a_log_that_grows_meanwhile_is_compared_as_it_was() -> None:
    events = sold()
    stop = found(events, "action.completed")
    log = recorded(events[:stop])

    def grow(*_: int) -> None:
        log.append(*events[log.head() :])

    answer = recompute(log, orders(), progress=grow)

    assert (answer.events, answer.mismatched) == (stop, 0)


@given(st.data())
def test_decisions_may_be_recorded_long_after_their_causes(data: st.DataObject) -> None:
    events = sold()
    others = [event for event in events if not is_decision(event)]
    late = others + [event for event in events if is_decision(event)]
    window = data.draw(st.integers(1, 30))

    answer = replayed(late, window=window)

    assert (answer.mismatches, answer.unfinished) == ([], 0)


def test_an_altered_argument_is_told_with_what_was_expected_and_what_was_known() -> None:
    events = sold()
    position = found(events, "action.requested")
    was = events[position - 1]
    request, about = next(iter(was.data.items()))
    events[position - 1] = replace(was, data={request: {**about, "agent": "somebody-else"}})

    mismatch, *others = replayed(events).mismatches

    assert not others
    assert (mismatch.position, mismatch.cause, mismatch.kind) == (position, 1, "different")
    assert mismatch.expected is not None
    assert mismatch.actual is not None
    assert mismatch.expected["data"][request]["agent"] == "somebody-else"
    assert mismatch.actual["data"] == was.data
    assert mismatch.state == {"stream": {"order-000000": {"order_value": 100}}}


def test_the_state_of_a_mismatch_holds_the_requests_under_way() -> None:
    events = [event for event in sold() if event.type != "action.completed"]
    second = next(
        n for n, e in enumerate(events) if "process_payment" in e.metadata.get("rule", "")
    )
    events[second] = replace(events[second], data={"odd": 1})

    mismatch = replayed(events).mismatches[0]

    assert [request["action"] for request in mismatch.state["requests"]] == ["check_inventory"]


def test_a_true_for_a_one_is_a_mismatch() -> None:
    events = sold()
    position = found(events, "action.requested")
    was = events[position - 1]
    request, about = next(iter(was.data.items()))
    events[position - 1] = replace(was, data={request: {**about, "attempt": True}})

    assert replayed(events).mismatched == 1


def test_json_written_otherwise_is_the_same_decision() -> None:
    events = sold()
    position = found(events, "action.requested")
    was = events[position - 1]
    request, about = next(iter(was.data.items()))
    events[position - 1] = replace(was, data={request: dict(reversed(about.items()))})

    assert replayed(events).mismatches == []


def test_a_decision_that_is_not_recorded_is_missing_at_its_cause() -> None:
    events = sold()
    cut = found(events, "pattern.matched")
    del events[cut - 1]

    mismatch, *others = replayed(events).mismatches

    assert not others
    assert (mismatch.position, mismatch.kind, mismatch.expected) == (1, "missing", None)
    assert mismatch.actual is not None
    assert mismatch.actual["type"] == "pattern.matched"


@pytest.mark.parametrize("cause", ["order-000000/order_received", "nowhere", None])
def test_a_decision_that_nothing_leads_to_is_extra(cause: str | None) -> None:
    events = sold()
    extra = NewEvent(
        stream="$patterns", type="pattern.matched", source="laban", data={}, causation_id=cause
    )

    answer = replayed([*events, extra])

    (mismatch,) = answer.mismatches
    assert (mismatch.position, mismatch.kind) == (len(events) + 1, "extra")
    assert mismatch.cause == (1 if cause and cause != "nowhere" else None)
    assert mismatch.actual is None


def test_decisions_in_another_order_are_told_once() -> None:
    events = sold(2000)
    at = found(events, "pattern.matched") - 1
    events[at], events[at + 2] = events[at + 2], events[at]

    (mismatch,) = replayed(events).mismatches

    assert mismatch.kind == "order"
    assert mismatch.position == at + 1


def test_a_changed_rule_is_summed_up_by_decision_and_correlation() -> None:
    events = sold(100, 2000, 3000, 5000)

    def stricter(rule: dict[str, object]) -> None:
        if rule["action"] == "request_manual_review":
            rule["condition"] = "data.get('order_value', 0) > 2500"

    answer = recompute(recorded(events), orders(stricter))

    rule = "order_received→request_manual_review"
    assert (answer.mismatched, answer.correlations, answer.unfinished) == (2, 1, 0)
    assert [(d.kind, d.expected, d.decisions, d.correlations) for d in answer.differences] == [
        ("extra", (rule, "pattern.matched"), 1, 1),
        ("extra", (rule, "action.requested"), 1, 1),
    ]


def test_another_action_stands_beside_the_one_it_replaces() -> None:
    events = sold(100, 200)

    def renamed(rule: dict[str, object]) -> None:
        if rule["action"] == "process_payment":
            rule["action"] = "charge"

    differences = recompute(recorded(events), orders(renamed)).differences

    old, new = "inventory_confirmed→process_payment", "inventory_confirmed→charge"
    assert [(d.kind, d.expected, d.actual, d.decisions) for d in differences] == [
        ("different", (old, type), (new, type), 2)
        for type in ("pattern.matched", "action.requested")
    ]


@given(
    st.lists(st.tuples(st.sampled_from(["drop", "swap", "alter", "late"]), st.integers(0, 60))),
    st.integers(1, 5),
)
def test_what_is_waited_for_and_what_is_looked_up_compare_alike(
    edits: list[tuple[str, int]], window: int
) -> None:
    events = sold(100, 2000)
    for edit, number in edits:
        places = [n for n, event in enumerate(events) if is_decision(event)]
        at = places[number % len(places)]
        if edit == "drop":
            del events[at]
        elif edit == "late":
            events.append(events.pop(at))
        elif edit == "alter":
            events[at] = replace(events[at], data={"altered": True})
        elif at + 1 < len(events):
            events[at], events[at + 1] = events[at + 1], events[at]
        if not any(map(is_decision, events)):
            return

    far = replayed(events)
    near = replayed(events, window=window)

    assert near == far


def test_a_recorded_decision_that_cannot_be_read_is_a_mismatch_like_any_other() -> None:
    events = sold()
    position = found(events, "action.requested")
    endless = JsonObject(f'{{"a":{"9" * 5000}}}')
    events[position - 1] = replace(events[position - 1], data=endless, metadata=endless)

    answer = replayed(events)

    assert answer.mismatches[0].expected is not None
    assert answer.mismatches[0].expected["data"].keys() == {"unreadable"}


def test_a_cancelled_comparison_ends_with_its_own_error() -> None:
    events = sold()

    with pytest.raises(RecomputeCancelledError):
        replayed(events, cancelled=lambda: True)
