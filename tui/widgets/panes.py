"""The four panes side by side, or one of them where there is no room for more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus

from laban.tui.values import BreakpointRow, DetailRow, StateRow

from .breakpoint_list import BreakpointList
from .event_details import EventDetails
from .event_list import EventList
from .state_view import StateView
from .virtual_list import VirtualList

WIDE = 100  # columns of the screen from which all panes are shown …
TALL = 28  # … and rows


class Panes(Horizontal):
    """Holds the panes, knows which one is in use, and names them in their titles."""

    DEFAULT_CSS = """
    Panes {
        #left { width: 5fr; }
        #right { width: 3fr; }
        EventList { height: 5fr; }
        EventDetails { height: 4fr; }
        StateView { height: 1fr; }
        BreakpointList { height: 6; }
        &.-single {
            #left, #right { width: 1fr; }
            VirtualList { height: 1fr; display: none; }
            VirtualList.-current { display: block; }
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.events = EventList(id="events")
        self.state = StateView(id="state")
        self.breakpoints = BreakpointList(id="breakpoints")
        self.details = EventDetails(id="event")
        self.all: tuple[VirtualList[Any], ...] = (
            *(self.events, self.state, self.breakpoints, self.details),
        )
        self.current: VirtualList[Any] = self.events
        self._zoomed = self._causality = False
        self._counts = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="left"):
            yield self.events
            yield self.details
        with Vertical(id="right"):
            yield self.state
            yield self.breakpoints

    @property
    def single(self) -> bool:
        """Whether one pane has all the room."""
        return self.has_class("-single")

    def show_state(self, rows: Sequence[StateRow], cursor: int, counts: str) -> None:
        """Show the state; *counts* of its changes go into the title."""
        self.state.show(rows, cursor)
        self._counts = counts
        self._write_titles()

    def show_details(self, rows: Sequence[DetailRow]) -> None:
        """Show what is recorded about an event."""
        self.details.show(rows, 0)

    def show_causality(self) -> bool:
        """Let the details show the causality, or the event again; return whether they do."""
        self._causality = not self._causality
        self._write_titles()
        return self._causality

    def show_breakpoints(self, rows: Sequence[BreakpointRow]) -> None:
        """Show the breakpoints; how many there are goes into the title."""
        self.breakpoints.show(rows, self.breakpoints.cursor)
        self._write_titles()

    def neighbour(self, by: int) -> VirtualList[Any]:
        """Return the next pane, or the one before."""
        return self.all[(self.all.index(self.current) + by) % len(self.all)]

    def zoom(self) -> None:
        """Give the current pane all the room, or take it back."""
        self._zoomed = not self._zoomed
        self.lay_out()

    def lay_out(self) -> None:
        """Show all panes, or one."""
        width, height = self.screen.size
        self.set_class(self._zoomed or width < WIDE or height < TALL, "-single")
        for pane in self.all:
            pane.set_class(pane is self.current, "-current")
        for column in self.children:
            column.display = not self.single or self.current in column.children
        self._write_titles()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if event.widget in self.all and event.widget is not self.current:
            self.current = self.all[self.all.index(event.widget)]
            self.lay_out()

    def _write_titles(self) -> None:
        """Name each pane, the one in use in bold; the only one in view names the others too."""
        titles = [self._title(pane) for pane in self.all]
        for pane, own in zip(self.all, titles, strict=True):
            title = f"[b]{own}[/b]" if pane is self.current else own
            if self.single:
                others = titles if self._fit(titles) else [text[0] for text in titles]
                tabs = zip(self.all, others, strict=True)
                title = " │ ".join(
                    f"[b]{own}[/b]" if tab is pane else f"[dim]{name}[/dim]" for tab, name in tabs
                )
            if pane.border_title != title:
                pane.border_title = title

    def _fit(self, titles: Sequence[str]) -> bool:
        return sum(len(title) + 3 for title in titles) + 3 <= self.screen.size.width

    def _title(self, pane: VirtualList[Any]) -> str:
        set_points = len(self.breakpoints.rows)
        counts = {self.state: self._counts, self.breakpoints: str(set_points or "")}
        name = "4 Causality" if pane is self.details and self._causality else pane.BORDER_TITLE
        return f"{name} {counts.get(pane, '')}".rstrip()
