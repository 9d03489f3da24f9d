"""
Where random ids came up first: what makes two of them the same in two runs.

An id is known by the first event of its own lane that names it; else by the first one that
names it in the lane of its cause, or of the cause of that, up to the cause itself; else it is
new. So its name follows from the causal past of the event alone, never from how lanes
interleave. Beyond HOPS lanes, or known only from elsewhere, it counts as new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from .chains import Chains, lane_name

HOPS = 16  # from lane to lane
KEPT = 1_000_000  # ids kept in memory; those of other lanes are read again when needed

Naming = tuple[bytes, ...]  # the random ids that one event names, its own last
_Known = dict[bytes, tuple[int, int]]  # id -> where it came up: index in the lane, place there


class Ids:
    """Names random ids by where they came up."""

    def __init__(self, chains: Chains, reread: Callable[[int, int], Iterable[Naming]]) -> None:
        """*reread* gives the ids that the first events of a lane name, up to a count."""
        self._chains, self._reread = chains, reread
        self._lanes: OrderedDict[int, _Known] = OrderedDict()
        self._size = 0

    def names(self, lane: int, cause: int, ids: Iterable[bytes]) -> bytes:
        """Return what *ids*, named by the next event of a lane, are known as; b"" for none."""
        found: list[bytes] = []
        known: _Known | None = None
        fresh: dict[bytes, int] = {}
        for id in ids:
            if known is None:
                known = self._known(lane)
            if id in fresh:
                found.append(b"new %d" % fresh[id])
            elif id in known:
                found.append(b"%d %d" % known[id])
            else:
                name = self._by_cause(lane, cause, id)
                fresh[id] = len(fresh)
                found.append(name or b"new %d" % fresh[id])
        return b"|".join(found)

    def note(self, lane: int, index: int, ids: Naming) -> None:
        """Remember the ids that event *index* of a lane names."""
        known = self._known(lane)
        before = len(known)
        for place, id in enumerate(ids):
            known.setdefault(id, (index, place))
        self._size += len(known) - before
        while self._size > KEPT and len(self._lanes) > 1:
            _, gone = self._lanes.popitem(last=False)
            self._size -= len(gone)

    def _by_cause(self, lane: int, cause: int, id: bytes) -> bytes:
        """Return what *id* is known as in the lanes of the causes, b"" when it is not."""
        passed = {lane}
        number = self._chains.leaves(lane, cause)
        for _ in range(HOPS):
            if not number:
                break
            row = self._chains.row(number)
            if row.lane not in passed:
                passed.add(row.lane)
                first = self._known(row.lane).get(id)
                if first is not None and first[0] <= row.index:
                    return b"%b %d %d" % (lane_name(self._chains, row.lane), *first)
            number = row.exit
        return b""

    def _known(self, lane: int) -> _Known:
        known = self._lanes.get(lane)
        if known is not None:
            self._lanes.move_to_end(lane)
            return known
        known = self._lanes[lane] = {}
        stream = self._chains.lanes[lane].stream
        for place, id in enumerate(self._chains.finder.named(stream)):
            known.setdefault(id, (-1, place))
        count = self._chains.lanes[lane].count
        for index, ids in enumerate(self._reread(lane, count) if count else ()):
            for place, id in enumerate(ids):
                known.setdefault(id, (index, place))
        self._size += len(known)
        return known
