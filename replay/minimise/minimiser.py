"""The least part of a log that still shows a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing

from laban.replay.choreography import Choreography
from laban.replay.expression import Expression
from laban.replay.timeline import Timeline
from laban.store.log import EventLog

from .answer import MINIMAL, STOPPED, UNRESOLVED, Minimised
from .fold import WhereTest
from .outcomes import Outcomes
from .part import part
from .past import Past
from .reducing import Reduction
from .starting import focus_of, starts

Test = Callable[[EventLog], bool | None]
Progress = Callable[[int, int, int], None]  # (events kept, sets tested, tests left at most)


class Stopped(Exception):
    """The user ended the search; what was found so far counts."""


class Minimiser:
    """
    Minimises *log* for a test that the whole of it is known to pass.

    `answer()` may be asked for at any time, also after `run()` was interrupted: it is the least
    set so far. Outcomes go into *outcomes*; a run that is given those of an earlier one goes on
    where that one ended.
    """

    def __init__(
        self,
        log: EventLog,
        test: Test | Expression,
        focus: Collection[int] = (),
        *,
        choreography: Choreography | None = None,
        outcomes: Outcomes | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """The state that an expression reads is made by the reducers of *choreography*."""
        self.outcomes = Outcomes("") if outcomes is None else outcomes
        self._log, self._test, self._focus = log, test, focus
        self._choreography = choreography
        self._progress = progress or (lambda *_: None)
        self._cancelled = cancelled or (lambda: False)
        self._head, self._replayed = log.head(), 0
        self._shows: Callable[[Sequence[int]], bool | None] = lambda _: None
        self._reduction: Reduction | None = None

    def run(self) -> Minimised:
        """Search to the end, or until *cancelled*."""
        try:
            for past, kept in starts(self._log, self._focus):
                if self._begins(past, kept):
                    self._reduction = Reduction(past, kept, self._ask)
                    self._reduction.run()
                    break
        except Stopped:
            pass
        return self.answer()

    def answer(self) -> Minimised:
        """Return the least set that is known to show the failure."""
        found = self._reduction
        kept = list(range(1, self._head + 1)) if found is None else found.kept
        unresolved = 0 if found is None else found.unresolved
        minimal = UNRESOLVED if unresolved else MINIMAL
        return Minimised(
            kept=kept,
            dropped=self._head - len(kept),
            probes=len(self.outcomes),
            replayed=self._replayed,
            unresolved=unresolved,
            guarantee=minimal if found is not None and found.minimal else STOPPED,
        )

    def _begins(self, past: Past, kept: Sequence[int]) -> bool:
        """Tell whether *kept* shows the failure; what is asked next is of the same *past*."""
        test = self._test
        if isinstance(test, Expression):
            self._shows = WhereTest(test, past, self._choreography)
            return bool(self._shows(kept))  # so that it knows where it is true first
        self._shows = lambda kept: test(part(past, kept))
        return len(kept) == self._head or bool(self._ask(kept))

    def _ask(self, kept: Sequence[int]) -> bool | None:
        """Return the outcome for a closed set, tested now or before."""
        if not self.outcomes.knows(kept):
            if self._cancelled():
                raise Stopped
            self.outcomes[kept] = self._shows(kept)
            self._replayed += len(kept)
            self._report()
        return self.outcomes[kept]

    def _report(self) -> None:
        found = self._reduction
        kept = self._head if found is None else len(found.kept)
        left = 2 * self._head if found is None else found.tests_left
        self._progress(kept, len(self.outcomes), left)


def minimise(
    log: EventLog,
    test: Test | Expression,
    focus: Collection[int] = (),
    *,
    choreography: Choreography | None = None,
    outcomes: Outcomes | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Minimised | None:
    """
    Return the events of *log* that are needed for *test*; None when the whole does not show it.

    *test* is an expression, shown where it is true at any position, or a function of a log:
    True where that shows the failure, None where it cannot say. It gets logs in memory, of
    sets of events that are causally closed (see Past), renumbered from 1. *focus* are positions
    of events that the failure is about, which save tests; an expression tells its own, and the
    reducers of *choreography* make the state that it reads.
    """
    if isinstance(test, Expression):
        with closing(Timeline.open(log, choreography=choreography)) as timeline:
            found = focus_of(timeline, test)
        if found is None:
            return None
        focus = found
    elif not test(log):
        return None
    return Minimiser(
        log,
        test,
        focus,
        choreography=choreography,
        outcomes=outcomes,
        progress=progress,
        cancelled=cancelled,
    ).run()
