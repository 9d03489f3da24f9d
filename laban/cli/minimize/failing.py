"""The failure that is asked for: how it is shown, and what it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from click import UsageError

from laban.cli.bisect.handing import Handing
from laban.cli.external import Tester
from laban.cli.output import Progress, hint
from laban.replay.bisect import Verdict, first_edge
from laban.replay.check import SEVERITY
from laban.replay.choreography import Choreography
from laban.replay.expression import Expression, compile_expression
from laban.replay.minimise import (
    VIOLATIONS,
    Failure,
    first_finding,
    first_mismatch,
    focus_of,
    made_anew,
)
from laban.replay.minimise.minimiser import Test
from laban.replay.timeline import Timeline
from laban.store.errors import did_you_mean
from laban.store.event import Event
from laban.store.log import EventLog

from .asked import Asked

_MOVED = ("position", "event_count")


@dataclass(frozen=True, slots=True)
class Shown:
    """A failure that a log shows, or shows once its decisions are made anew."""

    test: Test | Expression
    focus: Collection[int]  # positions of the events that it is about
    text: str
    rules: Choreography | None  # whose reducers make the state
    anew: bool = False  # whether the rules decide anew

    @property
    def probe(self) -> Test | Expression:
        """What tells of some of the events whether they show it."""
        return (lambda log: self.by(self.made(log))) if self.anew else self.test

    def made(self, log: EventLog) -> EventLog:
        """Return what becomes of *log*."""
        return made_anew(log, self.rules.plan) if self.anew and self.rules else log

    def by(self, log: EventLog) -> bool | None:
        """Tell whether another log, as it is, shows it: by an index of its own."""
        if not isinstance(self.test, Expression):
            return self.test(log)
        with closing(Timeline.open(log, choreography=self.rules)) as timeline:
            return first_edge(timeline, self.test).found


@contextmanager
def shown(asked: Asked, timeline: Timeline, rules: Choreography | None) -> Iterator[Shown | None]:
    """Give the failure that is asked for, None where the log does not show it."""
    with TemporaryDirectory(prefix="laban-minimize-") as folder:
        if not asked.replay or rules is None:
            yield _found(asked, timeline, rules, Path(folder))
            return
        made = made_anew(timeline.log, rules.plan)
        with closing(Timeline.open(made, choreography=rules)) as anew:
            found = _found(asked, anew, rules, Path(folder))
        if found is not None:
            focus = _places(timeline.log, map(made.get, found.focus))
            found = replace(found, focus=focus, anew=True)
        yield found


def _found(
    asked: Asked, timeline: Timeline, rules: Choreography | None, folder: Path
) -> Shown | None:
    if asked.where is not None:
        return _expression(asked.where, timeline, rules)
    if asked.command is not None:
        test = CommandTest(asked.tester(asked.command), folder, rules)
        if test.of(timeline):
            return Shown(test, (), " ".join(asked.command), rules)
        hint(f"The whole log: {test.said}.")
        return None
    failure = _told_by_rules(asked, timeline.log, rules)
    if failure is None:
        return None
    return Shown(failure.shown_by, failure.focus, failure.text, rules)


def _places(log: EventLog, events: Iterable[Event]) -> set[int]:
    """Return the positions in *log* of those of *events* that are in it."""
    keys = {(event.source, event.id) for event in events}
    found = (other for _, id in keys for other in log.find(id))
    return {other.position for other in found if (other.source, other.id) in keys}


def _expression(where: str, timeline: Timeline, rules: Choreography | None) -> Shown | None:
    test = compile_expression(where)
    if moved := [name for name in _MOVED if name in test.names]:
        hint(
            f"{where} reads {' and '.join(moved)}: in a log of fewer events they are others. "
            "Name an event by its id: event['id'] == '…'."
        )
    with Progress("looking for it", "positions") as advance:
        focus = focus_of(timeline, test, advance)
    return None if focus is None else Shown(test, focus, where, rules)


def _told_by_rules(asked: Asked, log: EventLog, rules: Choreography | None) -> Failure | None:
    if asked.finding is not None and asked.finding not in SEVERITY:
        near = did_you_mean(asked.finding, SEVERITY, f" Kinds are {', '.join(SEVERITY)}.")
        raise UsageError(f"`laban check` has no kind {asked.finding!r}.{near}")
    with Progress("looking for it") as advance:
        if asked.mismatch and rules is not None:
            return first_mismatch(log, rules, progress=advance)
        kinds = VIOLATIONS if asked.finding is None else (asked.finding,)
        return first_finding(log, kinds, rules, progress=advance)


class CommandTest:
    """A command that is handed a log: a bad one shows the failure."""

    def __init__(self, tester: Tester, folder: Path, rules: Choreography | None) -> None:
        self._tester, self._folder, self._rules = tester, folder, rules

    def __call__(self, log: EventLog) -> bool | None:
        """Return whether *log* shows it, None where the command skips."""
        with closing(Timeline.open(log, choreography=self._rules)) as timeline:
            return self.of(timeline)

    def of(self, timeline: Timeline) -> bool | None:
        """As for a log, of one that has its index already."""
        handing = Handing(timeline, self._folder, self._tester.words)
        with handing.at(timeline.head) as given:
            verdict = self._tester.test(given)
        return None if verdict is Verdict.SKIP else verdict is Verdict.BAD

    @property
    def said(self) -> str:
        """How the command ended last."""
        return self._tester.said
