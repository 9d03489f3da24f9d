"""What each key promises."""

from __future__ import annotations

import pytest

from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from tests.tui.driver import press

SMALL = (80, 24)


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("n", 4, 5),
        ("right", 4, 5),
        ("f10", 4, 5),
        ("N", 4, 3),
        ("left", 4, 3),
        ("shift+f10", 4, 3),
        ("N", 1, 0),
        ("down", 4, 5),
        ("j", 4, 5),
        ("up", 4, 3),
        ("k", 4, 3),
        ("s", 1, 4),
        ("S", 4, 1),
        ("g", 4, 1),
        ("G", 4, 10),
        ("home", 4, 0),
        ("end", 4, 10),
        ("pagedown", 0, 10),
        ("pageup", 10, 0),
        ("[", 9, 7),
        ("]", 4, 7),
    ],
)
def test_a_key_goes_to_its_event(key: str, start: int, end: int) -> None:
    shown = press(key, at=start)

    assert shown.position == end
    assert shown.line("Events").startswith("╭")
    assert f"@{end} / 10" in shown.line("laban")
    assert shown.screen.panes.events.cursor == end


@pytest.mark.parametrize(
    ("key", "start", "reason"),
    [
        ("n", 10, "@10 is the last event."),
        ("N", 0, "This is before the first event."),
        ("s", 0, "This is before the first event: n steps to it."),
        ("s", 6, "order-2@2 is the last of its stream."),
        ("S", 2, "order-2@0 is the first of its stream."),
        ("[", 3, "No cause is recorded for @3 (#e3)."),
        ("[", 10, "The cause, #elsewhere, is not in this log."),
        ("]", 8, "No event names @8 as its cause."),
        ("u", 4, "No jump to undo."),
        ("ctrl+r", 4, "No jump was undone."),
        ("c", 4, "No breakpoint is set: b sets one."),
        ("C", 4, "No breakpoint is set: b sets one."),
        (".", 4, "Nothing to look for yet: / asks for an expression or a text."),
        ("d", 4, "d deletes a watch or a breakpoint: 3 goes to them."),
        ("h", 4, "h and l fold and unfold rows of the state: 2 goes there."),
        ("w", 0, "Select a path in the state first: 2 goes there."),
    ],
)
def test_a_key_that_leads_nowhere_says_why_and_stays(key: str, start: int, reason: str) -> None:
    shown = press(key, at=start)

    assert shown.position == start
    assert shown.line(reason)


@pytest.mark.parametrize(
    ("address", "end"),
    [
        ("4", 4),
        ("@4", 4),
        ("order-2@2", 6),
        ("#e9", 9),
        ("+4s", 4),
        ("50%", 5),
        ("head", 10),
        ("0", 0),
    ],
)
def test_an_address_goes_there(address: str, end: int) -> None:
    assert press(":", address, "enter", at=1).position == end


def test_an_address_that_does_not_exist_is_refused_in_one_line_and_the_position_stays() -> None:
    shown = press(":", "@11", "enter", at=3)

    assert shown.position == 3
    assert shown.line("There is no event @11: the log ends at @10")
    assert shown.screen.prompt.asking


def test_a_path_shows_another_stream_until_escape() -> None:
    shown = press(":", "/stock/apples", "enter", at=9)
    after = press(":", "/stock/apples", "enter", "escape", at=9)

    assert shown.position == 9
    assert shown.selected == "/stock/apples"
    assert "apples  2" in shown.text
    assert "apples  2" not in after.text


def test_escape_leaves_a_prompt_and_the_keys_work_again() -> None:
    shown = press(":", "99", "escape", "n", at=3)

    assert shown.position == 4
    assert not shown.screen.prompt.asking


def test_up_in_a_prompt_brings_back_the_last_answer() -> None:
    shown = press(":", "4", "enter", ":", "7", "enter", ":", "up", "up", "enter", at=1)

    assert shown.position == 4


def test_undo_goes_back_over_jumps_and_redo_takes_them_again() -> None:
    there = ("G", "g", "n", "n")

    assert press(*there, "u", at=4).position == 10
    assert press(*there, "u", "u", at=4).position == 4
    assert press(*there, "u", "u", "ctrl+r", at=4).position == 10


def test_find_goes_to_the_next_match_and_period_and_comma_go_on() -> None:
    find = ("/", "type == 'OrderPlaced'", "enter")

    assert press(*find, at=0).position == 1
    assert press(*find, ".", at=0).position == 2
    assert press(*find, ".", ",", at=0).position == 1


def test_find_without_a_match_stays_and_counts_what_was_undefined() -> None:
    shown = press("/", "data['total'] > 100", "enter", at=0)

    assert shown.position == 0
    assert shown.line("Nothing matches data['total'] > 100 after @0; 10 looked at, 8 of them undef")


def test_a_bad_expression_is_refused_with_its_place_and_can_be_mended() -> None:
    shown = press("/", "typ == 1", "enter", at=3)

    assert shown.position == 3
    assert ">>>typ<<<" in shown.status
    assert shown.screen.prompt.asking


def test_continue_runs_to_the_nearest_of_several_breakpoints() -> None:
    breaks = ("b", "type == 'ParcelPacked'", "enter", "b", "data['apples'] == 9", "enter")

    shown = press(*breaks, "c", at=0)

    assert shown.position == 7
    assert shown.line("stopped: breakpoint data['apples'] == 9")
    assert press(*breaks, "c", "c", at=0).position == 9
    assert press(*breaks, "C", at=10).position == 9
    assert press(*breaks, "C", "C", at=10).position == 7


def test_a_break_without_an_expression_is_on_the_type_of_this_event() -> None:
    shown = press("b", "enter", "c", at=1)

    assert shown.position == 2
    assert shown.line("● type OrderPlaced  met 1 time")


def test_a_deleted_breakpoint_stops_nothing() -> None:
    breaks = ("b", "type == 'ParcelPacked'", "enter", "b", "data['apples'] == 9", "enter")

    shown = press(*breaks, "3", "j", "d", "c", at=0)

    assert shown.position == 9


def test_every_kind_of_breakpoint_stops_in_both_directions() -> None:
    for text, first, last in (
        ("type StockCounted", 3, 8),
        ("source depot", 3, 8),
        ("stream order-2", 2, 6),
        ("correlation basket-1 if data.get('apples') == 9", 7, 7),
        ("write /order-1/status", 1, 4),
        ("write /order-1", 1, 4),
        ("write /order-1/to/city", 1, 1),
        ("at @5", 5, 5),
        ("state['order-2']['status'] == 'unpaid'", 5, 5),
    ):
        assert press("b", text, "enter", "c", at=0).position == first, text
        assert press("b", text, "enter", "C", at=10).position == last, text


def test_a_breakpoint_for_once_goes_and_an_ignore_count_is_used_up() -> None:
    shown = press("b", "stream order-2 ignore 1 once", "enter", "c", at=0)
    again = press("b", "stream order-2 ignore 1", "enter", "c", "c", at=0)

    assert shown.position == 5
    assert "● stream" not in shown.text
    assert again.position == 6
    assert again.line("● stream order-2  met 3 times")


def test_a_breakpoint_is_turned_off_and_on_again() -> None:
    off = press("b", "stream order-2", "enter", "3", "x", "c", at=0)
    on = press("b", "stream order-2", "enter", "3", "x", "x", "c", at=0)

    assert off.position == 0
    assert off.line("○ stream order-2 off")
    assert off.line("No breakpoint stops after @0.")
    assert on.position == 2


def test_a_path_is_watched_and_its_writes_are_run_to_in_both_directions() -> None:
    shown = press("W", "c", at=3, select="/stock/apples")

    assert shown.position == 7
    assert shown.line("stopped: breakpoint write /stock/apples")
    assert press("W", "c", "c", "C", at=3, select="/stock/apples").position == 7


def test_next_write_goes_on_write_by_write_and_for_a_stream_too() -> None:
    assert press("e", at=3, select="/stock/apples").position == 7
    assert press("e", "e", at=3, select="/stock/apples").position == 8
    assert press("e", "e", "e", at=3, select="/stock/apples").line(
        "/stock/apples is not written after @8."
    )


def test_last_write_goes_back_write_by_write_along_the_selected_path() -> None:
    assert press("2", "j", "j", "j", "j", "w", at=9, select="/stock/apples").position == 9
    assert press("w", at=8).position == 7  # the first change, /stock/apples
    assert press("w", "w", at=8).position == 3
    assert press("w", "w", "w", at=8).position == 3
    assert press("w", "w", "w", at=8).line("@3 is the first write of /stock/apples.")


def test_enter_on_a_path_of_another_stream_goes_to_its_last_write() -> None:
    shown = press(":", "/order-2/reason", "enter", "2", "enter", at=9)

    assert shown.position == 5
    assert shown.line("stopped: wrote /order-2/reason")


def test_enter_on_a_row_of_the_event_goes_where_it_leads() -> None:
    cause = press("4", "j", "j", "j", "enter", at=9)
    stale = press("4", "j", "j", "j", "j", "j", "enter", at=9)

    assert cause.position == 7
    assert stale.position == 8


def test_enter_on_a_row_that_leads_nowhere_says_so() -> None:
    shown = press("4", "enter", at=9)

    assert shown.position == 9
    assert shown.line("That row leads nowhere")


def test_values_unfold_and_fold() -> None:
    row = ("2", *"jjjjj")  # address of order-1

    folded = press(*row, "h", at=4)
    unfolded = press(*row, "h", "l", at=4)

    assert folded.selected == unfolded.selected == "/order-1/to"
    assert '▸ to  {2} {"city": "Zürich"' in folded.text
    assert "▾ to  {2}" in unfolded.text
    assert 'city  "Zürich"' in unfolded.text


def test_fold_on_an_inner_row_folds_the_value_around_it() -> None:
    shown = press("2", *"jjjjjj", "h", at=4)

    assert shown.selected == "/order-1/to"
    assert "▸ to  {2}" in shown.text


def test_another_stream_unfolds_in_place() -> None:
    shown = press("2", "end", "l", at=4)

    assert shown.selected == "/stock"
    assert "apples  12" in shown.text


def test_more_streams_are_listed_when_asked_for() -> None:
    log = MemoryLog()
    log.append(*(NewEvent(stream=f"s{n}", type="T", data={"n": n}) for n in range(60)))

    few = press("2", "end", at=60, log=log)
    all = press("2", "end", "enter", "end", at=60, log=log)

    assert "more streams" in few.text
    assert all.selected == "/s58"


@pytest.mark.parametrize(
    ("keys", "pane"),
    [
        ("1", "events"),
        ("2", "state"),
        ("3", "breakpoints"),
        ("4", "event"),
        (("tab",), "state"),
        (("tab", "tab"), "breakpoints"),
        (("shift+tab",), "event"),
        (("tab",) * 4, "events"),
    ],
)
@pytest.mark.parametrize("size", [SMALL, (120, 36)], ids=["80x24", "120x36"])
def test_keys_go_from_pane_to_pane(keys: tuple[str, ...], pane: str, size: tuple[int, int]) -> None:
    shown = press(*keys, at=4, size=size)

    assert shown.pane == pane
    assert shown.pane_rows > 0


def test_zoom_gives_one_pane_the_screen_and_takes_it_back() -> None:
    zoomed = press("2", "z", at=4)
    back = press("2", "z", "z", at=4)

    assert "╮╭" not in zoomed.text
    assert "╮╭" in back.text


def test_every_key_of_a_list_works_while_another_pane_shows_the_position() -> None:
    shown = press("2", "n", "n", at=4)

    assert shown.position == 6
    assert shown.pane == "state"


def test_help_finds_a_key_by_what_it_does_and_carries_it_out() -> None:
    shown = press("?", "last event", "enter", at=4)

    assert shown.position == 10


def test_help_leaves_with_escape() -> None:
    shown = press("?", "last event", "escape", "n", at=4)

    assert shown.position == 5


def test_quit_ends_the_debugger() -> None:
    shown = press("q", at=4)

    assert not shown.running


def test_hints_lead_on_one_by_one() -> None:
    hints = [("n steps", "n"), ("c runs", "c"), ("the end", "")]

    assert press(at=1, hints=hints).line("▸ n steps")
    assert press("n", at=1, hints=hints).line("▸ c runs")
    assert press("n", "N", at=1, hints=hints).line("▸ c runs")
    assert press("n", "b", "enter", "c", at=1, hints=hints).line("▸ the end")
    assert "▸ the end" not in press("n", "b", "enter", "c", "N", at=1, hints=hints).text


def test_a_key_that_was_refused_does_not_fulfil_its_hint() -> None:
    assert press("c", at=1, hints=[("c runs", "c")]).line("▸ c runs")


def test_no_key_typed_ahead_is_lost() -> None:
    log = MemoryLog()
    log.append(*(NewEvent(stream="s", type="T", data={"n": n}) for n in range(100)))

    assert press("jnjn" * 12 + "jjw", at=1, log=log).position == 50  # one write before 51
    assert press("/", "position > 0", "enter", "....", at=0, log=log).position == 5


def test_a_long_text_is_read_in_full_its_lines_apart() -> None:
    log = MemoryLog()
    said = "Dear customer,\nthe parcel is late. " + "Sorry! " * 40 + "Zürich 雨雨雨"
    log.append(NewEvent(stream="s", type="Said", data={"text": said}))

    shown = press("4", "z", at=1, log=log, size=(80, 24))

    assert '│   "text": "Dear customer,\\n  ' in shown.text
    assert "│     the parcel is late. Sorry!" in shown.text
    assert 'Zürich 雨雨雨"' in shown.text
