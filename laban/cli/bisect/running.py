"""Bisecting a log by a command that is handed the state and the events up to a position."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from click import UsageError

from laban.cli.opening import open_timeline
from laban.cli.output import counted, hint
from laban.replay.bisect import EDGE, MONOTONE_ASSUMED, Session, Verdict, narrow, wrong_end
from laban.replay.bisect.telling import told
from laban.replay.timeline import Timeline

from .asked import Asked
from .handing import Handing
from .keeping import Kept
from .over_events import positions
from .showing import show


def by_command(asked: Asked, command: tuple[str, ...]) -> int:
    """Bisect by `run COMMAND` and return the exit status."""
    kept = Kept(asked.log)
    with open_timeline(asked.log) as timeline:
        session = _session(asked, command, timeline, kept)
        with TemporaryDirectory(prefix="laban-bisect-") as folder:
            run = _Run(asked, timeline, session, kept, Path(folder))
            try:
                wrong = wrong_end(session.narrowing, run.test)
                if wrong is None:
                    narrow(session.narrowing, run.test)
            except BaseException:
                if session.answers and kept.possible:
                    answers = counted(len(session.answers), "answer")
                    hint(f"{answers} kept: type the same again to go on.")
                raise
        if wrong is not None:
            kept.forget()
        answer = told(session, timeline, run.guarantee, _problem(session, wrong, run.tester.said))
        return show(answer, timeline, asked.as_json, asked.limit, "bad")


def _problem(session: Session, wrong: tuple[int, Verdict] | None, said: str) -> str:
    """Say which end is not what it was taken for: nothing is to be found between such ends."""
    if wrong is None:
        return ""
    position, verdict = wrong
    begins = position == session.first
    expected, option = ("good", "--from") if begins else ("bad", "--to")
    return (
        f"@{position} should be {expected} and is {verdict.value} ({said}): "
        f"mend the command, or choose another {option}"
    )


def _session(asked: Asked, command: tuple[str, ...], timeline: Timeline, kept: Kept) -> Session:
    """Return the session under way, or a new one when there is none that is not done."""
    session = kept.session(timeline)
    if session is None or session.narrowing.next() is None:
        return Session(timeline.log.identity, *positions(asked, timeline), command)
    if asked.first or asked.last or session.command not in ((), command):
        raise UsageError(
            f"Another bisection of {asked.log} is under way: "
            f"`laban bisect {asked.log} reset` forgets it, `log` shows it."
        )
    hint(f"Going on with the bisection under way: {counted(len(session.answers), 'answer')} kept.")
    session.command = command
    return session


class _Run:
    """One command at work on one log; each of its answers is kept at once."""

    def __init__(
        self, asked: Asked, timeline: Timeline, session: Session, kept: Kept, folder: Path
    ) -> None:
        self.tester = asked.tester(session.command)
        self._session, self._kept = session, kept
        self._quiet, self._monotone = asked.quiet, asked.mode is not None
        self._handing = Handing(timeline, folder, session.command)

    @property
    def guarantee(self) -> str:
        """What the answers are worth."""
        return MONOTONE_ASSUMED if self._monotone else EDGE

    def test(self, position: int) -> Verdict:
        """Return the answer at *position*: the one that is kept, or the command's."""
        session = self._session
        if (said := session.said(position)) is not None:
            return said
        with self._handing.at(position) as given:
            verdict = self.tester.test(given)
            self._handing.tell(position, verdict)
        ends = {session.first: Verdict.GOOD, session.last: Verdict.BAD}
        if verdict is ends.get(position, verdict):
            session.tell(position, verdict, self.tester.said, self.tester.disagreed)
            self._kept.keep(session)
        if not self._quiet:
            steps = counted(session.narrowing.steps, "step")
            left = "" if position in ends else f", about {steps} to go"
            hint(f"@{position} {verdict.value} ({self.tester.said}){left}")
        return verdict
