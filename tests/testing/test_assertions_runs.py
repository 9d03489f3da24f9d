"""assert_no_divergence: silent where two runs are alike, else where they part."""

from __future__ import annotations

import pytest

from laban.fixtures import credit
from laban.store.errors import LabanError
from laban.store.memory import MemoryLog
from laban.testing import (
    assert_no_divergence,
    replayed,
)

from .told import ORDER, failure


def test_a_run_and_the_same_in_another_order_do_not_part() -> None:
    assert_no_divergence(ORDER, [ORDER[2], *ORDER[:2]])


def test_the_first_event_that_differs_by_itself_is_told_with_its_causes() -> None:
    other = [ORDER[0], {**ORDER[1], "data": {"status": "lost", "count": 1}}, ORDER[2]]
    after = {"id": "e4", "stream": "order-17", "type": "sent", "causation_id": "e2"}

    lines = failure(assert_no_divergence, [*ORDER, after], [*other, after])

    assert lines == [
        "The runs part at order-17@1: changed.",
        '  a  @2  till  paid  {"status":"paid","count":1}',
        '  b  @2  till  paid  {"status":"lost","count":1}',
        "  /data/status",
        '    a  "paid"',
        '    b  "lost"',
        "  1 event is downstream",
        "",
        '    @2  till  paid  {"status":"paid","count":1}',
        '  ← @1  shop  placed  {"status":"placed","lines":[{"sku":"globe","count…',
    ]


def test_an_event_that_only_one_run_has_is_told() -> None:
    lines = failure(assert_no_divergence, ORDER[:1], ORDER[:2])

    assert lines[:2] == [
        "The runs part at order-17@1: only in B.",
        '  b  @2  till  paid  {"status":"paid","count":1}',
    ]


def test_what_is_ignored_does_not_count_and_the_order_does_where_it_should() -> None:
    other = [ORDER[0], {**ORDER[1], "data": {"status": "lost", "count": 1}}, ORDER[2]]

    assert_no_divergence(ORDER, other, ignore=["/data/status"])
    failure(assert_no_divergence, ORDER, [ORDER[2], *ORDER[:2]], order="global")
    with pytest.raises(LabanError, match="No mask is named 'langgraf'"):
        assert_no_divergence(ORDER, ORDER, mask="langgraf")


def test_a_run_made_anew_is_compared_with_the_recorded_one(bank: MemoryLog) -> None:
    assert_no_divergence(bank, replayed(bank, credit.bank))
