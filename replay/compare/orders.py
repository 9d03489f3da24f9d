"""The same events in other lanes: each stream by itself, or all of them in one."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from .chains import Chains, Key, lane_name

EVERYTHING: Key = ("", None)


def by_stream(chains: Chains, ignored: Collection[str] = ()) -> Chains:
    """Return *chains* with a lane for each stream, and no causes."""
    return _strung(chains, [(lane.stream, None) for lane in chains.lanes], ignored)


def in_one(chains: Chains, ignored: Collection[str] = ()) -> Chains:
    """Return *chains* with all events in one lane, in the order of the log, and no causes."""
    return _strung(chains, [EVERYTHING] * len(chains.lanes), ignored)


def _strung(chains: Chains, keys: list[Key], ignored: Collection[str]) -> Chains:
    positions: list[int] = []
    strung = Chains(positions=positions, finder=chains.finder)
    names = [lane_name(chains, lane) for lane in range(len(keys))]
    counts = [lane.stream not in ignored for lane in chains.lanes]
    for number in range(1, len(chains) + 1):
        row = chains.row(number)
        if not counts[row.lane]:
            continue
        lane = strung.lane_of(keys[row.lane])
        name = names[row.lane]
        own = blake2b(name + row.own, digest_size=8).digest()
        parts = (name, row.content, strung.lanes[lane].end)
        causal = blake2b(b"".join(parts), digest_size=16).digest()
        positions.append(chains.position(number))
        strung.add(lane, 0, row.kind, own, row.content, causal)
    return strung
