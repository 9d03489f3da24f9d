"""
Which transaction comes before which, in any order that explains what was read and written.

Adya's direct serialization graph (Weak Consistency, MIT 1999), as Elle finds anomalies in it
(arXiv 2003.10554): with the versions recorded it needs no search, each edge is looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from laban.replay.check.flaw import Edge
from laban.replay.pointer import format_pointer

from .history import History, Versions, Write
from .scan import Read

_STRENGTH = {"ww": 0, "wr": 1, "rw": 2}


class Step(Struct, frozen=True, gc=False):
    """An edge, and the transaction and the sources it leads from and to."""

    kind: Literal["ww", "wr", "rw"]
    path: str | tuple[str, str]  # a pointer, or a stream and a field
    first: int
    then: int
    version: int
    to: int
    sources: tuple[str, str]

    @property
    def edge(self) -> Edge:
        path = self.path if isinstance(self.path, str) else format_pointer(self.path)
        return Edge(
            kind=self.kind, pointer=path, first=self.first, then=self.then, version=self.version
        )


class Graph:
    """The edges out of a transaction, looked up when they are asked for."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._members: dict[int, list[int]] = defaultdict(list)
        for position, first in history.scan.first_of.items():
            self._members[first].append(position)
        self._readers: dict[str, dict[tuple[str, int], list[tuple[int, Read]]]] = {}
        self._loaded: set[int] = set()

    def load(self, transaction: int) -> None:
        """Load the streams that a transaction wrote into."""
        if transaction not in self._loaded:
            self._loaded.add(transaction)
            positions = [transaction, *self._members.get(transaction, ())]
            self._history.load(self._history.log.get(p).stream for p in positions)

    def steps(self, transaction: int) -> dict[int, Step]:
        """Return what must come after *transaction*, each with the strongest reason."""
        if transaction in self._members:
            self.load(transaction)
        found: dict[int, Step] = {}
        for step in self._all(transaction):
            known = found.get(step.to)
            if step.to != transaction and (
                known is None or _STRENGTH[step.kind] < _STRENGTH[known.kind]
            ):
                found[step.to] = step
        return found

    def _all(self, transaction: int) -> Iterator[Step]:
        history = self._history
        for stream, write in history.written(transaction):
            readers, last = self._readers_of(stream), 0
            for field in write.fields:
                versions = history.versions(stream, field)
                index = versions.as_of(write.position)
                if index + 1 < len(versions.writes):
                    by = versions.writes[index + 1]
                    if by.transaction != last:
                        last = by.transaction
                        yield _overwrites((stream, field), write, by)
                for reader, read in readers.get((field, index), ()):
                    yield Step("wr", read.pointer, write.position, read.position, write.position,
                               reader, (write.source, read.source))  # fmt: skip
        for read in history.reads(transaction):
            for field in history.fields_of(read):
                step = _outdates(read, history.versions(read.stream, field))
                if step is not None:
                    yield step

    def _readers_of(self, stream: str) -> dict[tuple[str, int], list[tuple[int, Read]]]:
        """Return who read which version of which field of *stream*."""
        if stream not in self._readers:
            self._history.load_with_readers(stream)
            readers = self._readers[stream] = defaultdict(list)
            for transaction, read in self._history.reads_of(stream):
                for field in self._history.fields_of(read):
                    index = self._history.versions(stream, field).as_of(read.seen or 0)
                    if index >= 0:
                        readers[field, index].append((transaction, read))
        return self._readers[stream]


def _overwrites(path: tuple[str, str], write: Write, by: Write) -> Step:
    sources = (write.source, by.source)
    return Step("ww", path, write.position, by.position, write.position, by.transaction, sources)


def _outdates(read: Read, versions: Versions) -> Step | None:
    by = versions.first_other(read.seen or 0, (read.source, read.cause))
    if by is None:
        return None
    index = versions.as_of(read.seen or 0)
    version = versions.positions[index] if index >= 0 else 0
    sources = (read.source, by.source)
    return Step("rw", read.pointer, read.position, by.position, version, by.transaction, sources)
