"""The views of the events that the first pane has besides the list: lanes, and causality."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from laban.replay.critical import CriticalPath, critical_path
from laban.tui.events.causality import Causality
from laban.tui.events.critical import path_rows, said
from laban.tui.events.lanes import Lanes
from laban.tui.refusal import Refusal
from laban.tui.session import BEFORE
from laban.tui.values import RowKind, TreeRow
from laban.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from .screen import DebugScreen


class Views:
    """Shows in the first pane what its view is of; what is not in view costs nothing."""

    def __init__(self, screen: DebugScreen) -> None:
        self._screen = screen
        session = screen.session
        self._lanes = Lanes(session.timeline, session.head, lambda: session.start_ns)
        self._tree: Causality | None = None
        self._asked_for_more = False  # rows of it that would be lost
        self._above: list[TreeRow] = []  # the rows of the critical path
        self._path: CriticalPath | None = None
        self._on_path: frozenset[int] = frozenset()  # positions

    def turn_to(self, view: VirtualList[object]) -> None:
        """Show another view, and give it the keys."""
        panes, session = self._screen.panes, self._screen.session
        panes.turn_to(view)
        self._screen.set_focus(view)
        if view is panes.lanes:
            panes.lanes.show_lanes(self._lanes.rows, session.position, self._lanes.first())
        self.refresh()

    def place(self) -> None:
        """Put the cursor of the lanes on the current position."""
        panes = self._screen.panes
        if panes.view is panes.lanes:
            panes.lanes.cursor = self._screen.session.position

    def follow_cursor(self) -> None:
        """Go where the cursor of the lanes is: keys may come faster than its messages."""
        panes, session = self._screen.panes, self._screen.session
        if panes.view is not panes.lanes:
            return
        position = panes.lanes.cursor
        if by := position - session.position:
            reason = {1: "step", -1: "step back"}.get(by, "moved")
            self._screen.go(lambda: session.go(position, reason))

    def refresh(self) -> None:
        """Show the causality of the event at the position, and the marks of the lanes."""
        panes, session = self._screen.panes, self._screen.session
        if panes.view is panes.lanes:
            self.place()
            panes.lanes.mark(session.breakpoints.positions(), self._on_path)
        elif panes.view is panes.causality:
            self._asked_for_more = False
            event = session.event
            self._tree = Causality(session.timeline, event, self._on_path) if event else None
            self._show_tree()

    def _show_tree(self, cursor: int | None = None) -> None:
        """Show the steps of the critical path, and below them causes and effects."""
        causality, tree = self._screen.panes.causality, self._tree
        rows = [*self._above, *(tree.rows if tree else ())]
        if cursor is None:
            cursor = len(self._above) + (tree.cursor if tree else 0)
        causality.show_around(rows, cursor, self._screen.session.position)

    def grow(self) -> None:
        """Show that there are more events."""
        session, panes = self._screen.session, self._screen.panes
        self._lanes.rows.grow(session.head + 1)
        if panes.view is panes.lanes:
            panes.lanes.grown()
        elif panes.view is panes.causality and not session.following and not self._asked_for_more:
            cursor = panes.causality.cursor  # new effects stand below
            self.refresh()
            panes.causality.cursor = cursor

    def choose(self) -> None:
        """Go where the selected row of the causality leads, or put more into its place."""
        causality = self._screen.panes.causality
        row, tree = causality.selected, self._tree
        if row is None or tree is None:
            return
        if row.kind is RowKind.MORE:
            self._asked_for_more = True
            tree.more(causality.cursor - len(self._above))
            self._show_tree(causality.cursor)
        elif row.target is None:
            raise Refusal("That row leads nowhere; events and rows with ↵ do.")
        else:
            target = row.target
            self._screen.go(lambda: self._screen.session.go(target, "followed the causality"))

    # The critical path.

    def critical(self) -> None:
        """Mark the critical path of the event's correlation, or mark it no more."""
        session = self._screen.session
        if (event := session.event) is None:
            raise Refusal(BEFORE if session.head else session.empty)
        correlation = event.correlation_id
        if correlation is None:
            raise Refusal(f"@{event.position:,} belongs to no correlation, so it has no such path.")
        if self._path is not None and self._path.correlation_id == correlation:
            self._take_path(None)
            self._screen.status.say("the critical path is marked no more")
            return
        self._screen.worker.start(
            "reading the correlation",
            lambda job: critical_path(session.timeline, correlation, job.progress, job.cancelled),
            self._found,
        )

    def _found(self, path: CriticalPath) -> None:
        self._take_path(path)
        self._screen.status.say(said(path))

    def _take_path(self, path: CriticalPath | None) -> None:
        self._path = path
        self._on_path = frozenset(event.position for event in path.events) if path else frozenset()
        self._above = _headed(path_rows(path)) if path else []
        self._screen.panes.events.mark_path(self._on_path)
        self.refresh()
        if path and self._screen.panes.view is self._screen.panes.causality:
            self._screen.panes.causality.cursor = 0


def _headed(rows: Iterable[TreeRow]) -> list[TreeRow]:
    return [*rows, TreeRow(text="causes and effects", kind=RowKind.HEADING)]
