"""A command of the user's as a test: it says good, bad or skip by its exit status, as for git."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from laban.replay.bisect import Verdict
from laban.store.errors import LabanError

SKIP_STATUS = 125
WORST_STATUS = 127  # the worst that means bad; the shell's for a command it did not find
GRACE_S = 2.0  # for a command that is told to end
STDERR = 2  # what the command prints is no data of ours
RULES = ("skip", "majority", "bad")  # what answers that disagree mean


class CommandError(LabanError):
    """The command could not be started, or its end is no answer."""


class Tester:
    """
    Runs a command and takes its exit status for an answer.

    0 is good, 125 is skip, the rest up to 127 is bad; anything else is trouble, which raises
    CommandError. One that takes longer than *timeout* seconds is ended: a skip. With *repeat* it
    runs that often, and *rule* says what answers that disagree mean.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        quiet: bool = False,
        timeout: float | None = None,
        repeat: int = 1,
        rule: str = "skip",
    ) -> None:
        self.words, self.quiet, self.timeout = tuple(words), quiet, timeout
        self.repeat, self.rule = repeat, rule
        self.disagreed = False  # whether the last test's answers were not all the same
        self.said = ""  # by the last test, in words

    def test(self, given: Mapping[str, str]) -> Verdict:
        """Return the answer on what is *given*: placeholder -> text, in words and environment."""
        answers: list[tuple[Verdict, str]] = []
        while len(answers) < self.repeat and not self._settled([v for v, _ in answers]):
            answers.append(self._once(given))
        self.said = ", ".join(said for _, said in answers)
        verdicts = Counter(verdict for verdict, _ in answers)
        self.disagreed = len(verdicts) > 1
        return self._judge(verdicts)

    def _settled(self, verdicts: list[Verdict]) -> bool:
        """Tell whether more answers cannot change the verdict."""
        if self.rule == "bad":
            return Verdict.BAD in verdicts
        return self.rule == "skip" and len(set(verdicts)) > 1

    def _judge(self, verdicts: Counter[Verdict]) -> Verdict:
        if len(verdicts) == 1:
            return next(iter(verdicts))
        if self.rule == "bad" and verdicts[Verdict.BAD]:
            return Verdict.BAD
        (first, most), (_, next_most) = verdicts.most_common(2)
        return first if self.rule == "majority" and most > next_most else Verdict.SKIP

    def _once(self, given: Mapping[str, str]) -> tuple[Verdict, str]:
        with _interrupted_by_sigterm():
            process = self._started(given)
            try:
                status = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                return Verdict.SKIP, f"no end after {self.timeout:g} s"
            finally:
                _end(process)
        return self._meaning(status)

    def _started(self, given: Mapping[str, str]) -> subprocess.Popen[bytes]:
        words = [_filled(word, given) for word in self.words]
        environment = {f"LABAN_{name.upper()}": text for name, text in given.items()}
        output = subprocess.DEVNULL if self.quiet else STDERR
        try:
            return subprocess.Popen(
                words,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # so that its children end with it
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(f"{words[0]!r} cannot be run: {reason}.") from error

    def _meaning(self, status: int) -> tuple[Verdict, str]:
        if status == 0:
            return Verdict.GOOD, "exit 0"
        if status == SKIP_STATUS:
            return Verdict.SKIP, f"exit {status}"
        if 0 < status <= WORST_STATUS:
            return Verdict.BAD, f"exit {status}"
        how = f"by signal {-status}" if status < 0 else f"with exit status {status}"
        raise CommandError(
            f"{self.words[0]!r} ended {how}, which is no answer: 0 is good, 125 is skip, "
            "any other up to 127 is bad."
        )


def _filled(word: str, given: Mapping[str, str]) -> str:
    """Put what is given in place of {state}, {log} and {position}; other braces stay."""
    for name, text in given.items():
        word = word.replace(f"{{{name}}}", text)
    return word


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Take a request to end for an interruption, so that the command does not outlive us."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still at work, and all that it started."""
    if process.returncode is not None:
        return
    _signal(process, signal.SIGINT)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
    finally:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
