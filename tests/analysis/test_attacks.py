"""No query reads, writes or runs anything but the log, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from laban.analysis.refusal import check
from laban.analysis.request import Limits, QueryError
from laban.analysis.session import Session

from .logfiles import cache_of

NO_FILES = "file system operations are disabled"

# Refused for what they are, whatever they ask for.
OTHER_STATEMENTS = [
    "COPY events TO 'stolen.csv'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "EXPORT DATABASE 'stolen'",
    "PRAGMA profiling_output = 'stolen.json'",
    "ATTACH 'other.duckdb'",
    "ATTACH ':memory:' AS more",
    "USE memory",
    "INSTALL httpfs",
    "LOAD json",
    "FORCE INSTALL httpfs FROM community",
    "CREATE SECRET s (TYPE http)",
    "SET threads = 64",
    "SET lock_configuration = false",
    "RESET memory_limit",
    "PRAGMA memory_limit = '64GB'",
    "CALL enable_logging()",
    "SET VARIABLE a = 1",
    "INSERT INTO events FROM events",
    "WITH e AS (FROM events) INSERT INTO events FROM e",
    "UPDATE events SET type = 'forged'",
    "DELETE FROM events",
    "TRUNCATE events",
    "MERGE INTO events USING events AS e ON false WHEN MATCHED THEN DELETE",
    "DROP TABLE events",
    "ALTER TABLE events DROP COLUMN data",
    "CREATE TABLE mine (a INT)",
    "CREATE TEMP VIEW events AS SELECT 1",
    "CREATE OR REPLACE MACRO state_at(p) AS TABLE SELECT 1",
    "COMMENT ON TABLE events IS 'forged'",
    "CREATE TEMP TABLE mine AS PIVOT events ON type",
    "COPY (PIVOT events ON type) TO 'stolen.csv'",
    "INSERT INTO events PIVOT events ON type",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
]

# What only reads, but reads, runs or writes more than the log.
ATTACKS = [
    ("DELETE FROM events", "DELETE is not possible here"),
    # writing files
    ("EXPLAIN ANALYZE COPY events TO 'stolen.csv'", NO_FILES),
    ("FROM enable_logging(storage = 'file', storage_config = {'path': 'stolen'})", "locked"),
    ("FROM enable_profiling(save_location = 'stolen.json')", "locked"),
    # reading files and the network
    ("FROM read_csv('/etc/passwd')", NO_FILES),
    ("FROM read_text('/etc/passwd')", NO_FILES),
    ("FROM read_blob('/proc/self/environ')", NO_FILES),
    ("FROM read_json('/etc/passwd')", NO_FILES),
    ("FROM read_parquet('s3://bucket/key')", NO_FILES),
    ("FROM parquet_metadata('/etc/passwd')", NO_FILES),
    ("FROM sniff_csv('/etc/passwd')", NO_FILES),
    ("FROM read_duckdb('other.duckdb')", NO_FILES),
    ("FROM glob('/etc/*')", NO_FILES),
    ("FROM '/etc/passwd'", "does not exist"),
    ("FROM 'secrets.csv'", NO_FILES),
    ("FROM query('FROM read_text(''/etc/passwd'')')", NO_FILES),
    ("SELECT getenv('HOME')", "does not exist"),
    # other databases and code
    ("FROM sqlite_scan('x.laban', 'records')", "not in the catalog"),
    ("FROM pandas_scan(1)", "No function matches"),
    ("FROM arrow_scan(1, 2, 3)", "No function matches"),
    ("FROM python_map_function((SELECT 1))", ""),
    # what is recorded stays recorded
    ("WITH e AS (DELETE FROM events RETURNING *) FROM e", ""),
    ("FROM query('DELETE FROM events')", "single SELECT"),
    ("EXPLAIN ANALYZE DELETE FROM events", "read-only"),
    # more than one at a time, or none
    ("SELECT 1; DROP TABLE events", "one SQL statement at a time"),
    ("BEGIN; DELETE FROM events; COMMIT", "one SQL statement at a time"),
    ("/* SELECT 1 */ -- nothing", "there is none"),
    ("SELECT 1\0; DROP TABLE events", ""),
    # texts that are no SQL
    ("(" * 5000, ""),
    ("SELECT " + "(" * 3000 + "1" + ")" * 3000, ""),
    ("SELECT '" + "x" * 100_000, ""),
]


@pytest.fixture(scope="module")
def warm(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One session for all attacks, in a folder where nothing may appear."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("here"))
        with Session(log, cache_of(log), limits=Limits(seconds=30)) as session:
            session.query("SELECT 1")  # the mirror is there now
            yield session


def contents(log: Path) -> dict[str, str]:
    files = [log, cache_of(log) / "mirror.duckdb", cache_of(log) / "index.sqlite"]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("sql", OTHER_STATEMENTS)
def test_a_statement_that_does_not_read_is_refused(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events (type VARCHAR, data VARCHAR)").complete()

        with pytest.raises(QueryError, match="is not possible here: a log is only read"):
            check(connection, sql)


@pytest.mark.parametrize(("sql", "message"), ATTACKS, ids=[sql[:50] for sql, _ in ATTACKS])
def test_an_attack_is_refused_in_one_line_and_leaves_no_trace(
    warm: Session, log: Path, sql: str, message: str
) -> None:
    before = contents(log)

    with pytest.raises(QueryError) as caught:
        warm.query(sql)
    warm.prepare()

    line = str(caught.value)
    assert message in line
    assert len(line.splitlines()) == 1
    assert len(line) < 600
    assert contents(log) == before
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range = 3",
        "SELECT length(repeat('x', 1900000000)) FROM events, events e",
        "SELECT sleep_ms(60000)",
    ],
    ids=["recursion", "cross join", "repeat", "sleep"],
)
def test_a_bomb_is_ended_and_the_next_query_runs(log: Path, sql: str) -> None:
    with Session(log, cache_of(log), limits=Limits(seconds=1, memory=256 << 20)) as session:
        with pytest.raises(QueryError, match=r"ended|memory"):
            session.query(sql)

        assert session.query("SELECT count(*) FROM events").rows == [(3,)]
