"""What is watched, and the history of a path."""

from __future__ import annotations

import pytest

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from laban.tui.setting.points import NothingSetError, SetPoints
from laban.tui.state.history import LISTED, history_of
from laban.tui.values import BreakpointRow, Mark
from tests.tui.driver import shop_log


def points(*lines: str, watches: tuple[str, ...] = ()) -> SetPoints:
    made = SetPoints()
    for watch in watches:
        made.watches.add(watch)
    for line in lines:
        made.breakpoints.add(line)
    return made


def test_watches_come_first_with_the_value_after_the_event_and_before_it() -> None:
    timeline = Timeline.open(shop_log())
    made = points(
        *("type StockCounted", "write /stock/apples", "write /order-9/status"),
        watches=("len(state)", "data['apples'] * 2"),
    )

    assert made.rows(timeline, 8) == [
        BreakpointRow("len(state)", stops=False, name="w1", value="3"),
        BreakpointRow("data['apples'] * 2", stops=False, name="w2", value="4", before="18"),
        BreakpointRow("/stock/apples", name="w3", value="2", before="9"),
        BreakpointRow("/order-9/status", name="w4", value="nothing"),
        BreakpointRow("type StockCounted"),
    ]
    assert made.rows(timeline, 0)[1].value.startswith("undefined: ")


def test_a_row_of_the_list_is_deleted_turned_off_and_followed_as_what_it_is() -> None:
    timeline = Timeline.open(shop_log())
    made = points(
        "type StockCounted",
        "write /stock/apples",
        watches=("before['stock']['apples']", "position"),
    )

    assert made.toggle(2) == "breakpoint off: write /stock/apples"
    assert made.toggle(0) == "watch off: before['stock']['apples']"
    assert [row.enabled for row in made.rows(timeline, 8)] == [False, True, False, True]
    assert made.place(0, timeline, 8) == ("", 8)  # one after 7, which wrote it
    assert made.place(2, timeline, 8) == ("/stock/apples", None)
    with pytest.raises(Refusal, match="reads the event"):
        made.place(1, timeline, 8)
    with pytest.raises(Refusal, match="has stopped no run yet"):
        made.place(3, timeline, 8)
    assert made.remove(1) == "no longer watched: position"
    assert made.remove(2) == "breakpoint deleted: type StockCounted"
    with pytest.raises(NothingSetError):
        made.remove(2)


def test_the_history_of_a_number_is_a_curve_and_that_of_others_how_often_it_changed() -> None:
    timeline = Timeline.open(shop_log())

    apples = history_of(timeline, "/stock/apples", Job())
    status = history_of(timeline, "/order-2/status", Job())

    assert apples.range == "2 to 12"
    assert apples.line.strip() == "█" * 16 + "▆" * 4 + "▁" * 12
    assert apples.last == [(8, "2"), (7, "9"), (3, "12")]
    assert status.range == ""
    assert [len(part) for part in status.line.split("█")] == [4, 11, 3, 19]
    assert [text for _, text in status.last] == ['"cancelled"', '"unpaid"', '"new"']
    assert apples.rows(7)[apples.row_of(7)].target == 7
    assert [row.target for row in apples.rows(5) if row.mark is Mark.HERE] == [3]


def test_a_long_history_lists_its_last_writes_and_counts_all() -> None:
    log = MemoryLog()
    log.append(*(NewEvent(stream="s", type="T", data={"n": n}) for n in range(LISTED + 50)))

    history = history_of(Timeline.open(log), "/s/n", Job())

    assert history.count == LISTED + 50
    assert len(history.last) == LISTED
    assert history.rows(1)[-1].label == "… and 50 earlier writes"
    assert history.line == "".join(sorted(history.line))
