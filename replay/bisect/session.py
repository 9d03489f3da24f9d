"""A bisection that a person or a command answers, and its log, which can be replayed."""

from __future__ import annotations

import json

from msgspec import Struct

from laban.store.errors import LabanError
from laban.store.jsontext import to_json

from .narrowing import Narrowing, Verdict

_HEADER = "# good and bad positions, to be edited and replayed: laban bisect LOG replay FILE"

_DISAGREED = "disagreed"


class BadSessionError(LabanError):
    """The text is no log of a bisection, or of another log's."""


class Answer(Struct, frozen=True):
    """What was said of a position."""

    position: int
    verdict: Verdict
    note: str = ""  # for who reads the log
    disagreed: bool = False  # other answers were given there too, by a command that was repeated


class Session:
    """
    What was answered so far between *first*, taken to be good, and *last*, taken to be bad.

    `identity` is the log's; `command` what answers, empty for a person.
    """

    def __init__(self, identity: str, first: int, last: int, command: tuple[str, ...] = ()) -> None:
        self.identity, self.first, self.last, self.command = identity, first, last, command
        self.answers: list[Answer] = []
        self.narrowing = Narrowing(first, last)

    def tell(
        self, position: int, verdict: Verdict, note: str = "", disagreed: bool = False
    ) -> None:
        """Take in an answer. Raises ContradictionError, and then nothing changed."""
        self.narrowing.tell(position, verdict)
        self.answers.append(Answer(position, verdict, " ".join(note.split()), disagreed))

    @property
    def disagreed(self) -> bool:
        """Whether one of the two sides rests on answers that were not all the same."""
        sides = (self.narrowing.good, self.narrowing.bad)
        return any(answer.disagreed for answer in self.answers if answer.position in sides)

    @property
    def assumed(self) -> bool:
        """Whether one of the two sides was only taken to be so, and never tested."""
        return None in (self.said(self.narrowing.good), self.said(self.narrowing.bad))

    def said(self, position: int) -> Verdict | None:
        """Return the last answer on *position*, None when there is none."""
        answers = (a.verdict for a in reversed(self.answers) if a.position == position)
        return next(answers, None)

    def text(self) -> str:
        """Return the log of this session: one line an answer, what follows # is for people."""
        lines = [_HEADER, f"log {self.identity}", f"start @{self.first} @{self.last}"]
        if self.command:
            lines.append(f"run {to_json(list(self.command))}")
        for answer in self.answers:
            flaky = f" {_DISAGREED}" if answer.disagreed else ""
            note = f"  # {answer.note}" if answer.note else ""
            lines.append(f"{answer.verdict.value} @{answer.position}{flaky}{note}")
        return "".join(f"{line}\n" for line in lines)

    @staticmethod
    def replayed(text: str, identity: str, head: int) -> Session:
        """
        Return the session that *text* is the log of. Raises BadSessionError.

        *identity* and *head* are those of the log it is replayed on.
        """
        replay = _Replay(identity, head)
        for number, line in enumerate(text.split("\n"), 1):
            try:
                replay.take(line)
            except (LabanError, ValueError) as error:
                raise BadSessionError(f"Line {number} of the bisect log: {error}") from None
        if replay.session is None:
            raise BadSessionError("The bisect log has no line `start @GOOD @BAD`.")
        return replay.session


class _Replay:
    """Takes the lines of a log one after another; each may raise LabanError or ValueError."""

    def __init__(self, identity: str, head: int) -> None:
        self.session: Session | None = None
        self._identity, self._head = identity, head

    def take(self, line: str) -> None:
        if line.startswith("run "):
            self._begun().command = tuple(map(str, json.loads(line.removeprefix("run "))))
            return
        before, _, note = line.partition("#")
        match before.split():
            case []:
                pass
            case ["log", name]:
                self._check_identity(name)
            case ["start", good, bad]:
                ends = (self._position(good), self._position(bad))
                self.session = Session(self._identity, *ends)
            case [("good" | "bad" | "skip") as word, place, *more] if more in ([], [_DISAGREED]):
                self._begun().tell(self._position(place), Verdict(word), note, bool(more))
            case words:
                expected = "write good, bad or skip and a @POSITION."
                raise BadSessionError(f"{' '.join(words)!r}: {expected}")

    def _begun(self) -> Session:
        if self.session is None:
            raise BadSessionError("`start @GOOD @BAD` comes first.")
        return self.session

    def _check_identity(self, name: str) -> None:
        if name != self._identity:
            raise BadSessionError(
                f"it is of log {name}, and this is {self._identity}: "
                "delete that line if the positions are the same."
            )

    def _position(self, text: str) -> int:
        digits = text.removeprefix("@")
        if not digits.isdecimal() or int(digits) > self._head:
            raise BadSessionError(f"{text!r} is no position from @0 to @{self._head}.")
        return int(digits)
