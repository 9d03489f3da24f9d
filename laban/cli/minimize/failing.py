"""The failure that is asked for: how it is shown, and what it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from click import UsageError

from laban.cli.bisect.handing import Handing
from laban.cli.external import Tester
from laban.cli.output import Progress, hint
from laban.replay.bisect import Verdict, first_edge
from laban.replay.check import SEVERITY
from laban.replay.choreography import Choreography, Plan
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
    plan: Plan | None = None  # the rules that make the decisions anew

    @property
    def probe(self) -> Test | Expression:
        """What tells of some of the events whether they show it."""
        return self.test if self.plan is None else lambda log: self.by(self.made(log))

    def made(self, log: EventLog) -> EventLog:
        """Return what becomes of *log*."""
        return log if self.plan is None else made_anew(log, self.plan)

    def by(self, log: EventLog) -> bool | None:
        """Tell whether another log, as it is, shows it: by an index of its own."""
        if not isinstance(self.test, Expression):
            return self.test(log)
        timeline = Timeline.open(log)
        try:
            return first_edge(timeline, self.test).found
        finally:
            timeline.close()


@contextmanager
def shown(asked: Asked, timeline: Timeline, rules: Choreography | None) -> Iterator[Shown | None]:
    """Give the failure that is asked for, None where the log does not show it."""
    with TemporaryDirectory(prefix="laban-minimize-") as folder:
        if not asked.replay or rules is None:
            yield _found(asked, timeline, rules, Path(folder))
            return
        anew = Timeline.open(made_anew(timeline.log, rules.plan))
        found = _found(asked, anew, rules, Path(folder))
        if found is not None:
            focus = _places(timeline.log, (anew.log.get(p) for p in found.focus if p))
            found = replace(found, focus=focus, plan=rules.plan)
        anew.close()
        yield found


def _found(
    asked: Asked, timeline: Timeline, rules: Choreography | None, folder: Path
) -> Shown | None:
    if asked.where is not None:
        return _expression(asked.where, timeline)
    if asked.command is not None:
        return _command(asked, asked.command, timeline, folder)
    failure = _told_by_rules(asked, timeline.log, rules)
    return None if failure is None else Shown(failure.shown_by, failure.focus, failure.text)


def _places(log: EventLog, events: Iterable[Event]) -> set[int]:
    """Return the positions in *log* of those of *events* that are in it."""
    keys = {(event.source, event.id) for event in events}
    found = (other for _, id in keys for other in log.find(id))
    return {other.position for other in found if (other.source, other.id) in keys}


def _expression(where: str, timeline: Timeline) -> Shown | None:
    test = compile_expression(where)
    if moved := [name for name in _MOVED if name in test.names]:
        hint(
            f"{where} reads {' and '.join(moved)}: in a log of fewer events they are others. "
            "Name an event by its id: event['id'] == '…'."
        )
    with Progress("looking for it", "positions") as advance:
        focus = focus_of(timeline, test, advance)
    return None if focus is None else Shown(test, focus, where)


def _command(
    asked: Asked, command: tuple[str, ...], timeline: Timeline, folder: Path
) -> Shown | None:
    test = CommandTest(asked.tester(command), folder)
    shows = test.of(timeline)
    if not shows:
        hint(f"The whole log: {test.said}.")
        return None
    return Shown(test, (), " ".join(command))


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

    def __init__(self, tester: Tester, folder: Path) -> None:
        self._tester, self._folder = tester, folder

    def __call__(self, log: EventLog) -> bool | None:
        """Return whether *log* shows it, None where the command skips."""
        timeline = Timeline.open(log)
        try:
            return self.of(timeline)
        finally:
            timeline.close()

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
