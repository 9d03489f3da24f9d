"""Filters, marks, watches, pins and histories, as keys reach them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui.driver import Shown, press, story

Golden = Callable[[str, Shown], None]
SMALL = (80, 24)
DEPOT = ("&", "depot", "enter")
ALL_SET = ("a", "len(state)", "enter", "b", "enter", "2", "W", "p", "H")


def test_a_filter_lists_only_what_it_asks_for_and_steps_go_along_it() -> None:
    looks = story(
        (*DEPOT, "n"), ("n",), ("n",), ("N", "N"), ("s", "n"), ("]",), ("1", "k"), ("u",), at=4
    )

    first = next(looks)
    assert first.position == 7
    assert first.line("filter the text 'depot': 3 of 10")
    assert "PaymentTaken" not in first.text.split("4 Event")[0]
    assert next(looks).position == 8
    assert next(looks).status == "The filter lets nothing through after @8: \\ shows all."
    assert next(looks).position == 3
    assert next(looks).position == 8
    assert next(looks).position == 8  # no effects
    assert next(looks).position == 7
    assert next(looks).position == 3  # before s, the only jump


def test_where_the_event_is_not_listed_the_cursor_is_hollow_beside_it() -> None:
    looks = story(DEPOT, ("\\",), ("\\",), ("&", "xyzzy", "enter"), ("n",), ("s",), at=1)

    assert next(looks).line("▷  3")
    assert next(looks).line("▶  1")
    assert next(looks).status == "No filter is set: & sets one."
    assert next(looks).line("nothing so far; \\ shows all events")
    assert next(looks).position == 1
    assert next(looks).position == 4


def test_the_paths_of_the_state_are_filtered_in_their_pane() -> None:
    looks = story(("2", "&", "CITY", "enter"), ("&", "stock", "enter"), ("\\",), at=4)

    city = next(looks)
    assert city.line("/order-1/to/city")
    assert "paid" not in city.line("paths with CITY")
    assert next(looks).line("other streams")
    assert next(looks).line("▾ order-1")


def test_a_plain_text_is_found_and_it_is_said_that_it_was_one() -> None:
    looks = story(
        ("/", "no cover", "enter"),
        ("g", "/", "depot", "enter"),
        (".", ".", ","),
        ("/", "type StockCounted", "enter"),
    )

    assert next(looks).status == "match of the text 'no cover': @5; 5 looked at"
    assert next(looks).position == 3
    assert next(looks).position == 7
    assert next(looks).status.endswith("@8; by the index")


def test_a_mark_is_set_and_gone_to_by_one_letter() -> None:
    looks = story(
        ("m", "a", "G"),
        ("'", "a"),
        ("'", "'"),
        ("m", "a"),
        ("'",),
        ("z",),
        ("a",),
        at=3,
    )

    marked = next(looks)
    assert marked.position == 10
    assert marked.line("│ a 3")
    assert next(looks).position == 3
    assert next(looks).position == 10
    assert next(looks).status == "marked a: @10; it was @3"
    assert next(looks).line("a @10  ' before the last jump")
    assert next(looks).status == "No mark is named z. There are a @10."
    assert next(looks).status == "mark a: @10"


def test_watches_and_breakpoints_show_what_is_there_and_lead_there() -> None:
    looks = story(
        ("2", "W", "a", "data['apples'] * 2", "enter"),
        ("3", "j", "enter"),
        ("n",),
        ("3", "home", "x"),
        ("d", "b", "type StockReserved", "enter", "C", "g", "3", "j", "enter"),
        at=8,
    )

    shown = next(looks)
    assert shown.line("  w1 data['apples'] * 2  4 (was 18)")
    assert shown.line("● w2 /stock/apples  2 (was 9)")
    written = next(looks)
    assert written.position == 7
    assert written.line("w2 /stock/apples  9 (was 12)")
    assert next(looks).line("w1 data['apples'] * 2  4 (was 18)")
    assert next(looks).line("○ w1 data['apples'] * 2 ")
    last = next(looks)
    assert "data['apples']" not in last.text
    assert last.position == 7


def test_a_pinned_path_stands_first_and_its_history_leads_to_its_writes() -> None:
    looks = story(
        ("2", "p", "g"), ("G", "2", "home", "j", "H"), ("j", "enter"), ("escape",), ("2", "p"), at=8
    )

    pinned = next(looks)
    assert pinned.text.index("pinned") < pinned.text.index("changed here")
    assert pinned.line("/stock/apples  nothing yet")
    history = next(looks)
    assert history.line("range    2 to 12")
    assert history.line("▶ 2 ↵")
    written = next(looks)
    assert written.position == 7
    assert written.line("▶ 9 ↵")
    assert next(looks).line("type     StockReserved")
    assert "pinned  p" not in next(looks).text


@pytest.mark.parametrize("size", [(120, 36), (200, 50)], ids=["120x36", "200x50"])
def test_a_filter_watches_a_pin_and_a_history_beside_each_other(
    golden: Golden, size: tuple[int, int]
) -> None:
    shown = press(*ALL_SET, "1", *DEPOT, at=7, size=size)

    golden(f"finding-{size[0]}x{size[1]}", shown)


def test_a_filter_a_pin_watches_and_a_history_one_by_one(
    golden: Callable[[str, str], None],
) -> None:
    looks = story((*ALL_SET, "1", *DEPOT), ("2",), ("3",), ("4",), at=7, size=SMALL)

    for pane, look in enumerate(looks, start=1):
        golden(f"finding-{pane}-80x24", look.text)
