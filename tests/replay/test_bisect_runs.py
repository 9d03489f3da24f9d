"""Bisecting over runs, against a look at all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.bisect import Verdict, halve_runs, scan_runs

verdicts = st.lists(st.booleans(), min_size=2, max_size=12)


@given(bad=verdicts)
def test_the_first_bad_run_is_found_and_none_after_it_tested(bad: list[bool]) -> None:
    asked: list[int] = []

    def test(number: int) -> bool:
        asked.append(number)
        return bad[number]

    answer = scan_runs(len(bad), test)

    expected = bad.index(True) if True in bad else None
    assert answer.bad == expected
    assert answer.good == (expected - 1 if expected else None)
    assert asked == list(range(answer.probes))
    assert answer.probes == (len(bad) if expected is None else expected + 1)


@given(bad=verdicts)
def test_the_last_good_run_is_found_from_the_end(bad: list[bool]) -> None:
    answer = scan_runs(len(bad), lambda n: bad[n], "last-good")

    good = max((n for n, is_bad in enumerate(bad) if not is_bad), default=-1)
    assert answer.bad == (None if good == len(bad) - 1 else good + 1)
    assert answer.guarantee == "last"


@given(bad=verdicts)
def test_all_turns_are_found(bad: list[bool]) -> None:
    answer = scan_runs(len(bad), lambda n: bad[n], "all")

    turns = [(n, bad[n]) for n in range(1, len(bad)) if bad[n] != bad[n - 1]]
    assert answer.turns == turns
    assert answer.probes == len(bad)


@given(given=st.lists(st.sampled_from(Verdict), min_size=2, max_size=12))
def test_halving_finds_two_neighbours_or_all_candidates_or_a_wrong_end(
    given: list[Verdict],
) -> None:
    answer = halve_runs(len(given), lambda n: given[n])

    if given[0] is not Verdict.GOOD:
        assert answer.wrong == (0, given[0])
    elif given[-1] is not Verdict.BAD:
        assert answer.wrong == (len(given) - 1, given[-1])
    elif answer.bad is not None:
        assert answer.good == answer.bad - 1
        assert (given[answer.good], given[answer.bad]) == (Verdict.GOOD, Verdict.BAD)
        assert answer.candidates == [answer.bad]
    else:
        first, last = answer.candidates[0], answer.candidates[-1]
        assert given[first - 1] is Verdict.GOOD
        assert given[last] is Verdict.BAD
        assert set(given[first:last]) == {Verdict.SKIP}
