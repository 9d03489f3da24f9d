"""Comparing two timelines, or parts of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from laban.replay.builder import Progress
from laban.replay.timeline import Timeline

from .aligned import Aligned
from .answer import Compared, Divergence, Kind
from .cache import chains_of
from .chains import lane_name
from .differences import event_differences
from .mask import Mask, fitting
from .noise import Settled, settled, without_noise
from .orders import by_stream, in_one
from .part import Part, chains_of_part
from .roots import Entry
from .side import Side
from .worker import helped

TOLD = 100  # roots that are told in full, the first ones

Order = Literal["causal", "stream", "global"]

_GUARANTEES = {
    "causal": "causal: nothing in the causal past of a root differs; all else comes after one",
    "stream": "stream: the first difference of each stream; causes are left aside",
    "global": "global: the first difference in the order of the logs",
}


def compare(
    a: Timeline | Part,
    b: Timeline | Part,
    *,
    order: Order = "causal",
    mask: Mask | None = None,
    baseline: tuple[Timeline | Part, Timeline | Part] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Compared:
    """
    Return where two runs part.

    In `causal` order streams may interleave in any way, and the roots are the differing events
    with no differing event in their causal past: the one before in their stream, the causes
    that they name and the writes that they had read, and what those come after. What counts is
    what *mask* leaves, by default the profile that fits the logs; what differs between the two
    runs of a *baseline* is left out, too. The hashes of whole logs are kept beside their
    indexes. *progress* gets (events done, events in all), for one log after the other. Raises
    CancelledError when *cancelled* returns True.
    """
    return _run(a, b, order, mask, baseline, progress, cancelled)[0]


def side_by_side(
    a: Timeline | Part,
    b: Timeline | Part,
    *,
    order: Order = "causal",
    mask: Mask | None = None,
    baseline: tuple[Timeline | Part, Timeline | Part] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Compared, Aligned]:
    """Return what `compare` does, and which events of the two runs stand for one another."""
    answer, found = _run(a, b, order, mask, baseline, progress, cancelled)
    return answer, Aligned(found.a, found.b, found.found, found.mask.streams)


def _run(
    a: Timeline | Part,
    b: Timeline | Part,
    order: Order,
    mask: Mask | None,
    baseline: tuple[Timeline | Part, Timeline | Part] | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[Compared, Settled]:
    hasher = _Hasher(order, progress or (lambda *_: None), cancelled or (lambda: False))
    first, second = _part(a), _part(b)
    mask = mask or fitting(first.timeline.log, second.timeline.log)
    plain = mask
    if baseline is not None:
        runs = _part(baseline[0]), _part(baseline[1])
        mask = without_noise(mask, partial(hasher.sides, *runs), hasher.cancelled)
    found = settled(mask, partial(hasher.sides, first, second), hasher.cancelled)
    answer = _answer(found, order)
    answer.masked = [*mask.pointers[len(plain.pointers) :]]
    answer.masked_streams = [*mask.streams[len(plain.streams) :]]
    return answer, found


def _part(run: Timeline | Part) -> Part:
    return run if isinstance(run, Part) else Part(run)


class _Hasher:
    """Hashes pairs of runs."""

    def __init__(self, order: Order, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.order, self.progress, self.cancelled = order, progress, cancelled

    def sides(self, a: Part, b: Part, mask: Mask) -> tuple[Side, Side]:
        """Return both runs with their hashes as *mask* lets them count."""
        names_a, names_b = a.names(), b.names()
        common = names_a & names_b
        whole = [part for part in (a, b) if part.is_whole]
        with helped([(p.timeline.log, p.timeline.head, p.folder) for p in whole], mask):
            return self._side(a, names_a - common, mask), self._side(b, names_b - common, mask)

    def _side(self, part: Part, names: set[str], mask: Mask) -> Side:
        timeline = part.timeline
        if part.is_whole and not names:
            chains = chains_of(
                timeline.log, timeline.head, part.folder, mask, self.progress, self.cancelled
            )
        else:
            chains = chains_of_part(part, mask, names, self.progress, self.cancelled)
        if self.order == "stream":
            chains = by_stream(chains, mask.streams)
        elif self.order == "global":
            chains = in_one(chains, mask.streams)
        return Side(timeline, chains, mask)


def _answer(settled: Settled, order: str) -> Compared:
    mask, a, b, found = settled
    return Compared(
        identical=not found.roots,
        order=order,
        mask=mask.name,
        events_a=len(a.chains),
        events_b=len(b.chains),
        streams=found.lanes,
        roots=[_divergence(a, b, *root) for root in found.roots[:TOLD]],
        root_count=len(found.roots),
        downstream=found.downstream,
        changed=len(found.changed),
        guarantee=_GUARANTEES[order],
        notes=_references(mask) + found.notes,
        followers=[(a.position(number), b.position(other)) for number, other in found.changed],
    )


def _references(mask: Mask) -> list[str]:
    if not mask.references:
        return []
    return [f"ids of events, compared by which events they mean: {', '.join(mask.references)}"]


def _divergence(a: Side, b: Side, entry: Entry, before: Entry) -> Divergence:
    ours, theirs = a.event(entry[0]), b.event(entry[1])
    either = ours or theirs
    assert either is not None
    return Divergence(
        kind=_kind(a, b, entry),
        stream=either.stream,
        stream_position=either.stream_position,
        a=ours,
        b=theirs,
        differences=event_differences(a.reader, b.reader, ours, theirs) if ours and theirs else [],
        state_a=a.state(ours or a.event(before[0])),
        state_b=b.state(theirs or b.event(before[1])),
        cause=a.cause(entry[0]) or a.event(before[0]),
    )


def _kind(a: Side, b: Side, entry: Entry) -> Kind:
    if not entry[1]:
        return "only in A"
    if not entry[0]:
        return "only in B"
    ours, theirs = a.chains.row(entry[0]), b.chains.row(entry[1])
    if ours.own != theirs.own:
        return "changed"
    if lane_name(a.chains, ours.lane) != lane_name(b.chains, theirs.lane):
        return "moved"
    return "other cause" if ours.content == theirs.content else "other ids"
