"""assert_state: silent where a value is as expected, else who made it otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from laban.fixtures import credit
from laban.store.memory import MemoryLog
from laban.testing import (
    MISSING,
    assert_state,
)

from .told import ORDER, failure, shop


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/order-17/status", "paid"),
        ("/order-17/lines/0/sku", "globe"),
        ("/order-17/odd~1~0", None),
        ("/order-17/nothing", MISSING),
        ("/order-18", {}),
        ("/order-19", MISSING),
        ("", {"order-18": {}, "order-17": {
            "odd/~": None, "count": 1, "status": "paid", "lines": [{"count": 1, "sku": "globe"}]
        }}),
    ],
)  # fmt: skip
def test_a_state_that_is_as_expected_passes(pointer: str, expected: Any) -> None:
    assert_state(ORDER, pointer, expected)


def test_a_wrong_value_is_told_with_the_event_that_made_it_so_and_its_causes() -> None:
    assert failure(assert_state, ORDER, "/order-17/status", "shipped") == [
        '/order-17/status is "paid", expected "shipped".',
        "",
        '    @2  till  paid  {"status":"paid","count":1}',
        '  ← @1  shop  placed  {"status":"placed","lines":[{"sku":"globe","count…',
    ]


def test_of_a_large_value_the_first_part_that_differs_is_told_and_how_many_more_do() -> None:
    expected = {"status": "paid", "count": 2, "lines": [{"sku": "globe", "count": 2}]}

    lines = failure(assert_state, ORDER, "/order-17", expected)

    assert lines[:3] == [
        "/order-17/count is 1, expected 2.",
        "  and 2 more of its parts differ",
        "",
    ]


@pytest.mark.parametrize(("expected", "told"), [(True, "true"), (1.0, "1.0"), ("1", '"1"')])
def test_a_true_a_float_and_a_text_are_no_one(expected: Any, told: str) -> None:
    lines = failure(assert_state, ORDER, "/order-17/count", expected)

    assert lines[0] == f"/order-17/count is 1, expected {told}."


def test_of_long_texts_the_place_is_shown_where_they_part() -> None:
    words = "word " * 40
    events = [{"stream": "s", "type": "t", "data": {"text": f"{words}end"}}]

    assert failure(assert_state, events, "/s/text", f"{words}END")[:3] == [
        "/s/text is not as expected.",
        '  expected  …ord word word word word END"',
        '  actual    …ord word word word word end"',
    ]


def test_a_path_that_nothing_wrote_is_told_with_the_nearest() -> None:
    assert failure(assert_state, ORDER, "/oder-17/status", "paid") == [
        '/oder-17/status is nothing, expected "paid".',
        "  the state has no 'oder-17'. Did you mean 'order-17'?",
    ]


def test_what_should_not_be_there_is_told_with_who_wrote_it() -> None:
    lines = failure(assert_state, ORDER, "/order-17/count", MISSING)

    assert lines[0] == "/order-17/count is 1, expected nothing."
    assert lines[2].startswith("    @2  till  paid")


def test_the_state_of_an_empty_log_is_nothing_at_all() -> None:
    assert_state([], "", {})
    assert failure(assert_state, [], "", []) == ["the state is {}, expected []."]


def test_a_removed_value_is_told_with_who_removed_it() -> None:
    removal = {"stream": "order-17", "type": "reset", "metadata": {"removes": ["status"]}}

    lines = failure(assert_state, [*ORDER, removal], "/order-17/status", "paid")

    assert lines[0] == '/order-17/status is nothing, expected "paid".'
    assert lines[2] == "    @4  unknown  reset  {}"


def test_at_is_an_address_in_the_recorded_log() -> None:
    for at in (1, "@1", "order-17@0", "#e1"):
        assert_state(ORDER, "/order-17/status", "placed", at=at)


def test_the_reducers_of_the_choreography_make_the_state() -> None:
    rules = shop()

    @rules.reducer("paid")
    def paid(order: dict[str, Any], event: Any) -> dict[str, Any]:
        return {**order, "settled": event.data["status"] == "paid"}

    assert_state(ORDER, "/order-17/settled", True, choreography=rules)
    assert_state(ORDER, "/order-17/status", "placed", choreography=rules)


def test_a_value_that_does_not_come_to_be_under_these_rules_names_what_is_left_out(
    bank: MemoryLog,
) -> None:
    rules = credit.Bank({}).choreography()
    rules.rules = [r for r in rules.rules if getattr(r, "action", "") != "decide"]

    lines = failure(assert_state, bank, "/applicant-04/approved", True, choreography=rules)

    assert lines[:3] == [
        "/applicant-04/approved is nothing, expected true.",
        "  /applicant-04 has no 'approved'.",
        "",
    ]
    assert lines[3].endswith(" recorded events do not happen, such as")
    assert lines[4:] == ['    @276  decision  decision_made  {"approved":false}']
