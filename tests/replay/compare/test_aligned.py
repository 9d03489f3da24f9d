"""Two runs side by side: each event once, beside the one that stands for it."""

from __future__ import annotations

from random import Random

import pytest

from laban.replay.compare import Aligned, Row, side_by_side
from laban.replay.timeline import Timeline

from .runs import Said, edited, random_run, recorded, renamed, shuffled


def rows_of(aligned: Aligned) -> list[Row]:
    return [aligned.row(index) for index in range(len(aligned))]


def name_at(timeline: Timeline, position: int) -> int | None:
    if not position:
        return None
    return int(timeline.log.get(position).metadata.parsed["native"]["name"])


def without(run: list[Said], names: set[int]) -> list[Said]:
    return [each for each in run if each.name not in names]


@pytest.mark.parametrize("order", ["causal", "stream", "global"])
@pytest.mark.parametrize("seed", range(3))
def test_every_event_has_one_row_and_is_found_there(seed: int, order: str) -> None:
    random = Random(seed)
    run = random_run(random, 150, 9)
    some, others = set(random.sample(range(150), 12)), set(random.sample(range(150), 12))
    a = recorded(random, without(shuffled(random, run), some))
    b = recorded(random, edited(without(shuffled(random, run), others), {40, 80}))

    answer, aligned = side_by_side(a, b, order=order)  # type: ignore[arg-type]

    rows = rows_of(aligned)
    assert [row.a for row in rows if row.a] == list(range(1, a.head + 1))
    assert sorted(row.b for row in rows if row.b) == list(range(1, b.head + 1))
    for index, row in enumerate(rows):
        assert aligned.row_of(row.a, row.b) == index
        assert not row.b or aligned.row_of(0, row.b) == index
    assert [i for i, row in enumerate(rows) if row.how in ("root", "changed")] == aligned.differing
    assert sum(row.how == "root" for row in rows) == answer.root_count


@pytest.mark.parametrize("seed", range(3))
def test_events_that_say_the_same_stand_beside_one_another(seed: int) -> None:
    random = Random(seed)
    run = random_run(random, 150, 9)
    a = recorded(random, run)
    b = recorded(random, renamed(random, edited(shuffled(random, run), {140, 145})))

    _, aligned = side_by_side(a, recorded(random, edited(shuffled(random, run), {140, 145})))
    _, anonymous = side_by_side(recorded(random, renamed(random, run)), b)

    same = [row for row in rows_of(aligned) if row.how == "same"]
    assert len(same) > 100
    assert all(row.a and row.b for row in same)
    assert {row.how for row in rows_of(anonymous)} >= {"same", "root"}


def test_what_only_one_run_has_stands_after_the_event_before_it_in_its_stream() -> None:
    run = [Said(n, "one" if n < 3 else "two", {"value": n}) for n in range(6)]
    late = Said(6, "one", {"value": "late"})
    a, b = recorded(Random(1), run), recorded(Random(2), [*run, late])

    _, aligned = side_by_side(a, b)

    shown = [(name_at(a, row.a), name_at(b, row.b)) for row in rows_of(aligned)]
    assert shown[2:4] == [(2, 2), (None, 6)]
    assert aligned.differing == [3]
