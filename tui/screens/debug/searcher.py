"""Searching for matches and running to breakpoints, however far away they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from laban.tui.events.searching import Found
from laban.tui.jobs import Job

if TYPE_CHECKING:
    from .screen import DebugScreen


class Searcher:
    """
    Runs the session's searches as jobs of the screen.

    The key of a search that is under way, pressed again, is obeyed when that has ended.
    """

    def __init__(self, screen: DebugScreen) -> None:
        self._screen = screen
        self._way: tuple[bool, bool] | None = None  # backward, to a breakpoint
        self._again = 0

    @property
    def busy(self) -> bool:
        """Whether a search is under way."""
        return self._screen.worker.busy

    def find(self, *, backward: bool) -> None:
        """Go to the next match of what is looked for."""
        self._search(self._screen.session.next_match, backward, at_break=False)

    def run_to_break(self, *, backward: bool) -> None:
        """Go to the next event where a breakpoint holds."""
        self._search(self._screen.session.next_break, backward, at_break=True)

    def _search(
        self, prepare: Callable[..., Callable[[Job], Found]], backward: bool, *, at_break: bool
    ) -> None:
        if self.busy and self._way == (backward, at_break):
            self._again += 1
            return
        session = self._screen.session
        search = prepare(backward=backward)
        self._way, self._again = (backward, at_break), 0
        self._screen.worker.start(
            "searching",
            search,
            self._arrive,
            total=session.position if backward else session.head - session.position,
        )

    def _arrive(self, found: Found) -> None:
        assert self._way is not None
        backward, at_break = self._way
        said = self._screen.session.arrive(found, backward=backward, at_break=at_break)
        self._screen.arrived(said)
        if again := self._again:
            (self.run_to_break if at_break else self.find)(backward=backward)
            self._again = again - 1
