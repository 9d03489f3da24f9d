"""Bisecting over several logs, in the order given: which run is the first bad one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from laban.cli.opening import open_timeline
from laban.cli.output import Progress, counted, hint, print_json, print_line, terminal_width
from laban.cli.program import FOUND, NOT_FOUND
from laban.cli.render import event_text
from laban.replay.bisect import (
    EDGE,
    FLAKY,
    LAST,
    MONOTONE_ASSUMED,
    RunAnswer,
    Verdict,
    first_edge,
    halve_runs,
    last_good,
    scan_runs,
)
from laban.replay.bisect.telling import effort
from laban.replay.expression import Expression, compile_expression
from laban.store.event import Event
from laban.store.terminal import fit, safe

from .asked import Asked
from .handing import wanted, write_state

HALVING = "assume-monotone"


def by_runs(asked: Asked) -> int:
    """Bisect over the logs that the words name and return the exit status."""
    runs = _ByExpression(asked) if asked.command is None else _ByCommand(asked, asked.command)
    answer = runs.answer()
    if asked.as_json:
        print_json(_fields(runs, answer))
    else:
        for line in _lines(runs, answer):
            print_line(fit(line, terminal_width()))
    return FOUND if answer.bad is not None else NOT_FOUND


class _Seen(NamedTuple):
    """Since where a run is bad, or for a command its head, or where it first was."""

    position: int | None
    event: Event | None
    start_ns: int | None


class _Runs:
    """The logs, in order, and what was seen in those that were tested."""

    word = "true"  # what a run turns
    said = ""  # by the last test

    def __init__(self, asked: Asked) -> None:
        self.asked, self.paths = asked, asked.words
        self.undefined = 0
        self.seen: dict[int, _Seen] = {}

    def answer(self) -> RunAnswer:
        """Test as many runs as it takes."""
        raise NotImplementedError


class _ByExpression(_Runs):
    def answer(self) -> RunAnswer:
        test = compile_expression(self.asked.where or "")
        count, mode = len(self.paths), self.asked.mode or "first"
        if mode != HALVING:
            return scan_runs(count, partial(self._bad, test), mode)
        return halve_runs(
            count,
            lambda number: Verdict.BAD if self._bad(test, number) else Verdict.GOOD,
            MONOTONE_ASSUMED,
        )

    def _bad(self, test: Expression, number: int) -> bool:
        with open_timeline(self.paths[number]) as timeline, Progress("bisecting") as advance:
            find = first_edge if self.asked.ever else last_good
            found = find(timeline, test, progress=advance)
            self.seen[number] = _Seen(found.position, found.event, timeline.start_ns)
        self.undefined += found.undefined
        self.said = self.word if found.found else f"not {self.word}"
        return found.found


class _ByCommand(_Runs):
    word = "bad"

    def __init__(self, asked: Asked, command: tuple[str, ...]) -> None:
        super().__init__(asked)
        self._tester = asked.tester(command)
        self._disagreed: set[int] = set()

    def answer(self) -> RunAnswer:
        guarantee = EDGE if self.asked.mode is None else MONOTONE_ASSUMED
        found = halve_runs(len(self.paths), self._verdict, guarantee)
        sides = {found.candidates[0] - 1, found.candidates[-1]} if found.candidates else set()
        return replace(found, guarantee=FLAKY) if sides & self._disagreed else found

    def _verdict(self, number: int) -> Verdict:
        path = self.paths[number]
        with (
            open_timeline(path) as timeline,
            TemporaryDirectory(prefix="laban-bisect-") as folder,
        ):
            head = timeline.head
            given = {"position": str(head), "log": str(Path(path).resolve())}
            if "state" in wanted(self._tester.words):
                given["state"] = str(write_state(timeline, head, Path(folder) / "state.json"))
            verdict = self._tester.test(given)
            event = timeline.log.get(head) if head else None
            self.seen[number] = _Seen(head, event, timeline.start_ns)
        self.said = self._tester.said
        self.undefined += verdict is Verdict.SKIP
        if self._tester.disagreed:
            self._disagreed.add(number)
        if not self.asked.quiet:
            hint(f"{path} {verdict.value} ({self.said})")
        return verdict


def _fields(runs: _Runs, answer: RunAnswer) -> dict[str, object]:
    """Return *answer* as JSON: runs by the names that were given."""
    name = dict(enumerate(runs.paths))
    seen = runs.seen[answer.bad] if answer.bad is not None else _Seen(None, None, None)
    bad = None if answer.bad is None else name[answer.bad]
    edges = []
    for number, turns in answer.turns:
        before, after = name[number - 1], name[number]
        good, other = (before, after) if turns else (after, before)
        edges.append({"run": after, "turns": turns, "good": good, "bad": other})
    return {
        "found": answer.bad is not None,
        "run": bad,
        "position": seen.position,
        "event": seen.event,
        "good": None if answer.good is None else name[answer.good],
        "bad": bad,
        "edges": edges,
        "candidates": [name[number] for number in answer.candidates],
        "probes": answer.probes,
        "undefined": runs.undefined,
        "guarantee": answer.guarantee,
        "contradiction": _problem(runs, answer) or None,
    }


def _problem(runs: _Runs, answer: RunAnswer) -> str:
    if answer.wrong is None:
        return ""
    number, verdict = answer.wrong
    expected = "good" if number == 0 else "bad"
    return (
        f"{runs.paths[number]} should be {expected} and is {verdict.value} ({runs.said}): "
        "mend the test, or choose other runs"
    )


def _lines(runs: _Runs, answer: RunAnswer) -> Iterator[str]:
    names = [safe(path) for path in runs.paths]
    if answer.wrong is not None:
        yield safe(_problem(runs, answer))
    elif answer.bad is None and answer.candidates:
        yield f"{runs.word} first in one of {len(answer.candidates)} runs, and no test tells which:"
        yield from (names[number] for number in answer.candidates)
    elif runs.asked.mode == "all":
        yield from _turn_lines(runs, answer, names)
    else:
        yield from _found_lines(runs, answer, names)
    tested = counted(answer.probes, "run") + " tested"
    yield effort(answer.guarantee, tested, runs.undefined, runs.word, answer.candidates)


def _found_lines(runs: _Runs, answer: RunAnswer, names: list[str]) -> Iterator[str]:
    if answer.bad is None:
        where = "in the last run" if answer.guarantee == LAST else "in any run"
        yield f"not {runs.word} {where}"
        return
    when = "since" if answer.guarantee == LAST else "first in"
    before = "" if answer.good is None else f", not yet in {names[answer.good]}"
    yield f"{runs.word} {when} {names[answer.bad]}{before}"
    seen = runs.seen[answer.bad]
    if seen.event:
        yield f"└─ {event_text(seen.event, seen.start_ns)}"


def _turn_lines(runs: _Runs, answer: RunAnswer, names: list[str]) -> Iterator[str]:
    turns = dict(answer.turns)
    holds = answer.bad == 0
    for number, name in enumerate(names):
        holds = turns.get(number, holds)
        yield f"{runs.word if holds else f'not {runs.word}':<9} {name}"
