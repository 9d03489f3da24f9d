"""The state as rows that are made when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.pointer import format_pointer, parse_pointer
from laban.tui.pages import Joined
from laban.tui.state import tree as state_tree
from laban.tui.state.preview import preview
from laban.tui.state.tree import Folds, StreamTree

NAMES = st.sampled_from(["a", "b", "c/d", "~", "0", ""])
VALUES = st.recursive(
    st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)
STATES = st.dictionaries(NAMES, VALUES, max_size=6)


def paths(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield every path inside *value*, in order."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        path = pointer + format_pointer((str(name),))
        yield path, item
        if isinstance(item, (dict, list)):
            yield from paths(item, path)


@given(STATES, st.data())
def test_a_row_stands_for_each_path_that_is_not_inside_a_folded_one(
    state: dict[str, Any], data: st.DataObject
) -> None:
    every = list(paths(state, "/s"))
    branches = [path for path, item in every if isinstance(item, (dict, list)) and item]
    folds = Folds()
    closed = set(data.draw(st.lists(st.sampled_from(branches), unique=True)) if branches else [])
    for path in branches:
        folds.choose(path, open=path not in closed)
    width = data.draw(st.sampled_from([0, 100]))

    with patch.object(state_tree, "_WIDE", width):
        rows = list(StreamTree("s", state, folds))
        found = [StreamTree("s", state, folds).find(parse_pointer(path)) for path, _ in every]

    seen = [
        path for path, _ in every if not any(path.startswith(f"{inside}/") for inside in closed)
    ]
    assert [row.pointer for row in rows if row.pointer] == ["/s", *seen]
    for (path, _), (row, tokens) in zip(every, found, strict=True):
        around = parse_pointer(path)[:tokens]
        assert rows[row].pointer == format_pointer(around)
        assert path not in seen or tokens == len(parse_pointer(path))


def test_of_a_million_paths_only_those_in_view_are_made() -> None:
    folds, made = Folds(), 0
    folds.choose("/s/many", open=True)
    folds.choose("/s/many/999999", open=True)
    state = {"few": 1, "many": [*range(999_999), {"last": 0}]}

    def counted(value: Any) -> str:
        nonlocal made
        made += 1
        return preview(value)

    with patch.object(state_tree, "preview", counted):
        rows = StreamTree("s", state, folds)
        shown = rows[500_000:500_040]

    assert len(rows) == 1_000_004
    assert rows[-1].pointer == "/s/many/999999/last"
    assert rows.find(("s", "many", "999999", "last")) == (1_000_003, 4)
    assert [row.value for row in shown] == [str(499_997 + n) for n in range(40)]
    assert made == len(shown)


def test_joined_sequences_are_one() -> None:
    joined = Joined(["ab", "", "cde"])

    assert "".join(joined) == "abcde"
    assert (len(joined), joined[-1], "".join(joined[1:4])) == (5, "e", "bcd")
