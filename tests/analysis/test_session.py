"""A query answers from the log as it is now, within its limits, whatever stands in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from laban.analysis.request import Limits, QueryError
from laban.analysis.session import Session, query
from laban.store.errors import LabanError, NotALogError

from .logfiles import ROOT, cache_of, event, record
from .test_mirror import holder

BOMB = "SELECT count(*) FROM range(10000000) a, range(10000000) b"


def test_a_query_returns_names_types_and_rows(session: Session) -> None:
    result = session.query("SELECT position, stream, time, data->>'status' AS status FROM events")

    assert result.columns == ["position", "stream", "time", "status"]
    assert result.types == ["BIGINT", "VARCHAR", "TIMESTAMP_NS", "VARCHAR"]
    assert result.rows == [
        (1, "order-1", None, "new"),
        (2, "order-1", "1970-01-01T00:00:01.000000001Z", "paid"),
        (3, "a/b", None, None),
    ]
    assert not result.truncated


def test_the_state_at_a_position_is_a_table(session: Session) -> None:
    result = session.query("FROM state_at(2)")

    assert (result.columns, result.rows) == (["path", "value"], [("/order-1/status", '"paid"')])


def test_the_position_of_a_state_may_be_computed(session: Session) -> None:
    result = session.query("FROM state_at((SELECT min(position) FROM events)) ORDER BY path")

    assert result.rows == [("/order-1/due", "7"), ("/order-1/status", '"new"')]


PLAIN: list[tuple[str, object]] = [
    ("NULL", None),
    ("true", True),
    ("12345678901234567890::UBIGINT", 12345678901234567890),
    ("sum(1)", 1),
    ("170141183460469231731687303715884105727", 170141183460469231731687303715884105727),
    ("1.50::DECIMAL(9, 2)", Decimal("1.50")),
    ("0.1::DOUBLE", 0.1),
    ("'ab'::BLOB", "6162"),
    ("DATE '2026-11-21'", "2026-11-21"),
    ("TIME '09:30:00'", "09:30:00"),
    ("TIMETZ '09:30:00+02'", "09:30:00+02"),
    ("TIMESTAMP '2026-11-21 09:30:00.5'", "2026-11-21T09:30:00.500Z"),
    ("TIMESTAMPTZ '2026-11-21 09:30:00+02'", "2026-11-21T07:30:00Z"),
    ("make_timestamp_ns(1)", "1970-01-01T00:00:00.000000001Z"),
    ("'-infinity'::TIMESTAMP", "-infinity"),
    ("INTERVAL 3 DAYS", "3 days"),
    ("'101'::BIT", "101"),
    ("{'a': 1}::VARIANT", "{'a': 1}"),
    ("[1, NULL]", [1, None]),
    ("{'a': make_timestamp_ns(1)}", {"a": "1970-01-01T00:00:00.000000001Z"}),
    ("MAP {'k': INTERVAL 1 DAY}", "{k=1 day}"),
    ("MAP {'k': DATE '2026-11-21'}", {"k": "2026-11-21"}),
    ("[1, 2]::INTEGER[2]", [1, 2]),
    ("'a'::ENUM('a', 'b')", "a"),
    ("'{\"a\": 1.10}'::JSON", '{"a": 1.10}'),
    ("uuid '00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
]


def test_each_type_of_value_comes_out_plain(session: Session) -> None:
    (row,) = session.query(f"SELECT {', '.join(sql for sql, _ in PLAIN)}").rows

    found = [(sql, value, type(value)) for (sql, _), value in zip(PLAIN, row, strict=True)]
    assert found == [(sql, value, type(value)) for sql, value in PLAIN]


def test_two_columns_may_have_one_name(session: Session) -> None:
    result = session.query("SELECT 1 AS a, '101'::BIT AS a, 3 AS \"A\"")

    assert (result.columns, result.rows) == (["a", "a", "A"], [(1, "101", 3)])


@pytest.mark.parametrize(("limit", "truncated"), [(0, True), (2, True), (3, False), (None, False)])
def test_a_limit_cuts_the_rows_and_says_so(
    session: Session, limit: int | None, truncated: bool
) -> None:
    result = session.query("FROM events", limit=limit)

    assert len(result.rows) == (3 if limit is None else limit)
    assert result.truncated is truncated


@pytest.mark.parametrize(
    "sql",
    [
        "DESCRIBE events",
        "SHOW TABLES",
        "SUMMARIZE events",
        "EXPLAIN FROM events",
        "EXPLAIN ANALYZE FROM events",
        "PIVOT events ON type USING count(*)",
        "FROM (PIVOT events ON type USING count(*))",
        "WITH p AS (PIVOT events ON type USING count(*)) FROM p",
        "VALUES (1)",
        "WITH t AS (FROM events) SELECT count(*) FROM t;",
        "-- a remark\nFROM events; -- another",
    ],
)
def test_whatever_reads_is_answered(session: Session, sql: str) -> None:
    assert session.query(sql).rows != []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("slect 1", 'Parser Error: syntax error at or near "slect" (at "slect" in line 1)'),
        (
            "SELECT 1,\n  foo FROM events",
            'Binder Error: Referenced column "foo" not found in FROM clause! '
            'Candidate bindings: "source" (at "foo" in line 2)',
        ),
        (
            "FROM event",
            "Catalog Error: Table with name event does not exist: there are events, "
            'state_history and state_at(position). (at "event" in line 1)',
        ),
        ("SELECT 'x'::INT", "Conversion Error: Could not convert string 'x' to INT32"),
        ("SELECT error('one\ntwo')", "Invalid Input Error: one two"),
        ("", "Give one SQL statement at a time: there is none."),
        ("SELECT 1; SELECT 2", "Give one SQL statement at a time: there are 2."),
    ],
)
def test_an_error_is_one_line_that_says_where(session: Session, sql: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        session.query(sql)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_an_error_after_many_rows_is_reported_when_they_were_taken(session: Session) -> None:
    late = "SELECT CASE WHEN range = 9999999 THEN error('late') ELSE 1 END FROM range(10000000)"
    count = 0

    with session.run(late) as answer, pytest.raises(QueryError, match="late"):  # noqa: PT012
        for batch in answer:
            count += batch.num_rows

    assert 0 < count < 10_000_000


def test_a_session_goes_on_after_errors_with_what_was_recorded_since(tmp_path: Path) -> None:
    path = tmp_path / "x.laban"
    record(path, [event(data={"x": 1})])
    with Session(path, cache_of(path), catch_up=lambda: record(path, [event()])) as session:
        assert session.query("SELECT count(*) FROM events").rows == [(2,)]
        with pytest.raises(QueryError):
            session.query("FROM nowhere")
        assert session.query("SELECT count(*) FROM events").rows == [(4,)]


def test_without_a_folder_a_private_copy_is_queried(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event(data={"x": 1})])

    result = query(tmp_path / "x.laban", None, "FROM state_at(1)")

    assert result.rows == [("/order-1/x", "1")]


def test_a_folder_without_an_index_does_not_matter(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event(data={"x": 1})])
    (tmp_path / "empty").mkdir()

    assert query(tmp_path / "x.laban", tmp_path / "empty", "FROM state_at(1)").rows != []


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def own(tmp_path: Path, notes: list[str]) -> Iterator[Session]:
    """A session over a log of its own."""
    path = tmp_path / "x.laban"
    record(path, [event(data={"x": 1})])
    with Session(path, cache_of(path), limits=Limits(patience=0.1), note=notes.append) as session:
        yield session


def test_a_mirror_in_use_is_done_without_and_that_is_said_once(
    own: Session, notes: list[str]
) -> None:
    with holder(own.log_path, "rw", 60) as process:
        first, second = (own.query("SELECT count(*) FROM events").rows for _ in range(2))
        process.kill()

    assert first == second == [(1,)]
    assert len(notes) == 1
    assert notes[0].endswith(
        "mirror.duckdb is in use by another process. "
        "Reading without it, from a private copy, for this once."
    )


def test_a_mirror_that_cannot_be_written_is_done_without(own: Session, notes: list[str]) -> None:
    (cache_of(own.log_path) / "mirror.duckdb").mkdir()

    assert own.query("SELECT count(*) FROM events").rows == [(1,)]
    assert len(notes) == 1
    assert notes[0].startswith("The mirror cannot be kept: IO Error: ")


def test_a_mirror_damaged_inside_is_made_anew_by_the_next_query(own: Session) -> None:
    record(own.log_path, [event(data={"x": n, "text": "abc" * 50}) for n in range(3000)])
    everything = "SELECT max(data), max(value) FROM events, (SELECT max(value) AS value, max(path)"
    everything += " FROM state_history)"
    expected = own.query(everything).rows
    file = cache_of(own.log_path) / "mirror.duckdb"
    content = bytearray(file.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 4096] = bytes(4096)
    file.write_bytes(content)

    with pytest.raises(QueryError, match="damaged and was deleted: ask again"):
        own.query(everything)

    assert own.query(everything).rows == expected


def test_nothing_is_left_behind_in_the_folders(own: Session, tmp_path: Path) -> None:
    own.query("FROM events")
    own.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.laban", "x.laban.cache"]
    kept = sorted(path.name for path in cache_of(tmp_path / "x.laban").iterdir())
    assert kept == ["index.lock", "index.sqlite", "mirror.duckdb"]


def test_what_is_no_log_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(NotALogError, match="There is no file"):
        query(tmp_path / "none.laban", None, "FROM events")


def limited(log: Path, **limits: float) -> Session:
    return Session(log, cache_of(log), limits=Limits(**limits))  # type: ignore[arg-type]


def test_a_query_that_takes_too_long_is_ended(log: Path) -> None:
    with limited(log, seconds=0.7) as session:
        with pytest.raises(QueryError, match=r"ended after 0\.7 s: narrow it"):
            session.query(BOMB)

        assert session.query("SELECT count(*) FROM events").rows == [(3,)]


def test_the_time_to_mirror_the_log_does_not_count(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event()])

    with (
        holder(tmp_path / "x.laban", "rw", 2),
        Session(
            tmp_path / "x.laban",
            cache_of(tmp_path / "x.laban"),
            limits=Limits(seconds=1, patience=60),
        ) as session,
    ):
        assert session.query("SELECT count(*) FROM events").rows == [(1,)]


def test_the_time_to_use_the_rows_does_not_count(log: Path) -> None:
    with limited(log, seconds=2) as session, session.run("FROM range(1000000)") as answer:
        rows = 0
        for number, batch in enumerate(answer):
            rows += batch.num_rows
            if number == 3:
                time.sleep(2.5)

    assert rows == 1_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 2000000000)",
        "SELECT length(repeat('x', 2000000000))",
        "SELECT unnest(string_split(repeat('ab,', 100000000), ','))",
        "SELECT list(range) FROM range(1000000000)",
    ],
)
def test_a_query_that_takes_too_much_memory_is_ended(log: Path, sql: str) -> None:
    with limited(log, memory=200 << 20, spill=100 << 20, seconds=60) as session:
        with pytest.raises(QueryError, match=r"memory|space"):
            session.query(sql, limit=5)

        assert session.query("SELECT count(*) FROM events").rows == [(3,)]


def test_what_does_not_fit_in_memory_is_spilled(log: Path) -> None:
    with limited(log, memory=80 << 20, threads=1) as session:
        sql = "SELECT range, repeat('x', 50) AS y FROM range(4000000) ORDER BY hash(range)"
        assert len(session.query(sql, limit=10).rows) == 10


def test_ctrl_c_ends_the_query_and_not_the_session(log: Path) -> None:
    with limited(log) as session:
        session.query("SELECT 1")
        interrupt = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
        interrupt.start()
        with pytest.raises(KeyboardInterrupt):
            session.query(BOMB)

        assert session.query("SELECT count(*) FROM events").rows == [(3,)]


def test_a_worker_that_is_killed_leaves_the_mirror_as_it_was(session: Session) -> None:
    with session.run("FROM range(9999999)") as answer:
        os.kill(answer._worker._process.pid, signal.SIGKILL)
        with pytest.raises(QueryError, match="SIGKILL"):
            list(answer)

    assert session.query("SELECT count(*) FROM events").rows == [(3,)]


PARENT = """
import os, sys
from pathlib import Path
from laban.analysis.session import Session

session = Session(sys.argv[1], None)
print(session._spare._process.pid, flush=True)
session.query(sys.argv[2])
"""


def test_no_query_outlives_the_program(log: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(log), BOMB], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        time.sleep(1)
        parent.kill()

    until = time.monotonic() + 20
    while Path(f"/proc/{worker}/cmdline").exists() and time.monotonic() < until:
        time.sleep(0.05)
    status = Path(f"/proc/{worker}/cmdline")
    assert not status.exists() or status.read_bytes() == b""


def test_errors_are_labans_own() -> None:
    assert issubclass(QueryError, LabanError)


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = "import laban.analysis, sys; print({'duckdb', 'pyarrow'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == "set()\n"
