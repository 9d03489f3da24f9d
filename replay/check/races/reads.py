"""Single reads that were not of the newest version, not of a lasting one, or of none."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from laban.replay.check.flaw import Certainty, Edge

from .history import History, Versions, Write
from .scan import Read

# A transaction that read a path, the one that overwrote first what it read, and the path
Outdating = tuple[int, int, str]


class Race(Struct, kw_only=True):
    """Events that fit in no order, or that nothing puts in one."""

    kind: str
    position: int  # of the event that shows it
    detail: str
    source: str  # of that event
    type: str
    pointer: str
    certainty: Certainty = "certain"
    edges: tuple[Edge, ...] = ()
    harmful: bool = True  # the value that was read or lost differs from the one that was there
    outdates: frozenset[Outdating] = frozenset()


def outdated(history: History) -> list[Race]:
    """
    Return the stale reads and lost updates, in order of their reads.

    A read is stale when another reaction has written a newer version by the time that the
    reader recorded what rests on it; and an update is lost when the reader had by then
    overwritten that newer version. Each is told once for all that a reaction says.
    """
    history.load(read.stream for read in history.scan.suspects)
    found: dict[tuple[str, str, str, str], Race] = {}
    for read in history.scan.suspects:
        for field in history.fields_of(read):
            race = _outdated(history, read, history.versions(read.stream, field))
            if race is not None:
                key = (read.source, read.cause, read.pointer, race.kind)
                found[key] = min(race, found.get(key, race), key=lambda race: race.position)
    return [
        race
        for (source, cause, pointer, kind), race in found.items()
        if kind == "lost update" or (source, cause, pointer, "lost update") not in found
    ]


def _outdated(history: History, read: Read, versions: Versions) -> Race | None:
    reaction, seen = (read.source, read.cause), read.seen or 0
    newer = versions.newest_other(read.position, reaction)
    if newer is None or newer.position <= seen:
        return None
    before = versions.as_of(seen)
    newest = versions.writes[versions.as_of(read.position)]
    lost = newest.position > newer.position  # so it is the reader's own
    first = versions.first_other(seen, reaction)
    assert first is not None
    transaction = history.transaction(read.position)
    version = versions.writes[before].position if before >= 0 else 0
    edges = [_edge("rw", read.pointer, read.position, newer.position, version)]
    if lost:
        edges.append(_edge("ww", read.pointer, newer.position, newest.position, newer.position))
    return Race(
        kind="lost update" if lost else "stale read",
        position=newest.position if lost else read.position,
        detail=_told(read, newer, lost),
        source=read.source,
        type=read.type,
        pointer=read.pointer,
        edges=tuple(edges),
        harmful=before < 0 or versions.value(before) != newer.fields[versions.field],
        outdates=frozenset({(transaction, first.transaction, read.pointer)}),
    )


def _told(read: Read, newer: Write, lost: bool) -> str:
    had = f"as of @{read.seen}" if read.seen else "before it was written"
    since = f"{newer.source} had written it at @{newer.position}"
    if lost:
        return f"{read.source} wrote {read.pointer}, having read it {had}: {since}"
    return f"{read.source} read {read.pointer} {had} for {read.type}: {since}"


def early(history: History) -> Iterator[Race]:
    """Yield the reads of what is recorded only later, or not at all, once for a reaction."""
    told: set[tuple[str, str, str]] = set()
    for read in history.scan.futures:
        key = (read.source, read.cause, read.pointer)
        if key in told:
            continue
        told.add(key)
        of = f"@{read.version}" if isinstance(read.version, int) else f"#{read.version}"
        known = "is not in this log" if read.seen is None else "was recorded later"
        edge = _edge("wr", read.pointer, read.seen or 0, read.position, read.seen or 0)
        yield Race(
            kind="future read",
            position=read.position,
            detail=f"{read.source} read {read.pointer} as written by {of}, which {known}",
            source=read.source,
            type=read.type,
            pointer=read.pointer,
            certainty="certain" if read.seen is not None else "possible",
            edges=() if read.seen is None else (edge,),
        )


def dirty(history: History) -> Iterator[Race]:
    """Yield the reads of what an action had written that failed in the end (Adya's G1a)."""
    told: set[tuple[str, str, str]] = set()
    for (source, cause), failed in history.scan.failed.items():
        for event in history.log.caused_by(cause):
            if event.source != source or event.stream[0] == "$":
                continue
            history.load_with_readers(event.stream)
            for _, read in history.reads_of(event.stream):
                key = (read.source, read.cause, read.pointer)
                if key in told or (read.source, read.cause) == (source, cause):
                    continue
                if _is_of(history, read, event.position):
                    told.add(key)
                    yield _dirty(read, source, event.position, failed)


def _is_of(history: History, read: Read, position: int) -> bool:
    """Tell whether *read* is of what the event at *position* wrote."""
    for field in history.fields_of(read):
        versions = history.versions(read.stream, field)
        index = versions.as_of(read.seen or 0)
        if index >= 0 and versions.positions[index] == position:
            return True
    return False


def _dirty(read: Read, writer: str, written: int, failed: int) -> Race:
    return Race(
        kind="dirty read",
        position=read.position,
        detail=(
            f"{read.source} read {read.pointer} as {writer} had written it at @{written}, in an "
            f"action that failed at @{failed}"
        ),
        source=read.source,
        type=read.type,
        pointer=read.pointer,
        edges=(_edge("wr", read.pointer, written, read.position, written),),
    )


def _edge(kind: str, pointer: str, first: int, then: int, version: int) -> Edge:
    return Edge(kind=kind, pointer=pointer, first=first, then=then, version=version)  # type: ignore[arg-type]
