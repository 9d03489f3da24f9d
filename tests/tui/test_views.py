"""The views of the events: lanes and causality, the critical path, and the timeline's zoom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.tui.events.causality import CAUSES, DIRECT, Causality
from laban.tui.events.lanes import Lanes, spent
from laban.tui.events.window import Window
from laban.tui.refusal import Refusal
from laban.tui.screens.debug import DebugScreen
from laban.tui.values import Column, RowKind
from laban.tui.widgets.timeline_strip import TimelineStrip
from tests.tui.driver import START, debugger, grid, press, settle, shop_log, typed

Golden = Callable[[str, str], None]

RECORDED = re.compile(r"(?<=recorded ).{30}")  # when the test ran


def dinner_log() -> MemoryLog:
    """
    Three tables of a restaurant at once, then a pause of two hours and a late guest.

    Each table is a correlation: asked, cooked in two pans that the plate waits for, served,
    paid. One cook fails. Cooks and guests say what it took them.
    """
    log = MemoryLog()
    clock = START
    for table in (1, 2, 3, 4):
        clock += 7200 * SECOND if table == 4 else 2 * SECOND
        told: list[tuple[str, str, str | None, int, dict[str, object]]] = [
            ("ordered", "guest", None, 0, {}),
            ("cooking", "kitchen", "ordered", 1, {}),
            ("fried", "pan", "cooking", 3, {"duration_ms": 2900, "tokens": 120}),
            ("burnt_failed" if table == 2 else "baked", "oven", "cooking", 9, {"duration_ms": 480}),
            ("plated", "kitchen", "fried", 10, {"causes": ["fried", "baked"]}),
            ("served", "waiter", "plated", 12, {}),
            ("paid", "guest", "served", 13, {"cost": 0.0125}),
        ]
        for type, source, cause, after, metadata in told:
            if "causes" in metadata:
                metadata = {"causes": [f"{cause}-{table}" for cause in ("fried", "baked")]}
            log.append(
                NewEvent(
                    stream=f"table-{table}",
                    type=type,
                    id=f"{type}-{table}",
                    source=source,
                    data={"step": type},
                    time_ns=clock + after * SECOND,
                    causation_id=cause and f"{cause}-{table}",
                    correlation_id=f"dinner-{table}",
                    metadata=metadata,
                )
            )
    return log


def fan(effects: int, steps: int = 0) -> MemoryLog:
    """A chain of *steps*, the last of which has so many effects, the first of which has two."""
    log = MemoryLog()
    chain = [f"c{n}" for n in range(steps + 1)]
    told = [(id, chain[n - 1] if n else None) for n, id in enumerate(chain)]
    told += [(f"f{n}", chain[-1]) for n in range(effects)]
    told += [("g1", "f0"), ("g2", "f0"), ("h", "g2")]
    log.append(
        *(NewEvent(stream="s", type="t", id=id, data={}, causation_id=cause) for id, cause in told)
    )
    return log


def looks(
    *steps: Sequence[str], at: int, size: tuple[int, int], log: EventLog | None = None
) -> list[str]:
    """Press the keys of each step, and return what was shown after it."""
    log = dinner_log() if log is None else log
    app = debugger(log, Timeline.open(log), at=at, title="dinner.laban")
    seen: list[str] = []

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            for keys in steps:
                for key in keys:
                    await settle(pilot)
                    await pilot.press(*typed(key))
                await pilot.pause()
                await settle(pilot)
                seen.append(grid(app))

    asyncio.run(run())
    return seen


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)], ids=str)
def test_the_three_views_of_the_events_and_the_critical_path_in_each(
    golden: Golden, size: tuple[int, int]
) -> None:
    steps = (("v",), ("v",), ("P",), ("v", "v"), ("v", "+", "+"))
    names = ("lanes", "causality", "critical", "critical-lanes", "zoomed")

    for name, text in zip(names, looks(*steps, at=19, size=size), strict=True):
        golden(f"{name}-{size[0]}x{size[1]}", RECORDED.sub(" " * 30, text))


def tree_of(log: MemoryLog, position: int) -> Causality:
    return Causality(Timeline.open(log), log.get(position))


def test_the_tree_has_the_root_first_then_the_event_then_its_effects() -> None:
    tree = tree_of(fan(2, steps=2), 3)

    shown = [(row.edges, row.position) for row in tree.rows]
    assert shown == [
        *[("", 1), ("", 2), ("", 3)],
        *[("├─", 4), ("│ ├─", 6), ("│ ╰─", 7), ("│   ", 8), ("╰─", 5)],
    ]
    assert tree.cursor == 2


def test_effects_past_the_first_are_counted_and_loaded_when_asked_for() -> None:
    tree = tree_of(fan(1_000), 1)

    more = [n for n, row in enumerate(tree.rows) if row.kind is RowKind.MORE]
    assert tree.rows[more[-1]].text == f"╰ … and {1_000 - DIRECT} more effects: enter shows some"
    assert len(tree.rows) < 150
    tree.more(more[-1])
    assert len({row.position for row in tree.rows if row.edges in ("├─", "╰─")}) > DIRECT
    while tree.rows[-1].kind is RowKind.MORE:
        tree.more(len(tree.rows) - 1)
    assert {row.position for row in tree.rows} >= set(range(1, 1_002))


def test_causes_past_the_nearest_are_loaded_when_asked_for() -> None:
    tree = tree_of(fan(1, steps=250), 251)

    assert tree.rows[0].text == "… and more causes: enter shows them"
    assert tree.rows[1].position == 252 - CAUSES
    while tree.rows[0].kind is RowKind.MORE:
        tree.more(0)
    assert [row.position for row in tree.rows[:251]] == list(range(1, 252))


def test_causes_in_a_circle_end() -> None:
    log = MemoryLog()
    for id, cause in (("a", "b"), ("b", "a")):
        log.append(NewEvent(stream="s", type="t", id=id, data={}, causation_id=cause))

    tree = tree_of(log, 2)

    assert [row.position for row in tree.rows] == [None, 1, 2]
    assert "circle" in tree.rows[0].text


def test_enter_in_the_causality_goes_to_the_event_or_to_what_was_read() -> None:
    steps = (("v", "v"), ("j", "enter"), ("u", "j", "j", "enter"), ("n", "k", "k", "enter"))

    shown, *others = looks(*steps, at=9, size=(120, 36), log=shop_log())

    assert "│ read /stock/apples as of #e3: 12" in shown
    assert "✗ stale: it was 2 since @8" in shown
    assert [other.split(" / ")[0].split("@")[1] for other in others] == ["3", "8", "7"]


def test_the_cursor_of_the_lanes_is_the_current_position() -> None:
    shown = press("v", "j", "j", "k", "n", at=4)

    assert (shown.pane, shown.position) == ("lanes", 6)
    assert shown.line("▶ 6")


def test_lanes_say_where_causes_off_the_screen_are_and_count_what_has_no_room() -> None:
    log = MemoryLog()
    for n in range(60):
        cause = {"e50": "e1", "e51": "e50"}.get(f"e{n}")
        log.append(
            NewEvent(stream="s", type="t", id=f"e{n}", source=f"agent-{n % 20}", data={},
                     causation_id=cause)
        )  # fmt: skip

    first, second = looks(("v",), ("n",), at=51, size=(80, 24), log=log)

    assert "+7" in first.splitlines()[5]
    assert "├─@2─" in next(line for line in first.splitlines() if "▶51" in line)
    assert "├──" in next(line for line in second.splitlines() if "▶52" in line)


def test_only_rows_in_view_are_fetched_and_causes_are_the_nearest_of_their_id() -> None:
    log = dinner_log()
    timeline = Timeline.open(log)

    rows = Lanes(timeline, timeline.head, lambda: None).rows

    assert [row.cause for row in rows[1:8]] == [None, 1, 2, 2, 3, 5, 6]
    assert (rows[3].lane, rows[3].cause_lane, rows[3].spent) == ("pan", "kitchen", "2.9s 120tok")
    assert rows[7].spent == "$0.0125"


def test_spending_that_is_no_number_is_not_told() -> None:
    odd = {"duration_ms": "long", "tokens": True, "cost": -1, "other": 5}
    log = MemoryLog()
    log.append(NewEvent(stream="s", type="t", data={}, metadata=odd))

    assert spent(log.get(1)) == ""


def test_the_critical_path_goes_through_the_cause_that_was_waited_for_longest() -> None:
    shown = press("v", "v", "P", at=19, log=dinner_log())

    assert shown.status == "critical path of dinner-3: 6 of 7 events, 13.000s, by recorded times"
    steps = [line for line in shown.text.splitlines() if "◆" in line or "▶ @19" in line]
    assert [step for step in steps if "@18 baked  oven  +8.000s  ███████ 62%" in step]
    assert not [step for step in steps if "@17" in step]


def test_the_critical_path_is_hidden_by_the_same_key() -> None:
    marked, plain = looks(("P",), ("P",), at=19, size=(80, 24))

    assert ("◆" in marked, "◆" in plain) == (True, False)


def test_without_all_times_or_a_correlation_the_critical_path_says_so() -> None:
    assert press("P", at=7).status.endswith("by positions, as 1 has no time")
    before, without = looks(("P",), ("n", "P"), at=0, size=(80, 24), log=fan(1))
    assert "This is before the first event" in before
    assert "@1 belongs to no correlation" in without


def test_a_click_on_a_name_in_a_title_goes_there() -> None:
    log = dinner_log()
    app = debugger(log, Timeline.open(log), at=5)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            for name in ("Lanes", "Causality", "4 Event", "1 Causality", "1 Events"):
                row, text = next(
                    (y, t) for y, t in enumerate(grid(app).splitlines()) if t.startswith("╭─ 1")
                )
                await pilot.click(offset=(text.index(name) + 1, row))
                await settle(pilot)
                assert app.focused is not None
                assert app.focused.id == name.split(" ")[-1].lower()

    asyncio.run(run())


def columns(*firsts: int, last: int) -> list[Column]:
    stops = [*firsts[1:], last + 1]
    return [Column(a, b - 1, 1) for a, b in zip(firsts, stops, strict=True)]


def test_zooming_halves_the_columns_around_the_position_and_back() -> None:
    window, shown = Window(), columns(*range(1, 1_001, 10), last=1_000)

    window.narrow(shown, 500)
    assert (window.first, window.last) == (241, 740)
    window.pan(1, 1_000)
    assert (window.first, window.last) == (490, 989)
    window.pan(1, 1_000)
    assert (window.first, window.last) == (501, 1_000)
    with pytest.raises(Refusal, match="end of the log"):
        window.pan(1, 1_000)
    assert not window.follow(600, 1_000)
    assert window.follow(100, 1_000)
    assert window.first <= 100 <= (window.last or 0)
    window.widen()
    assert window.is_whole
    with pytest.raises(Refusal, match="whole log"):
        window.widen()


def test_a_drag_in_the_timeline_goes_along_and_is_undone_as_one_jump() -> None:
    log = dinner_log()
    app = debugger(log, Timeline.open(log), at=4)

    async def run() -> Iterator[int]:
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            screen = app.screen
            assert isinstance(screen, DebugScreen)
            seen = []
            await pilot.mouse_down(TimelineStrip, offset=(1, 1))
            for x in (30, 60, 90):
                await pilot.hover(TimelineStrip, offset=(x, 1))
                await pilot.pause(0.06)
                await settle(pilot)
                seen.append(screen.session.position)
            await pilot.mouse_up(TimelineStrip, offset=(90, 1))
            await pilot.press("u")
            seen.append(screen.session.position)
            return iter(seen)

    first, second, third, undone = asyncio.run(run())
    assert first < second < third
    assert undone == 4


def test_a_ribbon_shows_where_the_log_is_good_and_where_bad() -> None:
    strip = TimelineStrip()
    strip.show(columns(1, 11, 21, 31, last=40))

    strip.ribbon([(15, True), (35, False)])

    assert "".join(glyph for glyph, _ in strip._ribbon()) == "─━━─"


def test_a_hit_breakpoint_a_failure_and_the_position_are_marked_in_the_timeline() -> None:
    marks = press("b", "enter", "c", "n", at=1, log=shop_log()).text.splitlines()[1]

    assert [letter for letter in marks.partition("here")[0] if letter != " "] == [*"●▼✗▼"]
