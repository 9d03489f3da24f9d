"""What `/` and `&` understand, and what is found of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.replay.builder import CancelledError
from laban.replay.expression import ExpressionError
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.events.filtering import Filter, Listing
from laban.tui.events.searching import find
from laban.tui.events.wanted import parse_wanted
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from tests.tui.driver import shop_log


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("failed", "the text 'failed'"),
        ("no cover", "the text 'no cover'"),
        ("order-17", "the text 'order-17'"),
        ("type", "the text 'type'"),
        ("'type == 1'", "the text 'type == 1'"),
        ('"x > 1"', "the text 'x > 1'"),
        ("type == 'Failed'", "type == 'Failed'"),
        ("'a' == 'b'", "'a' == 'b'"),
        ("'cover' in data['reason']", "'cover' in data['reason']"),
        ("type PaymentFailed", "type PaymentFailed"),
        ("write /order-1/status", "write /order-1/status"),
    ],
)
def test_words_and_quoted_texts_are_texts_all_else_is_what_a_breakpoint_takes(
    text: str, name: str
) -> None:
    assert parse_wanted(text).name == name


@pytest.mark.parametrize("text", ["typ == 1", "total >> 3", "len(", "[[["])
def test_what_was_meant_as_an_expression_is_not_looked_for_as_text(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_wanted(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cover", [5]),
        ("Cover", []),
        ("paymentfailed", [5]),
        ("depot", [3, 7, 8]),
        ("e7", [7]),
        ("parcel-1", [9, 10]),
        ("'zürich'", [1]),
        ("type StockCounted", [3, 8]),
        ("type StockCounted if data['apples'] < 5", [8]),
        ("source depot", [3, 7, 8]),
        ("stream order-2", [2, 5, 6]),
        ("correlation basket-1", [*range(1, 11)]),
        ("write /order-1/status", [1, 4]),
        ("at @5", [5]),
        ("data['apples'] > 2", [3, 7, 9]),
        ("state['stock']['apples'] < 10", [7]),
    ],
)
@pytest.mark.parametrize("here", [0, 1, 6, 10])
def test_a_filter_lets_the_same_events_through_from_wherever_it_was_set(
    text: str, found: list[int], here: int
) -> None:
    timeline = Timeline.open(log := shop_log())
    filter = Filter(text, timeline, here, lambda: None)

    filter.look(log.head(), Job())
    filter.take_in()

    assert list(filter.positions) == found
    assert filter.complete(log.head())
    assert [row.position for row in filter.rows] == found


def test_a_text_is_found_however_json_writes_it() -> None:
    log = MemoryLog()
    log.append(NewEvent(stream="s", type="Said", data=json.loads('{"a": "Zürich said \\"hi\\""}')))
    timeline = Timeline.open(log)

    for text in ("zürich", 'said "hi"', "Zürich"):
        assert find(timeline, parse_wanted(text), 0, False, Job()).position == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), max_size=40), st.integers(0, 40))
def test_rows_keep_their_order_while_they_are_found_and_lead_to_their_positions(
    hits: list[bool], here: int
) -> None:
    log = MemoryLog()
    log.append(*(NewEvent(stream="s", type="Hit" if hit else "Miss", data={}) for hit in hits))
    filter = Filter("hit", Timeline.open(log), min(here, len(hits)), lambda: None)
    listing = Listing()
    listing.filter = filter

    filter.look(log.head(), Job())
    filter.take_in()

    found = [position for position, hit in enumerate(hits, start=1) if hit]
    assert list(filter.positions) == found
    for position in range(len(hits) + 1):
        assert listing.lists(position) == (position in found)
        after = [each for each in found if each > position]
        if after:
            assert listing.neighbour(position, 1) == after[0]
    assert [listing.row_of(position) for position in found] == [*range(len(found))]


def test_a_filter_that_was_stopped_keeps_what_it_found_and_goes_on() -> None:
    log = shop_log()
    filter = Filter("depot", Timeline.open(log), 8, lambda: None)
    listing = Listing()
    listing.filter = filter

    with pytest.raises(CancelledError):
        filter.look(10, _cancelled_at(1))
    filter.take_in()

    assert list(filter.positions) == [8]
    assert "10 looked at" not in filter.caption(10)
    with pytest.raises(Refusal, match="still looking"):
        listing.neighbour(8, -1)

    filter.look(10, Job())
    filter.take_in()

    assert list(filter.positions) == [3, 7, 8]
    assert filter.caption(10) == "filter the text 'depot': 3 of 10"


def _cancelled_at(calls: int) -> Job:
    """Return a job that is cancelled when it has told so often how far it is."""
    left: Iterator[int] = iter(range(calls - 1))

    class Cancelled(Job):
        def progress(self, passed: int, total: int) -> None:
            super().progress(passed, total)
            if next(left, None) is None:
                self.cancel()

    return Cancelled()
