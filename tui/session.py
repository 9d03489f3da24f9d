"""A debugging session: a log, a position in it, and ways to other positions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from laban.replay.breakpoints import Breakpoint, Writes
from laban.replay.pointer import format_pointer, parse_pointer
from laban.replay.timeline import Timeline
from laban.store.event import Event
from laban.store.log import EventLog
from laban.tui.events.details import detail_rows
from laban.tui.events.filtering import Listing
from laban.tui.events.rows import event_rows
from laban.tui.events.searching import Found, find, run_to
from laban.tui.events.wanted import Wanted, parse_wanted
from laban.tui.setting.marks import Marks
from laban.tui.setting.points import SetPoints
from laban.tui.state.filter import StateFilter, pinned_rows
from laban.tui.state.history import History
from laban.tui.state.near import NearStates
from laban.tui.state.page import StatePage, state_page
from laban.tui.state.tree import Folds

from .jobs import Job
from .pages import Pages
from .refusal import Refusal
from .values import DetailRow, EventRow, RowKind, StateRow, Where, elapsed

EMPTY = "This log is empty: `laban import SOURCE -o LOG` puts events into it."
COMING = "There is no event yet: the first one will be here as soon as it is recorded."
BEFORE = "This is before the first event: n steps to it."
SELECT = "Select a path in the state first: 2 goes there."
_MORE_STREAMS = 100


class Session:
    """
    What the debugger's screen shows, and what its keys do, without the screen.

    Every method that goes somewhere returns a line that says where, or raises LabanError
    and stays. The position is that of the last event that has happened; 0 is before the first.
    A *live* log grows meanwhile: at its head the position follows it, elsewhere it stays.
    """

    def __init__(
        self,
        log: EventLog,
        timeline: Timeline,
        *,
        at: int = 0,
        select: str = "",
        live: bool = False,
    ) -> None:
        timeline.check(at)
        self.log = log
        self.timeline = timeline
        self.head = timeline.head
        self.position = at
        self.reason = "opened here"
        self.live = live
        self.following = live and at == self.head
        self.over = False  # whoever recorded has ended
        self.selected = select  # pointer of the state row that keys act on
        self.listing = Listing()
        self.set_points = SetPoints()
        self.watches, self.breakpoints = self.set_points.watches, self.set_points.breakpoints
        self.marks = Marks()
        self.pins: list[str] = []  # pointers
        self.state_filter: StateFilter | None = None
        self.history: History | None = None  # shown in place of the event's details
        self.folds, self.states = Folds(), NearStates(timeline)
        self._shown_stream = ""  # a stream that the user asked to see
        self._listed = 20  # other streams that are listed
        self._find: Wanted | None = None
        self._past: list[int] = []
        self._undone: list[int] = []

    # What the panes show.

    @cached_property
    def start_ns(self) -> int | None:
        """The time that elapsed times count from."""
        return self.timeline.start_ns

    @cached_property
    def events(self) -> Pages[EventRow]:
        """A row for every position, 0 included."""
        return event_rows(self.log, self.head, lambda: self.start_ns)

    @property
    def event(self) -> Event | None:
        """The event at the position, None before the first."""
        return self.log.get(self.position) if self.position else None

    def where(self) -> Where:
        """Return what the header says."""
        event = self.event
        since = elapsed(event.time_ns, self.start_ns) if event else ""
        reason = "" if self.following else self.reason
        return Where(self.position, self.head, since, reason, self._how_live())

    def details(self) -> list[DetailRow]:
        """Return all that is recorded about the event at the position."""
        if self.history is not None:
            return self.history.rows(self.position)
        if event := self.event:
            return detail_rows(self.timeline, event, self.start_ns)
        return [DetailRow(self.changes_nothing(), kind=RowKind.NOTE)]

    def state(self) -> StatePage:
        """Return what the event changed, and the state after it."""
        event, shown = self.event, self._shown_stream
        page = state_page(self.states, event, self.folds, shown, self._listed)
        if self.state_filter is not None and event is not None:
            page = page.narrowed(self.state_filter.rows(page, event, shown))
        return page.below(pinned_rows(self.timeline, self.pins, self.position))

    # A log that grows.

    def take_in(self) -> bool:
        """Know of the events that the timeline knows; tell whether there are new ones."""
        if self.timeline.head == self.head:
            return False
        self.head = self.timeline.head
        if self.start_ns is None:  # perhaps there is one now
            del self.__dict__["start_ns"]
            self.events.clear()
        self.events.grow(self.head + 1)
        return True

    def keep_up(self, position: int) -> None:
        """Go on to *position* with the head that is followed."""
        self.position, self.reason = position, "last event"

    def look_back(self) -> str:
        """Stay here while the log goes on."""
        self.following, self.reason = False, "looking back"
        return "looking back: G follows again"

    def pause(self, found: Found) -> str:
        """Follow no farther than to the event that a breakpoint was found to hold at."""
        assert found.position is not None
        self.take_in()
        self.position, self.reason = found.position, f"breakpoint {found.text}"
        self.following = False
        place = self.name(found.position)
        return f"paused at {place}: breakpoint {found.text}; c goes on, G follows"

    def count(self, found: Found) -> None:
        """Count what a run to breakpoints met."""
        if found.stop is not None:
            self.breakpoints.take_in(found.armed, found.stop)

    def _how_live(self) -> str:
        """Return how the position stands to the head of a log that grows."""
        behind = self.head - self.position
        states = ["ended" if self.over else "following"] if self.following else []
        states += [f"{behind:,} behind"] if behind else []
        return ", ".join(states or ["paused"]) if self.live else ""

    # Moving.

    def begin(self, position: int, selected: str) -> None:
        """Stand where it was left the last time."""
        self._stand(position, "opened here")
        self.selected = self.selected or selected

    def go(self, position: int, reason: str, *, jump: bool = True) -> str:
        """Go to *position*; `undo` leads back from a *jump*, which is farther than one step."""
        self.timeline.check(position)
        if jump and abs(position - self.position) > 1:
            self._past.append(self.position)
            self._undone.clear()
        self._stand(position, reason)
        return f"{reason}: {self.name(position)}"

    def step(self, by: int) -> str:
        """Go to the next event that is listed, or back."""
        if not self.head:
            raise Refusal(self.empty)
        reason = "step" if by > 0 else "step back"
        if self.listing.filter is not None:
            return self.go(self.listing.neighbour(self.position, by), reason, jump=False)
        if self.position + by > self.head:
            so_far = " so far" if self.live else ""
            raise Refusal(f"@{self.head:,} is the last event{so_far}.")
        if self.position + by < 0:
            raise Refusal("This is before the first event.")
        return self.go(self.position + by, reason)

    def along_stream(self, by: int) -> str:
        """Go to the next event of the same stream, or the one before."""
        event = self._event()
        number = event.stream_position + by
        for other in self.log.read_stream(event.stream, number, number) if number >= 0 else ():
            if other.position <= self.head:
                return self.go(other.position, f"{'next' if by > 0 else 'previous'} in stream")
        which = "last" if by > 0 else "first"
        raise Refusal(f"{event.stream}@{event.stream_position} is the {which} of its stream.")

    def cause(self) -> str:
        """Go to the event that caused this one."""
        event = self._event()
        if event.causation_id is None:
            raise Refusal(f"No cause is recorded for @{event.position:,} (#{event.id}).")
        cause = self.timeline.cause(event.position)
        if cause is None:
            raise Refusal(f"The cause, #{event.causation_id}, is not in this log.")
        return self.go(cause.position, "cause")

    def effect(self) -> str:
        """Go to the first event that this one caused."""
        event = self._event()
        effects = self.timeline.effects(event.position)
        if not effects:
            raise Refusal(f"No event names @{event.position:,} as its cause.")
        said = self.go(effects[0].position, "effect")
        others = len(effects) - 1
        return said if not others else f"{said}, and {others:,} more: u and pane 4 list them"

    def end(self, last: bool) -> str:
        """Go to the last event, or to the first."""
        self.take_in()
        if not self.head:
            raise Refusal(self.empty)
        said = self.go(self.head if last else 1, "last event" if last else "first event")
        return (
            f"following from {self.name(self.head)} on"
            if self.following and not self.over
            else said
        )

    def address(self, text: str) -> str:
        """Go to an address; a path shows its stream's state instead."""
        if text.startswith("/"):
            return self._show(text)
        return self.go(self.timeline.resolve(text), "went")

    def last_write(self, pointer: str) -> str:
        """Go to the last write of a path; from there, to the one before."""
        if not pointer:
            raise Refusal(SELECT)
        write = self.timeline.last_write(pointer, self.position)
        if write is not None and write.position == self.position:
            write = self.timeline.last_write(pointer, self.position - 1)
            if write is None:
                raise Refusal(f"@{self.position:,} is the first write of {pointer}.")
        if write is None:
            raise Refusal(f"{pointer} was not written up to @{self.position:,}.")
        self.selected = pointer
        return self.go(write.position, f"wrote {pointer}")

    def next_write(self, pointer: str) -> str:
        """Go to the next write of a path."""
        if not pointer:
            raise Refusal(SELECT)
        writes = Writes(self.timeline, parse_pointer(pointer))
        position = writes.find(self.position, self.head) if self.position < self.head else None
        if position is None:
            raise Refusal(f"{pointer} is not written after @{self.position:,}.")
        self.selected = pointer
        return self.go(position, f"wrote {pointer}")

    def undo(self) -> str:
        """Go back to where the last jump started."""
        if not self._past:
            raise Refusal("No jump to undo.")
        return self._retrace(self._past, self._undone, "back")

    def redo(self) -> str:
        """Take the jump again that was undone last."""
        if not self._undone:
            raise Refusal("No jump was undone.")
        return self._retrace(self._undone, self._past, "again")

    # Searching: each returns the search to run, perhaps in another thread; `arrive` takes its end.

    def find(self, text: str) -> None:
        """Look for *text* from now on; nothing at all keeps what was looked for. May raise."""
        if text:
            self._find = parse_wanted(text)

    def next_match(self, *, backward: bool) -> Callable[[Job], Found]:
        """Return the search for the next match of what `find` was told."""
        if (wanted := self._find) is None:
            raise Refusal("Nothing to look for yet: / asks for an expression or a text.")
        start = self.position
        return lambda job: find(self.timeline, wanted, start, backward, job)

    def next_break(self, *, backward: bool) -> Callable[[Job], Found]:
        """Return the run to the next breakpoint."""
        armed, start = self.breakpoints.armed(), self.position
        return lambda job: run_to(self.timeline, armed, start, backward, job)

    def arrive(self, found: Found, *, backward: bool, at_break: bool) -> str:
        """Go where a search led, and say what it took. Raises Refusal when it led nowhere."""
        if found.position is not None:
            self.count(found)
        elif at_break and not backward and self.live:
            self.count(found)
            self.following = True
            return "no breakpoint holds yet: following"
        else:
            way = "before" if backward else "after"
            if at_break:
                raise Refusal(f"No breakpoint stops {way} @{self.position:,}.")
            raise Refusal(
                f"Nothing matches {found.text} {way} @{self.position:,}; {found.effort()}."
            )
        reason = f"breakpoint {found.text}" if at_break else f"match of {found.text}"
        said = self.go(found.position, reason)
        self.following = False  # who looked for it wants to look at it
        return said if at_break else f"{said}; {found.effort()}"

    def set_breakpoint(self, text: str) -> str:
        """Set a breakpoint; with no text, on events of this one's type."""
        new = self.breakpoints.add(text or Breakpoint("type", self._event().type).text)
        return f"breakpoint set: {new.text}{'; c runs to it' * new.enabled}"

    # The state pane.

    def forget_stream(self) -> bool:
        """Show the event's own stream alone again; return whether another was shown."""
        shown, self._shown_stream = self._shown_stream, ""
        return bool(shown)

    def fold(self, row: StateRow, *, open: bool) -> str:
        """Fold or unfold *row*, or fold what is around it; return the pointer to select then."""
        if open:
            if row.open is None:
                raise Refusal("There is nothing to unfold in this row.")
            self.folds.choose(row.pointer, not row.open)
            return row.pointer
        tokens = parse_pointer(row.pointer)
        pointer = row.pointer if row.open else format_pointer(tokens[:-1])
        if len(tokens) < 2 and not row.open:
            raise Refusal("There is nothing to fold around this row.")
        self.folds.choose(pointer, open=False)
        return pointer

    def greeting(self) -> str:
        """Return the first thing to say."""
        if not self.head:
            return self.empty
        if self.following:
            return "following: new events appear as they are recorded"
        return f"{self.head:,} events{' so far' * self.live}"

    @property
    def empty(self) -> str:
        """What to say of a log without events."""
        return COMING if self.live else EMPTY

    def changes_nothing(self) -> str:
        """Return why nothing changed here, when nothing did."""
        if not self.head:
            return self.empty
        return "This event changed no state." if self.position else BEFORE

    def list_more(self) -> None:
        """List more of the other streams."""
        self._listed += _MORE_STREAMS

    def name(self, position: int) -> str:
        """Return how a message names *position*."""
        return f"@{position:,}" if position else "before the first event"

    def _show(self, pointer: str) -> str:
        tokens = parse_pointer(pointer)
        self.timeline.value(pointer, self.position)
        self._shown_stream, self.selected = tokens[0] if tokens else "", format_pointer(tokens)
        for depth in range(2, len(tokens)):
            self.folds.choose(format_pointer(tokens[:depth]), open=True)
        return f"showing {pointer}; esc shows the event's own stream again"

    def _event(self) -> Event:
        if event := self.event:
            return event
        raise Refusal(BEFORE if self.head else self.empty)

    def _retrace(self, source: list[int], target: list[int], reason: str) -> str:
        target.append(self.position)
        self._stand(source.pop(), f"{reason} from a jump")
        return f"{reason}: {self.name(self.position)}"

    def _stand(self, position: int, reason: str) -> None:
        if position > self.head:  # the timeline knows more events by now
            self.take_in()
        self.position, self.reason = position, reason
        self.following = self.live and position == self.head
