"""Narrowing between good and bad, against sets of positions that know nothing of halving."""

from __future__ import annotations

from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.bisect import ContradictionError, Narrowing, Verdict, narrow


@given(
    length=st.integers(1, 200),
    share=st.floats(0, 1),
    holes=st.sets(st.integers(1, 199)) | st.integers(1, 199).map(lambda n: set(range(n, 200))),
)
def test_the_candidates_hold_the_true_edge_and_no_position_that_could_be_ruled_out(
    length: int, share: float, holes: set[int]
) -> None:
    edge = 1 + round(share * (length - 1))  # the first bad position
    narrowing = Narrowing(0, length)
    asked: list[int] = []

    def test(position: int) -> Verdict:
        asked.append(position)
        if position in holes:
            return Verdict.SKIP
        return Verdict.BAD if position >= edge else Verdict.GOOD

    probes = narrow(narrowing, test)

    testable = {p for p in range(length + 1) if p not in holes} | {0, length}
    last_good = max(p for p in testable if p < edge)
    first_bad = min(p for p in testable if p >= edge)
    assert list(narrowing.candidates) == list(range(last_good + 1, first_bad + 1))
    assert len(asked) == len(set(asked)) == probes
    assert all(0 < position < length for position in asked)


@given(length=st.integers(1, 10**9), share=st.floats(0, 1))
def test_without_skips_it_takes_log_n_tests(length: int, share: float) -> None:
    edge = 1 + round(share * (length - 1))
    narrowing = Narrowing(0, length)

    probes = narrow(narrowing, lambda p: Verdict.BAD if p >= edge else Verdict.GOOD)

    assert (narrowing.good, narrowing.bad) == (edge - 1, edge)
    assert probes <= ceil(log2(length))


@pytest.mark.parametrize("edge", [1, 17, 380, 1_000])
def test_a_neighbourhood_that_cannot_be_tested_is_left_soon(edge: int) -> None:
    narrowing = Narrowing(0, 1_000)
    broken = range(400, 600)

    def test(position: int) -> Verdict:
        if position in broken:
            return Verdict.SKIP
        return Verdict.BAD if position >= edge else Verdict.GOOD

    assert narrow(narrowing, test) <= 15
    assert list(narrowing.candidates) == [edge]


@given(
    told=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(list(Verdict))), max_size=20),
)
def test_answers_in_any_order_leave_what_they_allow(told: list[tuple[int, Verdict]]) -> None:
    narrowing = Narrowing(0, 30)
    said: dict[int, Verdict] = {0: Verdict.GOOD, 30: Verdict.BAD}

    for position, verdict in told:
        goods = [p for p, v in said.items() if v is Verdict.GOOD]
        bads = [p for p, v in said.items() if v is Verdict.BAD]
        impossible = (verdict is Verdict.GOOD and position >= min(bads)) or (
            verdict is Verdict.BAD and position <= max(goods)
        )
        if impossible:
            with pytest.raises(ContradictionError):
                narrowing.tell(position, verdict)
        else:
            narrowing.tell(position, verdict)
            between = max(goods) < position < min(bads)
            if verdict is not Verdict.SKIP or between:
                said[position] = verdict

    assert narrowing.good == max(p for p, v in said.items() if v is Verdict.GOOD)
    assert narrowing.bad == min(p for p, v in said.items() if v is Verdict.BAD)
    left = set(range(narrowing.good + 1, narrowing.bad)) - {
        p for p, v in said.items() if v is Verdict.SKIP
    }
    assert narrowing.untested == len(left)
    assert narrowing.next() in left or (narrowing.next() is None and not left)


def test_nothing_lies_between_a_position_and_itself() -> None:
    with pytest.raises(ContradictionError, match="@3 is not past @3"):
        Narrowing(3, 3)
