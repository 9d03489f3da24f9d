"""
Races: events that rest on values which others had changed, or that did not exist yet.

Where sources record their reads, in `metadata.reads`, races are certain: stale, early and dirty
reads, lost updates, and cycles such as write skew. Where they do not, two writes that nothing
puts in an order are a possible race, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from laban.replay.builder import CancelledError, Progress
from laban.replay.check.flaw import Edge, Flaw
from laban.replay.choreography.decisions import ENGINE
from laban.replay.choreography.plan import ReducerFunction
from laban.replay.pointer import format_pointer
from laban.store.collector import collector_paused
from laban.store.event import Event
from laban.store.log import EventLog

from .cycles import cycles
from .history import History
from .possible import Unordered, Written, unordered
from .ranking import ranked
from .reads import Outdating, Race, dirty, early, outdated
from .scan import Scan, Scanner
from .source import batches

__all__ = ["races"]


@collector_paused()
def races(
    log: EventLog,
    reducers: Mapping[str, ReducerFunction] | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Flaw]:
    """
    Return the races in *log*, the worst first.

    Fields are written as *reducers* do it, by event type, and else as the default reducer does.
    One pass over a few columns of the log, then a look at the streams that gave reason to.
    Raises CancelledError when *cancelled* returns True.
    """
    head = log.head()
    scan = _scanned(log, head, progress, cancelled)
    history = History(log, head, reducers or {}, scan)
    found = outdated(history)
    rings = list(cycles(history, found))
    told = frozenset[Outdating]().union(*(ring.outdates for ring in rings))
    found = [race for race in found if race.kind == "lost update" or not race.outdates <= told]
    found += [*rings, *early(history), *dirty(history), *_possible(history)]
    return ranked(found, scan.causes)


def _scanned(
    log: EventLog, head: int, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> Scan:
    scanner = Scanner(log)
    for batch in batches(log, head):
        if cancelled is not None and cancelled():
            raise CancelledError(f"Cancelled after {batch.first - 1:,} of {head:,} events.")
        scanner.take_in(batch)
        if progress is not None:
            progress(batch.positions[-1], head)
        del batch  # so that the next one finds its memory, still in the processor's cache
    return scanner.found


def _possible(history: History) -> Iterator[Race]:
    for stream, events in history.writing(history.scan.contended):
        types: dict[int, str] = {}
        writes = []
        for event, fields in events:
            types[event.position] = event.type
            writes.append(_written(history, event, fields))
        for race in unordered(writes):
            yield _told(stream, race, types[race.then.position])


def _written(history: History, event: Event, fields: dict[str, int]) -> Written:
    cause = history.scan.causes[event.position]
    if cause == 0 and event.causation_id is not None and not history.scan.is_short:
        found = [e for e in history.log.find(event.causation_id) if e.position < event.position]
        cause = (-1 if found[-1].source == ENGINE else 1) * found[-1].position if found else 0
    recording = history.scan.recording.get(event.source, event.position + 1)
    # the engine's causes are negative: who is asked by a runtime records all that is read
    judged = cause > 0 and event.position < recording
    return Written(event.position, event.source, abs(cause), judged, fields)


def _told(stream: str, race: Unordered, type: str) -> Race:
    first, then, field = race.first, race.then, race.fields[0]
    pointer = format_pointer((stream, field))
    more = f" (as {len(race.fields) - 1:,} more of its fields)" if len(race.fields) > 1 else ""
    return Race(
        kind="possible race",
        position=then.position,
        detail=(
            f"{then.source} wrote {pointer} in reaction to @{then.cause}, and may not have seen "
            f"that {first.source} had written it at @{first.position}{more}"
        ),
        source=then.source,
        type=type,
        pointer=pointer,
        certainty="possible",
        edges=tuple(
            Edge(
                kind="ww", pointer=format_pointer((stream, each)), first=first.position,
                then=then.position, version=first.position,
            )
            for each in race.fields
        ),
    )  # fmt: skip
