"""What an assertion looks at: a log as it is recorded, or as a choreography makes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from msgspec import Struct

from laban.replay.choreography import Choreography
from laban.replay.choreography.decisions import is_decision
from laban.replay.compare import Compared, Mask, compare
from laban.replay.compare.comparing import Order
from laban.replay.rehearsal import rehearsed
from laban.replay.timeline import Timeline
from laban.store.errors import UnknownPositionError
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog

from .inputs import AnyChoreography, AnyLog, loaded, opened, recorded


class Scene(Struct, frozen=True, kw_only=True):
    """A log, the rules that its state follows, and what it was made anew of, if it was."""

    log: EventLog
    choreography: Choreography | None  # None: the default reducer makes the state
    given: EventLog  # the recorded one; the same as log without a choreography

    @property
    def rules(self) -> Choreography:
        """The choreography, or one without any rules."""
        return self.choreography or Choreography("none")

    def resolve(self, address: str | int) -> int:
        """Return the position in the recorded log that *address* means."""
        return resolved(self.given, address)

    def place(self, event: Event) -> str:
        """Return where the recorded log has *event*, for people."""
        at = event.position if self.log is self.given else _position(self.given, event)
        return "new" if at is None else f"@{at}"

    def same_event(self, position: int) -> Event | None:
        """Return the event at a recorded *position* as it is in the log, if it is there."""
        at = _position(self.log, self.given.get(position))
        return None if at is None else self.log.get(at)

    def left_out(self) -> Iterator[Event]:
        """Yield the recorded events that are no decisions and do not happen any more."""
        if self.log is not self.given:
            kept = {(event.source, event.id) for event in self.log.read()}
            for event in self.given.read():
                if not is_decision(event) and (event.source, event.id) not in kept:
                    yield event


@contextmanager
def scene(
    log: AnyLog, choreography: AnyChoreography | None = None, at: str | int | None = None
) -> Iterator[Scene]:
    """Open *log*, up to the address *at*, and make it anew if a *choreography* is given."""
    rules = None if choreography is None else loaded(choreography)
    with opened(log) as given:
        if at is not None:
            given = recorded(given.read(1, resolved(given, at)))
        made = given if rules is None else rehearsed(given, rules.plan)
        yield Scene(log=made, choreography=rules, given=given)


def compared(a: EventLog, b: EventLog, order: Order, mask: Mask) -> Compared:
    """Return where two logs part."""
    with closing(Timeline.open(a)) as ours, closing(Timeline.open(b)) as theirs:
        return compare(ours, theirs, order=order, mask=mask)


def resolved(log: EventLog, address: str | int) -> int:
    """Return the position that *address* means. Raises BadAddressError, UnknownPositionError."""
    if isinstance(address, int):
        if not 0 <= address <= log.head():
            raise UnknownPositionError(address, log.head())
        return address
    with closing(Timeline.open(log)) as timeline:
        return timeline.resolve(address)


def _position(log: EventLog, event: NewEvent) -> int | None:
    """Return where *log* has an event of this source and id."""
    found = (each.position for each in log.find(event.id) if each.source == event.source)
    return next(found, None)
