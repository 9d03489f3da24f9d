"""Python text: it means the value, and a formatter leaves it alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.testing.writer.literals import LINE, literal

texts = st.text(st.characters(codec="utf-8"), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | texts | st.sampled_from(['say "no"', "it's", "both ' and \"", "\\", "\n\x00\x7f\u2028é"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)  # fmt: skip


@given(values)
def test_a_literal_means_its_value(value: Any) -> None:
    text = literal(value)

    assert ast.literal_eval(text) == value
    assert repr(ast.literal_eval(text)) == repr(value)


@pytest.mark.parametrize("value", [float("inf"), [float("-inf")], {"a": float("nan")}])
def test_a_number_without_a_literal_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="has no literal"):
        literal(value)


def test_ruff_leaves_literals_of_every_shape_and_length_as_they_are() -> None:
    shapes: list[Any] = [
        [], {}, [[]], {"a": {}}, "it's", 'say "no"', "both ' and \"", 1e-07, 1e22, -3, True, None,
        *([list(range(n))] for n in range(15, 35)),
        *({"key": "x" * n} for n in range(60, 90)),
        *({"k" * n: [1, {"a": "b"}]} for n in range(55, 75)),
        {"id": "e1", "data": {"text": "long " * 20, "list": [{"a": 1, "b": ["c"] * 30}]}},
    ]  # fmt: skip
    text = "".join(f"X = {literal(value, 4)}\n" for value in shapes)

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={LINE}", "-"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == text
