"""The four panes side by side, or one of them where there is no room for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Click, DescendantFocus
from textual.message import Message

from laban.tui.values import BreakpointRow, DetailRow, StateRow

from .breakpoint_list import BreakpointList
from .causality_view import CausalityView
from .event_details import EventDetails
from .event_list import EventList
from .lanes_view import LanesView
from .state_view import StateView
from .tabs import Tab, tab_at, title_of, width_of
from .virtual_list import VirtualList

WIDE = 100  # columns of the screen from which all panes are shown …
TALL = 28  # … and rows
_LEVELS = 5  # of shortening the names in a title
Pane = VirtualList[Any]


class Panes(Horizontal):
    """
    Holds the panes, knows which one is in use, and names them in their titles.

    The first pane is one of three views of the events.
    """

    DEFAULT_CSS = """
    Panes {
        #left { width: 5fr; }
        #right { width: 3fr; }
        EventList, LanesView, CausalityView { height: 5fr; }
        EventDetails { height: 4fr; }
        StateView { height: 1fr; }
        BreakpointList { height: 6; }
        &.-single {
            #left, #right { width: 1fr; }
            VirtualList { height: 1fr; }
        }
    }
    """

    @dataclass
    class Turned(Message):
        """The user turned to another view of the events."""

        view: Pane

    def __init__(self) -> None:
        super().__init__()
        self.events = EventList(id="events")
        self.lanes = LanesView(id="lanes")
        self.causality = CausalityView(id="causality")
        self.state = StateView(id="state")
        self.breakpoints = BreakpointList(id="breakpoints")
        self.details = EventDetails(id="event")
        self.views: dict[str, Pane] = {
            "Events": self.events,
            "Lanes": self.lanes,
            "Causality": self.causality,
        }
        self.view: Pane = self.events
        self.current: Pane = self.events
        self._zoomed = False
        self._counts = ""
        self._detailed = EventDetails.BORDER_TITLE
        self._tabs: dict[Pane, list[Tab[Pane]]] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="left"):
            yield from self.views.values()
            yield self.details
        with Vertical(id="right"):
            yield self.state
            yield self.breakpoints

    @property
    def all(self) -> tuple[Pane, ...]:
        """The panes in order, the first one in its current view."""
        return (self.view, self.state, self.breakpoints, self.details)

    @property
    def places(self) -> Pane:
        """The list whose cursor is the current position: the events, or their lanes."""
        return self.lanes if self.view is self.lanes else self.events

    @property
    def single(self) -> bool:
        """Whether one pane has all the room."""
        return self.has_class("-single")

    def show_state(self, rows: Sequence[StateRow], cursor: int, counts: str) -> None:
        """Show the state; *counts* of its changes go into the title."""
        self.state.show(rows, cursor)
        self._counts = counts
        self._write_titles()

    def show_details(self, rows: Sequence[DetailRow], cursor: int, name: str) -> None:
        """Show what is recorded about an event, or what else has this name."""
        self.details.show(rows, cursor)
        if name != self._detailed:
            self._detailed = name
            self._write_titles()

    def show_breakpoints(self, rows: Sequence[BreakpointRow]) -> None:
        """Show the breakpoints; how many there are goes into the title."""
        self.breakpoints.show(rows, self.breakpoints.cursor)
        self._write_titles()

    def put_cursor(self, position: int) -> None:
        """Put the cursors of the events and of the lanes on *position*."""
        self.events.cursor = self.lanes.cursor = position

    def next_view(self) -> Pane:
        """Return the view of the events after the one that is shown."""
        views = list(self.views.values())
        return views[(views.index(self.view) + 1) % len(views)]

    def turn_to(self, view: Pane) -> None:
        """Show another view of the events in the first pane, and use it."""
        self.view = self.current = view
        self.lay_out()

    def neighbour(self, by: int) -> Pane:
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
        for pane in (*self.views.values(), *self.all):
            pane.display = pane is self.current if self.single else pane in self.all
        for column in self.children:
            column.display = not self.single or self.current in column.children
        self._write_titles()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if event.widget in self.all and event.widget is not self.current:
            self.current = self.all[self.all.index(event.widget)]
            self.lay_out()

    def on_click(self, event: Click) -> None:
        """Go to the pane or the view whose name was clicked."""
        for pane, tabs in self._tabs.items():
            if pane.display and pane.region.y == event.screen_y:
                target = tab_at(tabs, int(event.screen_x) - pane.region.x)
                if target is not None and target in self.views.values():
                    self.post_message(self.Turned(target))
                elif target is not None:
                    target.focus()

    # Titles.

    def _write_titles(self) -> None:
        """Name each pane, the one in use in bold; the only one in view names the others too."""
        self._tabs = {pane: self._tabs_of(pane) for pane in self.all}
        for pane, tabs in self._tabs.items():
            if pane.border_title != (title := title_of(tabs)):
                pane.border_title = title

    def _tabs_of(self, pane: Pane) -> list[Tab[Pane]]:
        if not self.single:
            own = [Tab(self._title(pane), pane, pane is self.current)]
            return self._views() if pane is self.view else own
        for shortened in range(_LEVELS):
            tabs = self._all_tabs(pane, shortened)
            if width_of(tabs) <= self.screen.size.width:
                break
        return tabs

    def _all_tabs(self, pane: Pane, shortened: int) -> list[Tab[Pane]]:
        """Return tabs of all panes; the others than *pane*, and then its views, in few letters."""
        tabs: list[Tab[Pane]] = []
        for other in self.all:
            if other is pane is self.view and shortened < _LEVELS - 1:
                tabs += self._views()
            else:
                name = self._title(other, 0 if other is pane else shortened)
                tabs.append(Tab(name, other, other is pane))
        return tabs

    def _views(self) -> list[Tab[Pane]]:
        """Return the views of the first pane, the shown one in use."""
        return [
            Tab(name if number else f"1 {name}", view, view is self.view)
            for number, (name, view) in enumerate(self.views.items())
        ]

    def _title(self, pane: Pane, shortened: int = 0) -> str:
        """Return the name of *pane*; shortened, it loses words, then what it counts, then all."""
        name = self._detailed if pane is self.details else str(pane.BORDER_TITLE)
        if pane is self.view:
            name = "1 " + next(name for name, view in self.views.items() if view is pane)
        if shortened:
            name = " ".join(name.split(" ")[: 2 if shortened < 3 else 1])
        set_points = len(self.breakpoints.rows)
        counts = {self.state: self._counts, self.breakpoints: str(set_points or "")}
        return f"{name} {counts.get(pane, '') if shortened < 2 else ''}".rstrip()
