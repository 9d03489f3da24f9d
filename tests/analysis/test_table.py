"""A table shows a result in the width there is and hides nothing that would matter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.analysis.session import Result
from laban.analysis.table import render_table


def result(columns: dict[str, list[Any]], truncated: bool = False) -> Result:
    return Result(
        columns=list(columns),
        types=["VARCHAR"] * len(columns),
        rows=list(zip(*columns.values(), strict=True)),
        truncated=truncated,
    )


def test_numbers_stand_right_and_words_left() -> None:
    table = render_table(result({"type": ["a", "long"], "count": [1, 1000]}), 80)

    assert (
        table
        == """\
type  count
────  ─────
a         1
long   1000
(2 rows)"""
    )


def test_the_widest_column_gives_way() -> None:
    table = render_table(result({"n": [1], "word": ["short"], "text": ["x" * 100]}), 30)

    assert (
        table
        == """\
n  word   text
─  ─────  ────────────────────
1  short  xxxxxxxxxxxxxxxxxxx…
(1 row)"""
    )


def test_many_columns_become_a_block_a_row() -> None:
    columns = {f"column_{n}": [n, "x" * 50] for n in range(6)}

    lines = render_table(result(columns, truncated=True), 40).splitlines()

    assert lines[0] == "── 1 " + "─" * 35
    assert lines[1] == "column_0  0"
    assert lines[7:9] == ["── 2 " + "─" * 35, "column_0  " + "x" * 29 + "…"]
    assert lines[-1] == "(2 rows, and more)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (["a", None], '["a",null]'),
        ("two\nlines", "two\\nlines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("日本語", "日本語"),
        (float("nan"), "nan"),
        (0.1, "0.1"),
    ],
)
def test_a_value_is_one_line_that_steers_no_terminal(value: object, shown: str) -> None:
    lines = render_table(result({"v": [value]}), 80).splitlines()

    assert lines[2].strip() == shown


def test_a_result_without_rows_shows_its_columns() -> None:
    assert render_table(result({"a": [], "bcd": []}), 80) == "a  bcd\n─  ───\n(0 rows)"


texts = st.text(max_size=30) | st.integers() | st.none() | st.sampled_from(["日本" * 9, "e\u0301"])


@given(
    columns=st.dictionaries(st.text(max_size=12), st.lists(texts, min_size=2, max_size=2)),
    width=st.integers(20, 90),
)
def test_no_line_is_wider_than_the_terminal(columns: dict[str, list[Any]], width: int) -> None:
    from unicodedata import combining, east_asian_width

    lines = render_table(result(columns), width).splitlines()

    for line in lines:
        cells = sum(1 + (east_asian_width(c) in "WF") - bool(combining(c)) for c in line)
        assert cells <= width
