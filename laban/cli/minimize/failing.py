"""The failure that is asked for: how it is shown, and what it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from laban.replay.minimise import VIOLATIONS, Failure, first_finding, first_mismatch, focus_of
from laban.replay.minimise.minimiser import Test
from laban.replay.timeline import Timeline
from laban.store.errors import did_you_mean
from laban.store.log import EventLog

from .asked import Asked

_MOVED = ("position", "event_count")


@dataclass(frozen=True, slots=True)
class Shown:
    """A failure that a log shows."""

    test: Test | Expression
    focus: Collection[int]  # positions of the events that it is about
    text: str

    def by(self, log: EventLog) -> bool | None:
        """Tell whether another log shows it, by an index of its own."""
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
    if asked.where is not None:
        yield _expression(asked.where, timeline)
    elif asked.command is not None:
        with TemporaryDirectory(prefix="laban-minimize-") as folder:
            yield _command(asked, asked.command, timeline, Path(folder))
    else:
        failure = _told_by_rules(asked, timeline.log, rules)
        yield None if failure is None else Shown(failure.shown_by, failure.focus, failure.text)


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
    if asked.mismatch and rules is not None:
        return first_mismatch(log, rules)
    kinds = VIOLATIONS if asked.finding is None else (asked.finding,)
    if asked.finding is not None and asked.finding not in SEVERITY:
        near = did_you_mean(asked.finding, SEVERITY, f" Kinds are {', '.join(SEVERITY)}.")
        raise UsageError(f"`laban check` has no kind {asked.finding!r}.{near}")
    return first_finding(log, kinds, rules)


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
