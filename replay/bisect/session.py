"""A bisection that a person or a command answers, and its log, which can be replayed."""

from __future__ import annotations

import json
import shlex
from typing import Self, TypeVar

from msgspec import Struct

from laban.store.errors import LabanError
from laban.store.jsontext import to_json

from .narrowing import Narrowing, Verdict

_HEADER = "# good and bad positions, to be edited and replayed: laban bisect LOG replay FILE"


class BadSessionError(LabanError):
    """The text is no log of a bisection, or of another log's."""


class Answer(Struct, frozen=True):
    """What was said of a position."""

    position: int
    verdict: Verdict
    note: str = ""  # for who reads the log


class Session:
    """
    What was answered so far between *first*, taken to be good, and *last*, taken to be bad.

    `identity` is the log's; `command` what answers, empty for a person.
    """

    def __init__(self, identity: str, first: int, last: int, command: tuple[str, ...] = ()) -> None:
        self.identity, self.first, self.last, self.command = identity, first, last, command
        self.answers: list[Answer] = []
        self.narrowing = Narrowing(first, last)

    def tell(self, position: int, verdict: Verdict, note: str = "") -> None:
        """Take in an answer. Raises ContradictionError, and then nothing changed."""
        self.narrowing.tell(position, verdict)
        self.answers.append(Answer(position, verdict, " ".join(note.split())))

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
            note = f"  # {answer.note}" if answer.note else ""
            lines.append(f"{answer.verdict.value} @{answer.position}{note}")
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def replayed(cls, text: str, identity: str, head: int) -> Self:
        """
        Return the session that *text* is the log of. Raises BadSessionError.

        *identity* and *head* are those of the log it is replayed on.
        """
        session: Self | None = None
        for number, line in enumerate(text.split("\n"), 1):
            try:
                session = _step(cls, session, _words(line), identity, head)
            except (LabanError, ValueError) as error:
                raise BadSessionError(f"Line {number} of the bisect log: {error}") from None
        if session is None:
            raise BadSessionError("The bisect log has no line `start @GOOD @BAD`.")
        return session


S = TypeVar("S", bound=Session)


def _words(line: str) -> list[str]:
    if line.startswith("run "):
        return ["run", *map(str, json.loads(line.removeprefix("run ")))]
    return shlex.split(line, comments=True)


def _step(kind: type[S], session: S | None, words: list[str], identity: str, head: int) -> S | None:
    match words:
        case []:
            return session
        case ["log", name]:
            _check_identity(name, identity)
            return session
        case ["start", good, bad]:
            return kind(identity, _position(good, head), _position(bad, head))
    if session is None:
        raise BadSessionError("`start @GOOD @BAD` comes first.")
    match words:
        case ["run", *command]:
            session.command = tuple(command)
        case [("good" | "bad" | "skip") as word, place]:
            session.tell(_position(place, head), Verdict(word))
        case _:
            raise BadSessionError(f"{' '.join(words)!r}: write good, bad or skip and a @POSITION.")
    return session


def _check_identity(name: str, identity: str) -> None:
    if name != identity:
        raise BadSessionError(
            f"it is of log {name}, and this is {identity}: "
            "delete that line if the positions are the same."
        )


def _position(text: str, head: int) -> int:
    digits = text.removeprefix("@")
    if not digits.isdecimal() or int(digits) > head:
        raise BadSessionError(f"{text!r} is no position from @0 to @{head}.")
    return int(digits)
