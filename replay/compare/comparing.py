"""Comparing two timelines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

from laban.replay.builder import Progress
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .answer import Compared, Divergence, Kind
from .cache import chains_of
from .causal import Causal, Entry, Found
from .chains import Chains
from .content import Reader
from .differences import differences
from .mask import PROFILES, Mask
from .orders import by_stream, in_one

TOLD = 100  # roots that are told in full, the first ones

Order = Literal["causal", "stream", "global"]
ORDERS: tuple[Order, ...] = ("causal", "stream", "global")

_STRUNG = {"stream": by_stream, "global": in_one}
_GUARANTEES = {
    "causal": "causal: each root has nothing in its causal past that differs; all else follows",
    "stream": "stream: the first difference of each stream, causes left aside",
    "global": "global: the first difference in the order of the logs",
}


class _Side:
    """One of the two timelines, with its chains."""

    def __init__(self, timeline: Timeline, chains: Chains) -> None:
        self.timeline, self.chains = timeline, chains

    def event(self, number: int) -> Event | None:
        return self.timeline.log.get(self.chains.position(number)) if number else None

    def cause(self, number: int) -> Event | None:
        return self.event(self.chains.row(number).cause) if number else None

    def state(self, event: Event | None) -> dict[str, Any] | None:
        """Return the state of an event's stream after it."""
        if event is None:
            return None
        return self.timeline.stream_at(event.stream, event.position)

    def reads(self, number: int) -> list[int]:
        """Return the numbers of the writes that an event says it had read."""
        event = self.event(number)
        if event is None or '"reads"' not in event.metadata.text:
            return []
        versions = event.metadata.parsed.get("reads")
        found = []
        for version in versions.values() if isinstance(versions, dict) else ():
            position = self._position(version, event)
            if position is not None:
                found.append(self.chains.number(position))
        return [number for number in found if number]

    def _position(self, version: object, event: Event) -> int | None:
        """Return the position of a write, given that or the id of its event."""
        if isinstance(version, int) and 0 < version < event.position:
            return version
        named = self.timeline.log.find(version) if isinstance(version, str) else []
        return next((e.position for e in named if e.position < event.position), None)


def compare(
    a: Timeline,
    b: Timeline,
    *,
    order: Order = "causal",
    mask: Mask | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Compared:
    """
    Return where the logs of *a* and *b* part.

    What is compared is what counts by *mask*. In `causal` order, streams may interleave in any
    way, and the roots are the differing events with no differing event in their causal past:
    the one before in their stream, the causes that they name, and what those come after. The
    hashes that this takes are kept beside the index of each log. *progress* gets (events done,
    events in all). Raises CancelledError when *cancelled* returns True.
    """
    mask = mask or PROFILES["default"]
    total, done = a.head + b.head, 0
    sides = []
    for timeline in (a, b):
        report = partial(_report, progress, done, total)
        folder = timeline.index.path.parent if timeline.index.path else None
        chains = chains_of(timeline.log, timeline.head, folder, mask, report, cancelled)
        chains = _STRUNG[order](chains) if order in _STRUNG else chains
        sides.append(_Side(timeline, chains))
        done += timeline.head
    found = Causal(sides[0].chains, sides[1].chains, sides[0].reads, sides[1].reads).find()
    return _answer(sides[0], sides[1], found, order, mask)


def _report(progress: Progress | None, before: int, total: int, done: int, _: int) -> None:
    if progress is not None:
        progress(before + done, total)


def _answer(a: _Side, b: _Side, found: Found, order: str, mask: Mask) -> Compared:
    reader = Reader(mask)
    return Compared(
        identical=not found.roots,
        order=order,
        events_a=len(a.chains),
        events_b=len(b.chains),
        streams=found.lanes,
        roots=[_divergence(a, b, *root, reader) for root in found.roots[:TOLD]],
        root_count=len(found.roots),
        downstream=found.downstream,
        changed=len(found.changed),
        guarantee=_GUARANTEES[order],
        notes=list(_notes(found)),
        followers=[
            (n and a.chains.position(n), m and b.chains.position(m)) for n, m in found.changed
        ],
    )


def _notes(found: Found) -> Iterable[str]:
    if not found.exact:
        yield "More edits than an alignment is tried for: changed events are paired by place."


def _divergence(a: _Side, b: _Side, entry: Entry, before: Entry, reader: Reader) -> Divergence:
    ours, theirs = a.event(entry[0]), b.event(entry[1])
    either = ours or theirs
    assert either is not None
    return Divergence(
        kind=_kind(a, b, entry),
        stream=either.stream,
        stream_position=either.stream_position,
        a=ours,
        b=theirs,
        differences=differences(reader, ours, theirs) if ours and theirs else [],
        state_a=a.state(ours or a.event(before[0])),
        state_b=b.state(theirs or b.event(before[1])),
        cause=a.cause(entry[0]) or b.cause(entry[1]) or a.event(before[0]),
    )


def _kind(a: _Side, b: _Side, entry: Entry) -> Kind:
    if not entry[1]:
        return "only in A"
    if not entry[0]:
        return "only in B"
    ours, theirs = a.chains.row(entry[0]), b.chains.row(entry[1])
    if ours.own != theirs.own:
        return "changed"
    return "other cause" if ours.content == theirs.content else "other ids"
