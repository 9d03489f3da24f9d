"""SQL, what a check finds, and the metrics, each on a screen of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from laban.replay.builder import CancelledError
from laban.replay.check import Flaw
from laban.replay.stats import (
    RuleStats,
    SagaStats,
    SequenceStats,
    Spending,
    Stats,
)
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from laban.tui.apart import apart
from laban.tui.app import DebuggerApp
from laban.tui.check.rows import Findings, events_of, find_flaws
from laban.tui.desk import Opened
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from laban.tui.screens.sql import NO_FILE, SqlScreen
from laban.tui.sql.history import History
from laban.tui.sql.tables import TABLES
from laban.tui.sql.text import at_position, completion, highlights, is_blank, is_complete
from laban.tui.sql.values import Table
from laban.tui.stats.measuring import Measured, Place
from laban.tui.stats.rows import rule_rows
from laban.tui.widgets.stats_chart import StatsChart
from tests.tui.driver import debugger, grid, press, settle, shop_log, typed

Golden = Callable[[str, str], None]
SIZES = ((80, 24), (120, 36), (200, 50))
_SCHEMA = """SELECT table_name, column_name, data_type, coalesce(comment, '')
FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop's log, in a file."""
    path = tmp_path / "shop.laban"
    log = SqliteLog.create(path)
    for event in shop_log().read():
        log.append(NewEvent(**{name: getattr(event, name) for name in NewEvent.__struct_fields__}))
    log.close()
    return path


def running(
    app: DebuggerApp, look: Callable[[Pilot[None]], object], size: tuple[int, int] = SIZES[0]
) -> None:
    """Let *look*, a coroutine function, drive *app*."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            await look(pilot)  # type: ignore[misc]

    asyncio.run(run())


async def keys(pilot: Pilot[None], *names: str) -> None:
    """Press keys, each when the one before has done its work."""
    for name in names:
        await pilot.press(*typed(name))
        await settle(pilot)
        await pilot.pause()


async def golden_sizes(pilot: Pilot[None], golden: Golden, name: str) -> None:
    """Compare the screen in all sizes; how long a query took is left out."""
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await pilot.pause()
        text = re.sub(r"\d\.\d\d s", "0.00 s", grid(pilot.app))
        golden(f"{name}-{width}x{height}", text)


# SQL.


def test_a_query_at_the_current_position_leads_to_the_positions_that_it_finds(
    shop: Path, golden: Golden
) -> None:
    log = SqliteLog.open(shop)
    folder = shop.with_suffix(".cache")
    folder.mkdir()
    with_index = Timeline.open(log, folder)
    app = debugger(log, with_index, at=7, title="shop.laban", path=shop, folder=folder)

    async def look(pilot: Pilot[None]) -> None:
        await keys(pilot, "Q")
        screen = app.screen
        assert isinstance(screen, SqlScreen)
        await golden_sizes(pilot, golden, "sql-examples")
        await keys(pilot, "qDn?")
        assert screen.editor.text == "qDn?"  # letters typed into a query run no action
        screen.editor.put("FROM events SELECT position, type, data WHERE position <= $here;")
        await keys(pilot, "enter")
        await golden_sizes(pilot, golden, "sql-result")
        screen.editor.put("SELECT stream\nFROM evnts")
        await keys(pilot, "r")
        assert "Table with name evnts does not exist" in screen.status.message
        assert '(at "evnts" in line 2)' in screen.status.message
        await keys(pilot, "[")
        assert screen.editor.text.endswith("<= $here;")
        await cancels_at_once(pilot, screen)
        assert screen.queries is not None
        schema = screen.queries.ask(_SCHEMA, Job())
        assert {tuple(row) for row in schema.rows} == set(told_columns())
        await pilot.resize_terminal(*SIZES[0])
        await pilot.pause()
        await pilot.click(screen.result.rows, offset=(14, 1))
        assert (screen.result.rows.cursor, screen.result.column) == (1, 1)
        await keys(pilot, "l", "enter")
        assert app.screen is not screen
        assert app.current.session.position == 2  # from the row, as no position is selected

    running(app, look)
    with_index.close()
    log.close()


async def cancels_at_once(pilot: Pilot[None], screen: SqlScreen) -> None:
    screen.editor.put("SELECT count(*) FROM range(100000000000) a, range(1000) b")
    await pilot.press("r")
    await pilot.pause(0.2)
    assert screen.worker.busy
    await pilot.press("escape")
    assert not screen.worker.busy
    assert screen.status.message == "cancelled"


def told_columns() -> list[tuple[str, ...]]:
    table = ""
    found: list[tuple[str, ...]] = []
    for row in TABLES:
        if row.is_table:
            table = row.name
        elif "(" not in table:  # those of a function are not in the catalog
            found.append((table, row.name, row.type, row.comment))
    return found


def test_sql_says_that_it_needs_a_file() -> None:
    shown = press("Q", "escape", "r")

    assert NO_FILE in shown.text


def test_here_is_put_in_where_it_is_a_word_of_its_own() -> None:
    sql = "SELECT $here, '$here', \"$here\", $$ $here $$, $hereby -- $here\nWHERE p<=$HERE"

    put = at_position(sql, 7)

    assert put == "SELECT 7, '$here', \"$here\", $$ $here $$, $hereby -- $here\nWHERE p<=7"


@pytest.mark.parametrize(
    ("sql", "complete"),
    [("SELECT 1;", True), ("SELECT 1; -- so", True), ("SELECT ';", False), ("SELECT 1", False),
     ("/* ;", False), ("", False)],
)  # fmt: skip
def test_a_query_ends_with_a_semicolon_that_is_no_part_of_a_string(
    sql: str, complete: bool
) -> None:
    assert is_complete(sql) is complete


def test_comments_alone_are_nothing_to_run() -> None:
    assert is_blank(" -- nothing\n ; /* yet")
    assert not is_blank("FROM events")


def test_names_and_keywords_go_on_where_the_cursor_is() -> None:
    assert completion("SELECT stream_p") == "osition"
    assert completion("SEL") == "ECT"
    assert completion("... ord") == "er"
    assert completion("FROM events WHERE type = 'sou") == ""
    assert completion("events") == ""


def test_words_are_told_apart_by_their_meaning() -> None:
    sql = "SELECT type, 1 FROM x -- so"

    found = {sql[start:end]: meaning for start, end, meaning in highlights(sql)}

    assert found == {
        "SELECT": "key", "type": "name", "1": "source", "FROM": "key", "-- so": "faint",
    }  # fmt: skip


def test_columns_of_positions_lead_to_events_and_others_by_their_row() -> None:
    columns = ("stream_position", 'max(e."position")', "first_position", "n")
    table = Table(columns=columns, rows=[("0", "9", "", "4")])

    assert table.positions == [1, 2]
    assert [table.position(0, column) for column in range(4)] == [9, 9, 9, 9]


# Checking.


def test_findings_lead_to_their_events_and_the_other_event_of_a_race(golden: Golden) -> None:
    log = shop_log()
    app = debugger(log, Timeline.open(log), at=2, title="shop.laban")

    async def look(pilot: Pilot[None]) -> None:
        await keys(pilot, "K")
        await golden_sizes(pilot, golden, "check")
        await keys(pilot, "]")
        assert "the last finding" in app.current.screen("check").status.message
        await keys(pilot, "o")
        assert app.current.session.position == 8  # the write that the read missed
        await keys(pilot, "K", "enter")
        assert app.current.session.position == 9
        await keys(pilot, "K", "2", "end", "enter")
        assert app.current.session.position == 3  # the version that was read

    running(app, look)


def test_a_clean_log_says_what_was_checked() -> None:
    clean = MemoryLog()
    clean.append(
        NewEvent(stream="a", type="Began", data={}), NewEvent(stream="b", type="Ended", data={})
    )

    shown = press("K", log=clean)

    assert "Nothing was found in 2 events." in shown.text
    assert "✓ races" in shown.text
    assert "c names a choreography" in shown.text


def test_findings_are_grouped_by_kind_in_the_order_of_the_check_and_fold() -> None:
    flaws = [
        Flaw(rule=None, kind=kind, position=position, detail=f"at @{position}")
        for kind, position in (("stale read", 9), ("lost update", 4), ("stale read", 7))
    ]
    rows = Findings(flaws)

    texts = [row.text for row in rows]
    assert texts == ["stale read", "at @9", "at @7", "lost update", "at @4"]
    assert [rows.neighbour(0, 1), rows.neighbour(2, 1), rows.neighbour(4, 1)] == [1, 4, None]
    assert rows.fold(2) == 0
    assert [row.text for row in rows] == ["stale read", "lost update", "at @4"]
    assert rows.flaw(2) == flaws[1]
    assert [place for place, _, _ in events_of(flaws[0])] == [9]


def test_a_choreography_that_is_not_there_leaves_the_question_open() -> None:
    shown = press("K", "c", "nowhere.yaml", "enter")

    assert "nowhere.yaml" in shown.text


# Measuring.


def test_rows_of_the_metrics_lead_to_the_first_and_the_last_event(golden: Golden) -> None:
    log = shop_log()
    app = debugger(log, Timeline.open(log), at=2, title="shop.laban")

    async def look(pilot: Pilot[None]) -> None:
        await keys(pilot, "T")
        await golden_sizes(pilot, golden, "stats")
        chart = app.current.screen("stats").query_one("#rates", StatsChart)
        chart.cursor = [row.label for row in chart.rows].index("depot")
        await keys(pilot, "enter")
        assert app.current.session.position == 3
        await keys(pilot, "T", "G")
        assert app.current.session.position == 8

    running(app, look)


def test_rules_sequences_sagas_circuits_and_spending_are_charts(golden: Golden) -> None:
    stats = Stats(
        events=9,
        rules={"pay": RuleStats(4, 3, 1, 0.5, 2.0)},
        sequences={"life": SequenceStats(1, 2, 1, 2 / 3)},
        sagas={"trip": SagaStats(0, 1, 1, 0)},
        circuits={"map": {"closed": 60.0, "open": 30.0, "half_open": 10.0}},
        spending={"poet": Spending(900, 0.25)},
    )
    places: dict[str, dict[str, Place]] = {
        "type": {},
        "source": {},
        "circuit": {},
        "rule": {"pay": Place(2, 8, [1] * 48)},
    }
    chart, rows = StatsChart(), rule_rows(Measured(stats, 9, [0] * 48, places))

    lines = ["".join(text for text, _ in chart.pieces(row, 0, 76)) for row in rows]
    golden("stats-rules", "\n".join(line.rstrip() for line in lines))


def test_a_large_log_is_worked_on_in_a_process_that_ends_when_cancelled(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laban.tui.apart.LARGE", 1)
    log = SqliteLog.open(shop)
    opened = Opened(log=log, timeline=Timeline.open(log), path=shop)

    flaws = apart(find_flaws, opened, "", Job())

    assert flaws == find_flaws(log, "", Job())
    (job := Job()).cancel()
    with pytest.raises(CancelledError):
        apart(find_flaws, opened, "", job)
    with pytest.raises(LabanError, match="no file nowhere"):
        apart(find_flaws, opened, "nowhere.yaml", Job())
    opened.timeline.close()
    log.close()


def test_queries_are_brought_back_also_the_next_time(tmp_path: Path) -> None:
    history = History(tmp_path / "kept")
    for sql in ("one", "two", "two"):
        history.add(sql)

    assert [history.turn("two", -1), history.turn("one", 1)] == ["one", "two"]
    assert [history.turn("thr", -1), history.turn("two", 1)] == ["two", "thr"]
    with pytest.raises(Refusal, match="no later query"):
        history.turn("thr", 1)
    assert History(tmp_path / "kept").asked == ["one", "two"]


def test_a_damaged_history_is_none(tmp_path: Path) -> None:
    (tmp_path / "queries.json").write_text('{"no": "list"}')

    assert History(tmp_path).asked == []
