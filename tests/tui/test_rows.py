"""How events, states and times become rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from laban.replay.density import Bucket
from laban.replay.pointer import MISSING, look_up, parse_pointer
from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.events.details import MOST_LINES
from laban.tui.events.rows import density_columns
from laban.tui.looks.cells import fit, line
from laban.tui.pages import Pages
from laban.tui.session import Session
from laban.tui.state.preview import preview
from laban.tui.state.rows import MOST_CHANGES, change_rows, parts_changed
from laban.tui.state.tree import Folds, StreamTree
from laban.tui.values import Mark, RowKind, elapsed, roughly
from laban.tui.widgets.event_list import share
from tests.tui.driver import shop_log

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "+0.000s"),
        (12_424 * 10**6, "+12.424s"),
        (59_999_999_999, "+59.999s"),
        (3661 * SECOND, "+1h01m01.000s"),
        (125 * SECOND + 10**6, "+2m05.001s"),
        (49 * 3600 * SECOND, "+2d01h00m00s"),
        (-SECOND, "−1.000s"),
    ],
)
def test_a_time_is_told_since_the_first_event(span: int, text: str) -> None:
    assert elapsed(10**18 + span, 10**18) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (59_999_999_999, "+59.999s"),
        (125 * SECOND + 10**6, "+2m05s"),
        (3661 * SECOND, "+1h01m01s"),
        (49 * 3600 * SECOND, "+2d01h00m"),
    ],
)
def test_a_brief_time_leaves_out_what_is_small_beside_the_rest(span: int, text: str) -> None:
    assert elapsed(10**18 + span, 10**18, brief=True) == text


def test_an_unknown_time_is_not_told() -> None:
    assert elapsed(None, 5) == elapsed(5, None) == ""


@given(JSON)
def test_a_preview_with_room_is_the_value_itself(value: Any) -> None:
    assert json.loads(preview(value, 100_000)) == value


@given(JSON, st.integers(2, 30))
def test_a_preview_is_never_longer_than_asked(value: Any, limit: int) -> None:
    assert len(preview(value, limit)) <= limit


def test_a_preview_of_a_huge_value_builds_only_what_is_shown() -> None:
    class Counting(list[Any]):
        looked = 0

        def __iter__(self) -> Any:
            for item in super().__iter__():
                Counting.looked += 1
                yield item

    preview(Counting(range(100_000)), 40)

    assert Counting.looked < 50


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_line_has_exactly_its_width_and_no_control_characters(text: str, width: int) -> None:
    strip = line([(text, "")], width, Style())

    assert strip.cell_length == width
    assert all(ord(letter) >= 32 and not 0x7F <= ord(letter) < 0xA0 for letter in strip.text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)), st.integers(1, 30))
def test_a_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    assert len(fit(text, width)) == len(fit(text, width, right=True)) == width


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_fitted_text_fits_whatever_it_holds(text: str, width: int) -> None:
    assert line([(fit(text, width), "")], width, Style()).text == fit(text, width)


@pytest.mark.parametrize("room", [8, 20, 31, 54, 75, 120])
def test_columns_share_their_room_and_none_is_cut_to_nothing(room: int) -> None:
    needed = {"elapsed": 8, "source": 15, "type": 17, "stream": 12, "summary": 24}

    widths = share(needed, room)

    assert sum(widths.values()) + len(widths) - 1 <= room
    assert {"type", "stream"} <= set(widths)
    assert room < 20 or all(cells >= 8 for cells in widths.values())


@given(JSON, JSON)
def test_the_parts_that_changed_lead_from_one_value_to_the_other(before: Any, after: Any) -> None:
    parts = list(parts_changed("/s/f", before, after))

    for pointer, old, new in parts:
        inside = parse_pointer(pointer)[2:]
        assert old == look_up(before, inside)
        assert new == look_up(after, inside)
    assert bool(parts) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))


def test_a_value_replaced_whole_shows_only_what_differs() -> None:
    before, after = {"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 5}, 6], "d": 4}

    rows, counts = change_rows([("/s/f", before, after)], "/s")

    assert [(row.mark, row.label, row.before, row.value) for row in rows] == [
        (Mark.CHANGED, "f/a/1/b", "2", "5"),
        (Mark.ADDED, "f/a/2", "", "6"),
        (Mark.REMOVED, "f/c", "3", ""),
        (Mark.ADDED, "f/d", "", "4"),
    ]
    assert counts == {Mark.CHANGED: 1, Mark.ADDED: 2, Mark.REMOVED: 1}


def test_a_value_written_again_is_named_but_is_no_change() -> None:
    rows, counts = change_rows([("/s/a", 1, 1), ("/s/b", 1, True)], "/s")

    assert [row.label for row in rows] == ["b", "written again, the same: a"]
    assert counts[Mark.CHANGED] == 1


def test_changes_past_the_limit_are_counted() -> None:
    rows, counts = change_rows([("/s/f", MISSING, 1)] * (MOST_CHANGES + 7), "/s")

    assert len(rows) == MOST_CHANGES + 1
    assert rows[-1].label == "… and 7 more changes"
    assert counts[Mark.ADDED] == MOST_CHANGES + 7


def test_pointers_of_rows_lead_to_their_values() -> None:
    state = {"a/b": {"~": [1, {"x": None}]}, "": 2}

    rows = StreamTree("s/1", state, Folds())

    for row in rows[1:]:
        value = look_up({"s/1": state}, parse_pointer(row.pointer))
        assert row.value.endswith("}") or row.value.endswith("]") or row.value == json.dumps(value)


def test_large_values_are_folded_until_the_user_unfolds_them() -> None:
    folds, state = Folds(), {"many": list(range(1000))}

    assert len(StreamTree("s", state, folds)) == 2
    folds.choose("/s/many", open=True)
    assert len(StreamTree("s", state, folds)) == 1002


def buckets(*counts: int) -> list[Bucket]:
    """Return a bucket for each count of events, all of them as long; none at all: idle hours."""
    made, first = [], 1
    for number, count in enumerate(counts):
        times = (number * SECOND, (number + 1) * SECOND)
        if count < 0:
            made.append(Bucket(first, first - 1, 0, -count * 3600 * SECOND, columns=5))
        else:
            made.append(Bucket(first, first + count - 1, *times, float(count)))
            first += count
    return made


def test_busy_columns_are_high_and_idle_time_is_empty_or_folded() -> None:
    columns = density_columns(buckets(10, 50, 10, 5, 0, -2, 10))

    levels = [column.level for column in columns]
    assert "".join(column.fold for column in columns) == "⋯2h⋯⋯"
    assert levels[1] == max(levels) == 8
    assert 1 <= levels[3] < levels[0] < levels[1]
    assert levels[4] == 0


def test_a_steady_log_has_columns_of_one_height() -> None:
    assert len({column.level for column in density_columns(buckets(100, 101, 99, 100))}) == 1


def test_without_times_all_columns_are_of_middle_height() -> None:
    columns = density_columns([Bucket(1, 5, None, None), Bucket(6, 10, None, None)])

    assert [column.level for column in columns] == [4, 4]


@pytest.mark.parametrize(
    ("span", "text"),
    [(80_000_000, "80ms"), (SECOND, "1s"), (100 * SECOND, "100s"), (7199 * SECOND, "2h")],
)
def test_the_length_of_a_gap_has_room_in_its_fold(span: int, text: str) -> None:
    assert roughly(span) == text


def failing(*errors: int) -> list[bool]:
    """Tell for columns of 1,000 events each, so many of them failures, which are marked."""
    columns = [
        Bucket(n * 1000 + 1, n * 1000 + 1000, n, n + 1, 1000.0, e) for n, e in enumerate(errors)
    ]
    return [column.failing for column in density_columns(columns)]


def test_each_failure_is_marked_while_they_are_few() -> None:
    assert failing(0, 1, 0, 0, 0, 0, 0, 2) == [False, True] + [False] * 5 + [True]


def test_among_failures_everywhere_only_clearly_more_of_them_are_marked() -> None:
    assert failing(10, 12, 8, 60, 11, 9, 14, 10) == [False] * 3 + [True] + [False] * 4


def test_pages_are_fetched_when_looked_at_and_kept() -> None:
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, stop: int) -> list[int]:
        fetched.append((start, stop))
        return list(range(start, stop))

    pages = Pages(1_000_000, fetch)

    assert [pages[999_999], pages[-1], pages[5], pages[6]] == [999_999, 999_999, 5, 6]
    assert len(fetched) == 2
    with pytest.raises(IndexError):
        pages[1_000_000]


def test_hostile_names_are_shown_harmless() -> None:
    log = MemoryLog()
    log.append(NewEvent(stream="s\x1b[31m\n", type="T\x07", data={"\x1b]0;x": "\u202eabc\n"}))
    session = Session(log, Timeline.open(log), at=1)

    texts = [row.label for row in session.state().rows] + [session.events[1].stream]

    shown = [line([(text, "")], 60, Style()).text for text in texts]
    assert not any("\x1b" in text or "\n" in text or "\u202e" in text for text in shown)


def test_reads_are_stale_only_when_written_between() -> None:
    log = shop_log()
    timeline = Timeline.open(log)

    fresh = Session(log, timeline, at=7).details()
    stale = Session(log, timeline, at=9).details()

    assert not any(row.mark is Mark.ERROR for row in fresh)
    assert [row.target for row in stale if row.mark is Mark.ERROR] == [8]


def test_of_a_huge_event_only_so_many_lines_are_made() -> None:
    log = MemoryLog()
    for count in (MOST_LINES, MOST_LINES + 1, 5 * MOST_LINES):
        log.append(NewEvent(stream="s", type="T", data={str(n): n for n in range(count)}))
    timeline = Timeline.open(log)

    texts, notes = zip(
        *(
            [
                [row.label for row in Session(log, timeline, at=at).details() if row.kind is kind]
                for kind in (RowKind.TEXT, RowKind.NOTE)
            ]
            for at in (1, 2, 3)
        ),
        strict=True,
    )

    assert [len(lines) for lines in texts] == [MOST_LINES] * 3
    assert texts[2][-1] == f'  "{MOST_LINES - 1}": {MOST_LINES - 1},'
    assert [len(said) for said in notes] == [0, 1, 1]
