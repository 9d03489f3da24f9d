"""What keeps an event from being reacted to: authorisation, contracts, deduplication."""

from __future__ import annotations

import pytest

from laban.replay.choreography import Choreography, ChoreographyError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject

from .desk import Desk, asked, only, types


def shop() -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    choreography.pattern(event_type="ordered", action="serve", target_capability="clerk")
    choreography.pattern(event_type="asked", action="answer", target_capability="clerk")
    return choreography


CONTRACT = {
    "type": "object",
    "required": ["item"],
    "properties": {"lines": {"items": {"properties": {"count": {"minimum": 1}}}}},
}


def test_an_event_against_its_contract_is_a_dead_letter_with_every_error_and_its_path() -> None:
    choreography = shop()
    choreography.contract("ordered", CONTRACT)

    decisions = Desk(choreography).happens("ordered", {"lines": [{"count": 1}, {"count": 0}]})

    assert types(decisions) == ["event.dead_lettered"]
    letter = only(decisions, "event.dead_lettered")
    assert letter["reason"] == "contract"
    assert [error["path"] for error in letter["errors"]] == ["", "/lines/1/count"]
    assert "item" in letter["errors"][0]["error"]


def test_a_dead_letter_is_no_part_of_what_conditions_see() -> None:
    choreography = shop()
    choreography.contract("ordered", CONTRACT)
    choreography.pattern(
        event_type="asked",
        condition="event_count == 1 and 'order-1' not in state",
        action="deny",
        target_capability="clerk",
    )
    desk = Desk(choreography)
    desk.happens("ordered", {"n": 1})

    decisions = desk.happens("asked", stream="desk")

    assert asked(decisions) == ["answer", "deny"]


def test_an_event_that_keeps_its_contract_and_types_without_one_are_reacted_to() -> None:
    choreography = shop()
    choreography.contract("ordered", CONTRACT)
    desk = Desk(choreography)

    assert asked(desk.happens("ordered", {"item": "tea"})) == ["serve"]
    assert asked(desk.happens("asked")) == ["answer"]


def test_once_a_source_is_allowed_something_nobody_may_publish_what_he_is_not_allowed() -> None:
    choreography = shop()
    choreography.allow("web", "ordered")
    choreography.allow("web", "asked")
    choreography.allow("phone", "asked")
    desk = Desk(choreography)

    outcomes = {
        (source, type): types(desk.happens(type, source=source))[0]
        for source in ("web", "phone", "stranger")
        for type in ("ordered", "asked")
    }

    passed = {pair for pair, outcome in outcomes.items() if outcome == "pattern.matched"}
    assert passed == {("web", "ordered"), ("web", "asked"), ("phone", "asked")}
    assert set(outcomes.values()) == {"pattern.matched", "event.dead_lettered"}


def test_the_same_content_within_the_window_is_one_event_whatever_else_it_says() -> None:
    choreography = shop()
    choreography.deduplicate("ordered", keys=("item", "to"), window_seconds=10)
    desk = Desk(choreography)
    first = desk.happens("ordered", {"item": "tea", "to": "ann", "sent": 1})
    desk.wait(10)

    again = desk.happens("ordered", {"item": "tea", "to": "ann", "sent": 2})
    other = desk.happens("ordered", {"item": "tea", "to": "bob"})

    assert asked(first) == asked(other) == ["serve"]
    assert types(again) == ["event.deduplicated"]


def test_the_same_content_after_the_window_is_a_new_event() -> None:
    choreography = shop()
    choreography.deduplicate("ordered", keys=("item",), window_seconds=10)
    desk = Desk(choreography)
    desk.happens("ordered", {"item": "tea"})
    desk.wait(10.001)

    assert asked(desk.happens("ordered", {"item": "tea"})) == ["serve"]


def test_a_source_that_repeats_itself_for_ever_is_heard_once_in_each_window() -> None:
    choreography = shop()
    choreography.deduplicate("ordered", keys=("item",), window_seconds=10)
    desk = Desk(choreography)

    heard = []
    for second in range(25):
        if asked(desk.happens("ordered", {"item": "tea"})):
            heard.append(second)
        desk.wait(1)

    assert heard == [0, 11, 22]


@pytest.mark.parametrize("kind", ["contract", "deduplication"])
def test_two_rules_about_one_type_are_refused(kind: str) -> None:
    choreography = shop()
    for size in (1, 2):
        if kind == "contract":
            choreography.contract("ordered", {"minProperties": size})
        else:
            choreography.deduplicate("ordered", keys=("item",), window_seconds=size)

    with pytest.raises(ChoreographyError, match=f"Two rules declare the {kind} 'ordered'"):
        _ = choreography.plan


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('{"n": ' + "7" * 5000 + "}", "unreadable: a number of more than 4,000 digits"),
        ('{"n": "' + "7" * 5000 + '"}', None),
    ],
    ids=["endless digits", "long"],
)
def test_data_that_cannot_be_read_is_a_dead_letter_and_nothing_breaks(
    data: str, reason: str | None
) -> None:
    desk = Desk(shop())
    event = NewEvent(stream="order-1", type="ordered", data=JsonObject(data))

    decisions = desk.take(event)

    if reason is None:
        assert asked(decisions) == ["serve"]
    else:
        assert only(decisions, "event.dead_lettered")["reason"].startswith(reason)
    assert asked(desk.happens("asked")) == ["answer"]


def test_an_event_that_its_reducer_cannot_take_in_is_a_dead_letter_and_leaves_no_trace() -> None:
    choreography = shop()
    choreography.pattern(
        event_type="asked",
        condition="event_count == 2 and state['order-1'] == {'total': 5}",
        action="agree",
        target_capability="clerk",
    )

    @choreography.reducer("ordered")
    def ordered(_order: dict[str, int], event: Event) -> dict[str, int]:
        return {"total": event.data["price"]}

    desk = Desk(choreography)
    desk.happens("ordered", {"price": 5})

    decisions = desk.happens("ordered", {"prize": 9})

    reason = "reducer of ordered: KeyError: 'price'"
    assert only(decisions, "event.dead_lettered") == {"reason": reason}
    assert asked(desk.happens("asked", stream="desk")) == ["answer", "agree"]


def test_a_reducer_that_returns_no_state_is_told() -> None:
    choreography = shop()

    @choreography.reducer("ordered")
    def ordered(_order: dict[str, int], _event: Event) -> dict[str, int]:
        return None  # type: ignore[return-value]

    decisions = Desk(choreography).happens("ordered")

    assert "returned NoneType, not a dict" in only(decisions, "event.dead_lettered")["reason"]
