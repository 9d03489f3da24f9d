"""`laban log`"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

import click

from laban.store.errors import UnknownPositionError, UnknownStreamError
from laban.store.event import Event, event_line
from laban.store.log import EventLog

from .opening import indexed, opened_log
from .output import Progress, counted, harmless, hint, print_line, terminal_width
from .params import ADDRESS_HELP, choreography_option, json_option, log_argument, where_option
from .plain import one_way, plain_option, told_event
from .program import FOUND, NOT_FOUND, command
from .render import PEEK, columns, event_cells, start_of

if TYPE_CHECKING:
    from laban.replay.expression import Expression
    from laban.replay.timeline import Timeline

_PLAIN = re.compile(r"@?(\d{1,18})", re.ASCII)


@command(
    "log",
    "laban log credit.laban --limit 5",
    "laban log credit.laban --from @40 --to 50% --stream applicant-04",
    "laban log credit.laban --where \"data.get('rating') == 'high'\" --json",
)
@log_argument
@click.option("--from", "first", metavar="ADDRESS", help=f"The first event: {ADDRESS_HELP}")
@click.option("--to", "last", metavar="ADDRESS", help="The last event.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Show no more than N events.")
@click.option("--stream", metavar="NAME", help="Only the events of one stream.")
@where_option
@choreography_option
@click.option("--follow", is_flag=True, help="Wait for new events and show them, until ctrl+c.")
@plain_option
@json_option
def log(
    path: str,
    first: str | None,
    last: str | None,
    limit: int | None,
    stream: str | None,
    where: str | None,
    choreography: str | None,
    follow: bool,
    as_plain: bool,
    as_json: bool,
) -> int:
    """
    List events.

    The exit status is 1 when --where matches no event.
    """
    one_way(as_plain, as_json)
    if choreography is not None and where is None:
        raise click.UsageError("--choreography makes the state that --where reads: give both.")
    with ExitStack() as stack:
        events = stack.enter_context(opened_log(path))
        reader = _Reader(events, path, where, choreography, stack)
        found = reader.select(
            reader.position(first, 1), reader.position(last, None), stream, follow
        )
        form = "json" if as_json else "plain" if as_plain else "columns"
        shown = _show(islice(found, limit), events, form, live=follow or bool(where))
        if reader.undefined:
            hint(f"{counted(reader.undefined, 'event')} gave the expression no value: no match.")
    return NOT_FOUND if where and not shown else FOUND


class _Reader:
    """Selects events of a log; its index is opened only for what needs it."""

    def __init__(
        self,
        log: EventLog,
        path: str,
        where: str | None,
        choreography: str | None,
        stack: ExitStack,
    ) -> None:
        self._log, self._path, self._stack = log, path, stack
        self._where = _compiled(where) if where else None
        self._timeline: Timeline | None = None
        self._choreography = choreography
        self._bar = stack.enter_context(Progress("searching"))
        self.undefined = 0

    def position(self, address: str | None, default: int | None) -> int | None:
        """Return the position that *address* means; a number needs no index."""
        if address is None:
            return default
        if number := _PLAIN.fullmatch(address):
            position, head = int(number[1]), self._log.head()
            if position > head:
                raise UnknownPositionError(position, head)
            return position
        return self._indexed().resolve(address)

    def select(
        self, first: int | None, last: int | None, stream: str | None, follow: bool
    ) -> Iterator[Event]:
        """Yield the events from *first* to *last* that match, in order."""
        if stream is not None and not follow and not self._log.length(stream):
            raise UnknownStreamError(stream, self._indexed().similar_streams(stream))
        for event in self._read(first or 1, last, stream, follow):
            if last is not None and event.position > last:
                return
            if self._matches(event) and stream in (None, event.stream):
                yield event

    def _read(
        self, first: int, last: int | None, stream: str | None, follow: bool
    ) -> Iterator[Event]:
        if follow:
            return self._log.subscribe(first - 1)
        if stream is None:
            return self._log.read(first, last)
        return (event for event in self._log.read_stream(stream) if event.position >= first)

    def _matches(self, event: Event) -> bool:
        if self._where is None:
            return True
        from laban.replay.scope import Scope

        timeline = self._indexed()
        if event.position > timeline.head:
            timeline.refresh()
        holds = self._where.holds(Scope(timeline, event.position, event))
        self.undefined += holds is None
        self._bar(event.position, timeline.head)
        if holds:
            self._bar.clear()
        return holds is True

    def _indexed(self) -> Timeline:
        if self._timeline is None:
            timeline = indexed(self._log, self._path, self._choreography)
            self._timeline = self._stack.enter_context(timeline)
        return self._timeline


def _sample(log: EventLog, start_ns: int | None) -> Iterator[tuple[str, ...]]:
    """Yield rows to set the widths of columns by: those that will be shown may be long to find."""
    head = log.head()
    for first, last in ((1, PEEK // 2), (head - PEEK // 2, head)):
        for event in log.read(max(1, first), min(last, head)):
            yield event_cells(event, start_ns)


def _compiled(where: str) -> Expression:
    from laban.replay.expression import compile_expression

    return compile_expression(where)


def _show(events: Iterable[Event], log: EventLog, form: str, live: bool) -> int:
    """Print *events*, each at once when they are *live*, and return how many there were."""
    if form == "json":
        lines: Iterator[str] = (harmless(event_line(event)) for event in events)
    elif form == "plain":
        start_ns = start_of(log)
        lines = (told_event(event, start_ns) for event in events)
    else:
        start_ns = start_of(log)
        rows = (event_cells(event, start_ns) for event in events)
        lines = columns(rows, terminal_width(), _sample(log, start_ns) if live else None)
    shown = 0
    for line in lines:
        print_line(line)
        shown += 1
        if live:
            sys.stdout.flush()
    return shown
