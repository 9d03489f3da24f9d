"""The same events in other lanes: each stream by itself, or all of them in one."""

from __future__ import annotations

from hashlib import blake2b

from .chains import Chains, Key, lane_name

EVERYTHING: Key = ("", None)


def by_stream(chains: Chains) -> Chains:
    """Return *chains* with a lane for each stream, and no causes."""
    return _strung(chains, [(lane.stream, None) for lane in chains.lanes])


def in_one(chains: Chains) -> Chains:
    """Return *chains* with all events in one lane, in the order of the log, and no causes."""
    return _strung(chains, [EVERYTHING] * len(chains.lanes))


def _strung(chains: Chains, keys: list[Key]) -> Chains:
    strung = Chains(positions=chains.positions)
    lanes = [strung.lane_of(key) for key in keys]
    names = [lane_name(chains, lane) for lane in range(len(keys))]
    for number in range(1, len(chains) + 1):
        row = chains.row(number)
        lane = lanes[row.lane]
        last = strung.lanes[lane].last
        own = blake2b(names[row.lane] + row.own, digest_size=8).digest()
        before = strung.causal(last) if last else b""
        parts = (names[row.lane], row.content, before)
        causal = blake2b(b"".join(parts), digest_size=16).digest()
        strung.add(lane, 0, row.kind, own, row.content, causal)
    return strung
