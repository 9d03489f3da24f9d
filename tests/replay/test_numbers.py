"""The numbers of names: the same whether the names are in memory or looked up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay import builder, numbers
from laban.replay.index import Index
from laban.replay.numbers import Numbers
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index()
    made.create()
    with closing(made):
        yield made


def added(index: Index, names: Numbers[str]) -> None:
    with index.transaction() as db:
        db.executemany("INSERT INTO fields VALUES (?, ?)", names.fresh)
    names.added()


def test_names_are_numbered_in_the_order_in_which_they_come(index: Index) -> None:
    names: Numbers[str] = Numbers(index, "fields")

    assert [names.of(name, name) for name in ("b", "a", "b", "c")] == [1, 2, 1, 3]
    assert names.fresh == [(1, "b"), (2, "a"), (3, "c")]


def test_who_comes_later_reads_no_name_and_goes_on_counting(index: Index) -> None:
    first: Numbers[str] = Numbers(index, "fields")
    first.of("a", "a")
    first.of("b", "b")
    added(index, first)

    second: Numbers[str] = Numbers(index, "fields")

    assert second.known == {}
    assert [second.of(name, name) for name in ("b", "c")] == [2, 3]
    assert second.fresh == [(3, "c")]


def test_of_many_names_only_the_newest_stay_in_memory(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "KEPT", 4)
    names: Numbers[str] = Numbers(index, "fields")
    for name in "abcde":
        names.of(name, name)
    added(index, names)

    assert list(names.known) == ["c", "d", "e"]
    assert [names.of(name, name) for name in "aef"] == [1, 5, 6]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz")), max_size=30))
def test_an_index_is_the_same_however_few_names_are_kept(
    writes: list[tuple[str, str]],
) -> None:
    events = [NewEvent(stream=stream, type=f, data={f: n}) for n, (stream, f) in enumerate(writes)]
    log = MemoryLog()
    log.append(*events)
    tables = ("streams", "fields", "labels", "writes")

    def rows() -> list[list[tuple[object, ...]]]:
        with closing(Timeline.open(log)) as timeline:
            return [timeline.index.all(f"SELECT * FROM {table}") for table in tables]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(builder, "BATCH", 3)
        whole = rows()
        patched.setattr(numbers, "KEPT", 2)
        assert rows() == whole
