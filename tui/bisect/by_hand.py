"""A bisection that the user answers: good, bad or skip at one position after another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from laban.replay.bisect import Session, Verdict
from laban.replay.bisect.keeping import Kept
from laban.replay.bisect.telling import effort, headline, next_step, note_of, told
from laban.replay.timeline import Timeline
from laban.store.terminal import counted
from laban.tui.refusal import Refusal

from .rows import position_row
from .values import Answer, EdgeRow, Stretch

MOST = 200  # candidates that are listed

Line = tuple[str, str]
_GLYPHS = {Verdict.GOOD: Answer.GOOD, Verdict.BAD: Answer.BAD, Verdict.SKIP: Answer.SKIP}


class ByHand:
    """The answers by hand of one log; they are those of `laban bisect LOG good`."""

    def __init__(self, timeline: Timeline, log: Path | None, folder: Path | None) -> None:
        self._timeline = timeline
        self._kept = Kept(str(log or "LOG"), folder)
        self._trouble = "" if folder else "there is no folder to keep them in"
        self.session: Session | None = None

    def resume(self) -> bool:
        """Go on with what is kept; tell whether something is. Raises BadSessionError."""
        self.session = self._kept.session(self._timeline) or self.session
        return self.session is not None

    def start(self, good: int, bad: int) -> None:
        """Begin between two positions, anew. Raises ContradictionError."""
        self._keep(Session(self._timeline.log.identity, good, bad))

    def answer(self, verdict: Verdict) -> str:
        """Take in what the user says of the position that is next; say what that leaves."""
        session = self._begun()
        if (position := session.narrowing.next()) is None:
            raise Refusal("Nothing is left to answer: u takes the last answer back, R forgets all.")
        session.tell(position, verdict, note_of(self._timeline, position))
        self._keep(session)
        left = len(session.narrowing.candidates)
        said = "skipped" if verdict is Verdict.SKIP else verdict.value
        return f"@{position} is {said}: {counted(left, 'candidate')} left"

    def take_back(self) -> str:
        """Forget the last answer."""
        session = self._begun()
        if not session.answers:
            raise Refusal("No answer was given yet.")
        last = session.answers[-1]
        again = Session(session.identity, session.first, session.last, session.command)
        for answer in session.answers[:-1]:
            again.tell(answer.position, answer.verdict, answer.note, answer.disagreed)
        self._keep(again)
        return f"took back that @{last.position} is {last.verdict.value}"

    def forget(self) -> None:
        """Forget all answers, also those that cannot be read."""
        if not self._kept.forget():
            self._begun()
        self.session = None

    def _keep(self, session: Session) -> None:
        self.session = session
        try:
            self._kept.keep(session)
        except OSError as error:
            self._trouble = error.strerror or str(error)

    @property
    def lines(self) -> Sequence[Line]:
        """How far it is."""
        session = self._begun()
        answer = told(session, self._timeline)
        tested = counted(answer.probes, "position") + " tested"
        if session.narrowing.next() is not None:
            said = next_step(session)
        elif answer.found:
            said = headline(answer, "bad")
        else:
            count = len(answer.candidates)
            said = f"bad first at one of {count:,} positions, and no test tells which"
        worth = effort(answer.guarantee, tested, answer.undefined, "bad", answer.candidates)
        lost = [(f"the answers are not kept: {self._trouble}", "changed")] if self._trouble else []
        return [(said, "strong"), (worth, ""), *lost]

    @property
    def rows(self) -> Sequence[EdgeRow]:
        """What is next or was found, then the answers, the last one first."""
        session, timeline = self._begun(), self._timeline
        left = session.narrowing
        rows = []
        if (position := left.next()) is not None:
            rows.append(position_row(timeline, position, Answer.NEXT, "good or bad?"))
        elif len(left.candidates) == 1:
            rows.append(position_row(timeline, left.bad, Answer.NEXT, "bad first"))
        else:
            candidates = left.candidates[:MOST]
            rows += [position_row(timeline, at, Answer.OPEN, "perhaps") for at in candidates]
        for answer in reversed(session.answers):
            said = answer.verdict.value
            rows.append(position_row(timeline, answer.position, _GLYPHS[answer.verdict], said))
        rows.append(position_row(timeline, session.last, Answer.BAD, "taken for bad"))
        rows.append(position_row(timeline, session.first, Answer.GOOD, "taken for good"))
        return rows

    @property
    def stretches(self) -> Sequence[Stretch]:
        """What is known of the log."""
        session = self._begun()
        left = session.narrowing
        return [
            Stretch(session.first, left.good, Answer.GOOD),
            *(Stretch(at, at, Answer.SKIP) for at in left.skipped),
            Stretch(left.bad, session.last, Answer.BAD),
        ]

    def _begun(self) -> Session:
        if self.session is None:
            raise Refusal("No bisection by hand is under way: m begins one.")
        return self.session
