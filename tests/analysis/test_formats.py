"""What is written out reads back as it was."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from laban.analysis.formats import write_csv, write_json, write_parquet
from laban.analysis.request import QueryError
from laban.analysis.session import Session
from laban.store.errors import UnwritableError

from .logfiles import DELICATE

EMPTY = "FROM events WHERE false"
MANY = "SELECT range AS n, repeat('x', 20) AS x FROM range(300000)"


def as_json(session: Session, sql: str, limit: int | None = None) -> str:
    file = io.StringIO()
    with session.run(sql, limit) as answer:
        write_json(answer, file)
    return file.getvalue()


def test_json_has_an_object_a_row_and_json_within_to_the_letter(session: Session) -> None:
    text = as_json(session, "SELECT position, data FROM events WHERE stream = 'a/b'")

    assert f'{{"position":3,"data":{DELICATE}}}' in text
    assert json.loads(text) == {
        "columns": ["position", "data"],
        "rows": [{"position": 3, "data": json.loads(DELICATE)}],
        "truncated": False,
    }


def test_json_keeps_digits_and_tells_columns_of_one_name_apart(session: Session) -> None:
    text = as_json(
        session,
        """SELECT 1.50::DECIMAL(9, 2) AS a, 170141183460469231731687303715884105727 AS a,
        'nan'::DOUBLE AS a, [0.10::DECIMAL(9, 2), NULL] AS b, {'k': '"'} AS c, NULL AS a_2""",
    )

    assert text.splitlines()[1] == (
        '{"a":1.50,"a_2":170141183460469231731687303715884105727,"a_3":"nan",'
        '"b":[0.10,null],"c":{"k":"\\""},"a_2_2":null}'
    )
    assert list(json.loads(text)["rows"][0]) == ["a", "a_2", "a_3", "b", "c", "a_2_2"]


def test_json_of_no_strict_json_is_a_string(session: Session) -> None:
    rows = json.loads(as_json(session, """SELECT '{"a": NaN}'::JSON AS j"""))["rows"]

    assert rows == [{"j": '{"a": NaN}'}]


def test_json_says_when_rows_are_missing(session: Session) -> None:
    answer = json.loads(as_json(session, "SELECT position FROM events", limit=2))

    assert (len(answer["rows"]), answer["truncated"]) == (2, True)


def test_json_without_rows_still_names_the_columns(session: Session) -> None:
    answer = json.loads(as_json(session, EMPTY))

    assert (answer["rows"], answer["columns"][0]) == ([], "position")


def test_csv_reads_back(session: Session) -> None:
    file = io.StringIO(newline="")
    with session.run(
        """SELECT 1 AS n, 'a "b", c' AS text, NULL AS nothing, true AS yes, [1] AS list,
        make_timestamp_ns(1) AS t UNION ALL SELECT 2, 'two\nlines', '', false, NULL, NULL"""
    ) as answer:
        count = write_csv(answer, file)

    assert count == 2
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [
        ["n", "text", "nothing", "yes", "list", "t"],
        ["1", 'a "b", c', "", "true", "[1]", "1970-01-01T00:00:00.000000001Z"],
        ["2", "two\nlines", "", "false", "", ""],
    ]


def test_csv_without_rows_is_a_header(session: Session) -> None:
    file = io.StringIO(newline="")
    with session.run("SELECT 1 AS n WHERE false") as answer:
        write_csv(answer, file)

    assert file.getvalue() == "n\n"


def test_parquet_keeps_types_and_nanoseconds(session: Session, tmp_path: Path) -> None:
    with session.run("SELECT position, time, data FROM events") as answer:
        count = write_parquet(answer, tmp_path / "events.parquet")

    found = duckdb.from_parquet(str(tmp_path / "events.parquet"))
    assert count == 3
    assert list(map(str, found.types)) == ["BIGINT", "TIMESTAMP_NS", "VARCHAR"]
    assert found.project("position, epoch_ns(time), data").fetchall()[1:] == [
        (2, 1_000_000_001, '{"status":"paid"}'),
        (3, None, DELICATE),
    ]


def test_parquet_of_many_rows_comes_in_groups(session: Session, tmp_path: Path) -> None:
    with session.run(MANY) as answer:
        count = write_parquet(answer, tmp_path / "many.parquet")

    file = parquet.ParquetFile(tmp_path / "many.parquet")
    assert count == file.metadata.num_rows == 300_000
    assert 1 < file.num_row_groups < 5


@pytest.mark.parametrize(
    "sql",
    [
        EMPTY,
        "SELECT NULL AS n",
        "SELECT INTERVAL 1 DAY, '1'::BIT, union_value(a := 1), {'a': INTERVAL 1 DAY}",
        "SELECT sum(1), [1], MAP {'a': 1}, 'a'::ENUM('a'), uuid(), 1::UHUGEINT, bignum '1'",
        "SELECT 1::VARIANT, TIMETZ '09:30:00+02', 'a'::BLOB, TIME '09:30:00', [1]::INT[1]",
    ],
)
def test_parquet_takes_every_type(session: Session, tmp_path: Path, sql: str) -> None:
    with session.run(sql) as answer:
        count = write_parquet(answer, tmp_path / "x.parquet")

    assert parquet.read_table(tmp_path / "x.parquet").num_rows == count


def test_a_query_that_fails_leaves_the_old_file(session: Session, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("PAR1old")
    late = "SELECT CASE WHEN range = 9999999 THEN error('late') ELSE 1 END FROM range(10000000)"

    with pytest.raises(QueryError, match="late"), session.run(late) as answer:
        write_parquet(answer, tmp_path / "x.parquet")

    assert [path.name for path in tmp_path.iterdir()] == ["x.parquet"]
    assert (tmp_path / "x.parquet").read_text() == "PAR1old"


def test_a_file_that_cannot_be_written_is_said_in_one_line(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(UnwritableError, match="choose a folder"), session.run(MANY) as answer:
        write_parquet(answer, tmp_path / "nowhere" / "x.parquet")
