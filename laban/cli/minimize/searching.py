"""The search itself: under way it can be watched, stopped and gone on with; then NEW is made."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from laban.cli.folders import remove_log
from laban.cli.opening import open_timeline, opened_log
from laban.cli.output import Progress, counted, hint
from laban.replay.choreography import Choreography
from laban.replay.minimise import STOPPED, Minimised, Minimiser, Outcomes, Past, moved, part
from laban.replay.rehearsal import unplaced
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, UnwritableError
from laban.store.event import NewEvent
from laban.store.jsontext import to_json
from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

from .asked import Asked
from .failing import Shown, shown
from .showing import show, show_nothing

SAVED_S = 2.0  # between two times that outcomes are kept


class UnsteadyTestError(LabanError):
    """What was found does not show the failure when it is looked at once more."""


def search(asked: Asked) -> int:
    """Minimise the log that is asked for, and return the exit status."""
    with open_timeline(asked.log, asked.choreography) as timeline:
        rules = _rules(asked)
        outcomes = _outcomes(asked, timeline.log, rules)
        with shown(asked, timeline, rules) as failure:
            if failure is None:
                return show_nothing(asked)
            search = _Search(asked, timeline, failure, outcomes)
            answer = search.run()
        return show(asked, answer, timeline, failure.text, search.events)


def _rules(asked: Asked) -> Choreography | None:
    from laban.replay.choreography.loading import load_choreography

    return None if asked.choreography is None else load_choreography(asked.choreography)


def _outcomes(asked: Asked, log: EventLog, rules: Choreography | None) -> Outcomes:
    """Return what an earlier run of the same command learned. Raises UnwritableError."""
    version = "" if rules is None else rules.plan.fingerprint
    key = Outcomes.key_of(log, asked.test + version)
    outcomes = Outcomes.load(asked.progress_file, key)
    new = Path(asked.output)
    if not os.access(new.parent, os.W_OK):
        raise UnwritableError(f"{new.parent} is no folder that you may write to: choose another.")
    if new.exists() and (outcomes is None or not _was_made_from(log, new)):
        raise UnwritableError(f"{new} exists already: choose another name for -o.")
    if outcomes is not None:
        hint(f"Going on: {counted(len(outcomes), 'outcome')} kept in {asked.progress_file}.")
    return Outcomes(key) if outcomes is None else outcomes


def _was_made_from(log: EventLog, new: Path) -> bool:
    """Tell whether *new* is the best that an earlier run had found in *log*."""
    with opened_log(str(new)) as found:
        facts = json.loads(found.about().get("minimised_from", "{}"))
    return bool(facts.get("identity") == log.identity)


class _Search:
    """A search that keeps what it learns."""

    def __init__(
        self, asked: Asked, timeline: Timeline, failure: Shown, outcomes: Outcomes
    ) -> None:
        self._asked, self._log, self._failure = asked, timeline.log, failure
        self._outcomes, self._known = outcomes, len(outcomes)
        self.events = 0  # in NEW
        self._start = self._saved = time.monotonic()
        self._advance = _Advance("minimising", "events")
        self._minimiser = Minimiser(
            self._log,
            failure.probe,
            failure.focus,
            choreography=failure.rules,
            outcomes=outcomes,
            progress=self._report,
            cancelled=self._is_over,
        )

    def run(self) -> Minimised:
        """Search, and make NEW of what was found: to the end, or of the best when interrupted."""
        try:
            with self._advance:
                answer = self._minimiser.run()
        except BaseException:
            self._keep_best()
            raise
        self._make(answer)
        if answer.guarantee == STOPPED:
            self._outcomes.save(self._asked.progress_file)
            hint("The time is over: the same command goes on from here.")
        else:
            self._asked.progress_file.unlink(missing_ok=True)
        return answer

    def _keep_best(self) -> None:
        answer = self._minimiser.answer()
        if not len(self._outcomes):
            return
        self._outcomes.save(self._asked.progress_file)
        if answer.dropped:
            self._make(answer)
            kept = f"{counted(len(answer.kept), 'event')} in {self._asked.output}"
            hint(f"The best so far: {kept}. The same command goes on from here.")
        else:
            hint(f"{counted(len(self._outcomes), 'outcome')} kept: the same command goes on.")

    def _make(self, answer: Minimised) -> None:
        """Make NEW: it is there only if it shows the failure when it is read again."""
        log, kept = self._log, answer.kept
        facts = {
            "identity": log.identity,
            "head": log.head(),
            "test": self._failure.text,
            "guarantee": answer.guarantee,
            "kept": kept,
        }
        remove_log(Path(self._asked.output))  # that a run which was stopped had made
        with SqliteLog.making(self._asked.output) as made:
            made.append(*self._events(kept))
            made.describe("minimised_from", to_json(facts))
            self.events = made.head()
            if self._failure.by(made) is not True:
                raise UnsteadyTestError(
                    f"The {counted(len(kept), 'event')} that showed it do not when they are "
                    "tested once more: the test is not steady. For a command, try --repeat 5."
                )

    def _events(self, kept: Sequence[int]) -> Iterator[NewEvent]:
        """Return what goes into NEW: the events at *kept*, or what becomes of them."""
        past = Past.of(self._log, kept)
        if not self._failure.anew:
            return moved(past, kept)
        return map(unplaced, self._failure.made(part(past, kept)).read())

    def _is_over(self) -> bool:
        limit = self._asked.time_limit
        return limit is not None and time.monotonic() - self._start >= limit

    def _report(self, kept: int, probes: int, left: int) -> None:
        if not self._advance.probes:
            self._advance.clear()  # what came before was no test
        self._advance.kept, self._advance.probes = kept, probes
        done = probes - self._known
        self._advance(done, done + left)
        if time.monotonic() - self._saved >= SAVED_S:
            self._outcomes.save(self._asked.progress_file)
            self._saved = time.monotonic()


class _Advance(Progress):
    """A line that says how few events are left, and how long it may take at most."""

    kept = probes = 0

    def _text(self, done: int, total: int, seconds: float) -> str:
        left = seconds * (total - done) / max(done, 1)
        events, sets = counted(self.kept, "event"), counted(self.probes, "set")
        return f"minimising: {events} left, {sets} tested, at most {left:.0f} s to go"
