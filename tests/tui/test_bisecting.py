"""The bisect screen: expressions, answers by hand, and where they lead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from laban.replay.bisect import Verdict
from laban.replay.expression import compile_expression
from laban.replay.timeline import Timeline
from laban.tui.bisect.bisecting import Found, Mode, Question, bisect
from laban.tui.bisect.by_hand import ByHand
from laban.tui.bisect.rows import expression_of, ribbon, sought, write_before
from laban.tui.bisect.values import Answer, Stretch
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from tests.tui.driver import Shown, press, shop_log

Golden = Callable[[str, Shown], None]
SIZES = [(80, 24), (120, 36), (200, 50)]
FEW_APPLES = "state['stock']['apples'] < 10"
FLAPPING = "stream == 'stock'"


def found(text: str, mode: Mode = "first", by: str = "") -> Found:
    return bisect(Timeline.open(shop_log()), Question(text=text, mode=mode, by=by), Job())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36", "200x50"])
def test_every_edge_with_its_event_on_a_ribbon_of_good_and_bad(
    golden: Golden, size: tuple[int, int]
) -> None:
    shown = press("I", FLAPPING, "enter", "3", "n", size=size)

    golden(f"bisect-{size[0]}x{size[1]}", shown)


def test_answers_by_hand_narrow_down_and_count_what_is_left(golden: Golden) -> None:
    shown = press("I", "escape", "m", "enter", "g", "s", at=9, size=(80, 24))

    golden("bisect-by-hand-80x24", shown)


def test_the_value_selected_in_the_state_is_what_is_asked_for_and_leads_to_the_cause() -> None:
    shown = press("2", "I", "enter", "[", at=5)

    assert shown.screen.session.timeline.log.get(5).data.parsed["status"] == "unpaid"
    assert "cause of @5" in shown.line("stopped")
    assert shown.position == 2


def test_what_was_found_last_is_what_is_asked_for() -> None:
    shown = press("/", "type == 'StockReserved'", "enter", "I", "enter", "enter")

    assert shown.position == 7
    assert "bisect: true" in shown.line("stopped")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("type StockReserved", "type == 'StockReserved'"),
        ("correlation basket-1", "correlation_id == 'basket-1'"),
        ("type A if data['n'] > 3", "type == 'A' and (data['n'] > 3)"),
        ("apples", ""),
        ("data['n'] > 3", "data['n'] > 3"),
        ("data['n'] >", ""),
    ],
)
def test_names_that_were_found_become_expressions(text: str, expression: str) -> None:
    assert sought(text) == expression


def test_the_last_write_of_what_is_read_is_a_key_away() -> None:
    shown = press("I", FEW_APPLES, "enter", "w")

    assert shown.position == 3
    assert "wrote /stock/apples" in shown.line("stopped")


def test_each_mode_names_its_guarantee() -> None:
    told = {
        mode: (found(FEW_APPLES, mode).lines[-1][0].split(":")[0], found(FEW_APPLES, mode).rows)
        for mode in ("first", "last-good", "all", "assume-monotone")
    }

    assert [guarantee for guarantee, _ in told.values()] == [
        *("first", "last", "first", "monotone-assumed")
    ]
    assert [rows[-1].position for _, rows in told.values()] == [7, 7, 7, 7]


def test_what_is_not_known_stays_unknown_on_the_ribbon() -> None:
    first = ribbon(found(FLAPPING).stretches, 10, 11)
    every = ribbon(found(FLAPPING, "all").stretches, 10, 11)

    assert [column.good for column in first] == [True] * 3 + [False] * 8
    assert [column.bad for column in first] == [False] * 3 + [True] + [False] * 7
    assert [column.first for column in every if column.bad] == [3, 7, 8]
    assert not [column for column in every if column.good is column.bad]


def test_a_narrow_ribbon_shows_that_a_column_holds_both() -> None:
    stretches = [Stretch(0, 6, Answer.GOOD), Stretch(7, 10, Answer.BAD)]

    columns = ribbon(stretches, 10, 3)

    assert [(c.first, c.last) for c in columns] == [(0, 3), (4, 7), (8, 10)]
    assert [(c.good, c.bad) for c in columns] == [(True, False), (True, True), (False, True)]
    assert [c.first for c in ribbon([], 2, 6)] == [0, 0, 1, 1, 2, 2]


def test_each_group_has_its_first_event() -> None:
    answer = found("'status' in data", by="stream")

    assert [(row.group, row.position) for row in answer.rows] == [("order-1", 1), ("order-2", 2)]
    assert answer.lines[0][0] == "true in 2 of 4 streams"


def test_an_expression_that_is_never_true_says_so() -> None:
    answer = found("type == 'Nothing'")

    assert answer.lines[0] == ("never true", "ok")
    assert not answer.rows


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        (("order-1", "status"), "state['order-1']['status'] == 'paid'"),
        (("order-1", "paid"), "state['order-1']['paid'] == 40"),
        (("stock", "pears"), "state['stock']['pears'] == None"),
        (("order-1", "to", "lines", "1"), "state['order-1']['to']['lines'][1] == '8001'"),
        (("order-1", "to", "lines"), "len(state['order-1']['to']['lines']) == 2"),
    ],
)
def test_a_path_and_its_value_are_an_expression_that_holds(
    path: tuple[str, ...], expression: str
) -> None:
    timeline = Timeline.open(shop_log())

    text = expression_of(timeline, path, 4)

    assert text == expression
    answer = bisect(timeline, Question(text=text, mode="last-good", last=4), Job())
    assert answer.rows[0].position in (1, 3, 4)


def test_an_expression_over_the_event_alone_was_written_by_nobody() -> None:
    with pytest.raises(Refusal, match="reads no path"):
        write_before(Timeline.open(shop_log()), compile_expression("type == 'x'"), 5)


def test_answers_by_hand_end_at_the_event_and_are_kept_for_the_command(tmp_path: Path) -> None:
    timeline = Timeline.open(shop_log())
    hand = ByHand(timeline, tmp_path / "shop.laban", tmp_path)
    hand.start(0, 10)
    while (position := hand.session.narrowing.next()) is not None:  # type: ignore[union-attr]
        hand.answer(Verdict.BAD if position >= 7 else Verdict.GOOD)

    again = ByHand(timeline, tmp_path / "shop.laban", tmp_path)

    assert again.resume()
    assert again.lines[0][0] == "bad first at @7, not yet at @6"
    assert again.lines[1][0].startswith("edge: ")
    assert again.take_back() == "took back that @6 is good"
    assert "about 1 step to go" in again.lines[0][0]
    again.forget()
    assert not ByHand(timeline, tmp_path / "shop.laban", tmp_path).resume()


def test_without_a_folder_it_says_that_answers_are_not_kept() -> None:
    hand = ByHand(Timeline.open(shop_log()), None, None)

    hand.start(0, 10)

    assert "not kept" in hand.lines[-1][0]


def test_all_edges_stand_under_the_timeline_of_the_main_screen_until_escape() -> None:
    shown = press("I", FLAPPING, "enter", "3", "D")
    left = press("I", FLAPPING, "enter", "3", "D", "escape")

    assert shown.line("─ good ━ bad").startswith(" ────━━━━━━───")
    assert "good" not in left.text
