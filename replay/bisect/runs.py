"""At which of several runs, in order, a test turns bad."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from .answer import EDGE, FIRST, LAST
from .narrowing import Narrowing, Verdict, narrow, wrong_end


class RunAnswer(Struct, frozen=True):
    """Which run turned bad; runs are counted from 0."""

    bad: int | None  # None when it is none, or when skips leave more than one
    good: int | None  # the one before it; None when there is none before
    candidates: list[int]
    turns: list[tuple[int, bool]]  # each run that is not as the one before, and whether it is bad
    probes: int
    guarantee: str
    wrong: tuple[int, Verdict] | None = None  # the end that is not what halving takes it for


def scan_runs(count: int, test: Callable[[int], bool], mode: str = "first") -> RunAnswer:
    """
    Test runs one after another and find the first bad one, or what *mode* asks for.

    `first` stops there; `last-good` goes back from the end; `all` tests each run.
    """
    if mode == "last-good":
        return _last_good(count, test)
    verdicts: list[bool] = []
    for number in range(count):
        verdicts.append(test(number))
        if verdicts[-1] and mode == "first":
            break
    turns = [(n, bad) for n, bad in enumerate(verdicts) if n and bad != verdicts[n - 1]]
    bad = verdicts.index(True) if True in verdicts else None
    return _answer(bad, turns, len(verdicts), FIRST)


def _last_good(count: int, test: Callable[[int], bool]) -> RunAnswer:
    bad, probes = count, 0
    while bad > 0:
        probes += 1
        if not test(bad - 1):
            break
        bad -= 1
    found = None if bad == count else bad
    return _answer(found, [(bad, True)] if found else [], probes, LAST)


def halve_runs(count: int, test: Callable[[int], Verdict], guarantee: str = EDGE) -> RunAnswer:
    """
    Find a run that is bad after one that is good, by few tests; some may be skipped.

    The first run must be good and the last one bad.
    """
    narrowing = Narrowing(0, count - 1)
    if (wrong := wrong_end(narrowing, test)) is not None:
        probes = 1 if wrong[0] == 0 else 2
        return RunAnswer(None, None, [], [], probes, guarantee, wrong)
    probes = 2 + narrow(narrowing, test)
    candidates = list(narrowing.candidates)
    if len(candidates) > 1:
        return RunAnswer(None, narrowing.good, candidates, [], probes, guarantee)
    return _answer(narrowing.bad, [(narrowing.bad, True)], probes, guarantee)


def _answer(
    bad: int | None, turns: list[tuple[int, bool]], probes: int, guarantee: str
) -> RunAnswer:
    good = bad - 1 if bad else None
    return RunAnswer(bad, good, [] if bad is None else [bad], turns, probes, guarantee)
