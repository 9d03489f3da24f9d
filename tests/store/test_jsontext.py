"""JSON objects and their exact text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.store.jsontext import JsonObject, to_json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=values)
def test_a_value_comes_back_from_its_text(value: object) -> None:
    text = to_json(value)

    assert json.loads(text.encode()) == value


def test_a_number_too_large_for_a_float_is_written_as_one() -> None:
    value = JsonObject('{"a": [1e999, -1e999]}').parsed

    assert to_json(value) == '{"a":[1e999,-1e999]}'


def test_nan_has_no_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json([float("nan")])


def test_an_object_reads_as_a_mapping_and_keeps_its_text() -> None:
    text = '{"b" : 1.10, "a": 123456789012345678901234567890}'

    made = JsonObject(text)

    assert made["a"] == 123456789012345678901234567890
    assert list(made) == ["b", "a"]
    assert made.text == text
    assert made == {"a": 123456789012345678901234567890, "b": 1.1}
