"""
The hashes of a log, kept beside its index so that the next comparison has them at once.

A folder for each mask that lets other things count: `rows`, packed and only ever appended to,
and `lanes`, replaced as a whole when rows have been added, which also says how many rows are
sound and of which log. One process builds while others wait; readers need no lock.
"""

from __future__ import annotations

import mmap
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from uuid import uuid4

import msgspec

from laban.replay.builder import CancelledError, Progress
from laban.store.collector import collector_paused
from laban.store.log import EventLog

from .chains import ROW_SIZE, Chains, Lane
from .hashing import Hasher
from .mask import Mask

BATCH = 10_000  # events between two looks at *cancelled*
SAVED = 200_000  # events between two times that what is done is kept
KEPT = 4  # masks; the hashes of those that were used longest ago are deleted
WAIT_MS = 200


class _Stamp(msgspec.Struct):
    identity: str
    fingerprint: str  # of the mask
    position: int  # the last one that is covered
    hash: str  # of the log's chain there
    rows: str  # name of the file


class _Kept(msgspec.Struct):
    stamp: _Stamp
    lanes: list[Lane]
    more: dict[int, tuple[int, ...]]


_decoder = msgspec.msgpack.Decoder(_Kept)


def chains_of(
    log: EventLog,
    head: int,
    folder: Path | None,
    mask: Mask,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Chains:
    """
    Return the chains of *log* up to position *head*, from *folder* as far as they are kept.

    Raises CancelledError when *cancelled* returns True; what was done is kept.
    """
    progress, cancelled = progress or (lambda *_: None), cancelled or (lambda: False)
    place = _place(folder, mask)
    found = None if place is None else _load(place, log, mask)
    if found is not None and len(found) == head:
        return found
    if place is None or (found is not None and len(found) > head):
        return _extended(Chains(), log, mask, head, progress, cancelled, None)
    with _alone(place, cancelled):
        found = _load(place, log, mask) or Chains()
        if len(found) < head:
            _extended(found, log, mask, head, progress, cancelled, _Keeper(place, found))
        _forget_others(place)
    return found


def missing(log: EventLog, head: int, folder: Path | None, mask: Mask) -> int:
    """Return how many events up to *head* are still to be hashed."""
    place = _place(folder, mask)
    found = None if place is None else _load(place, log, mask)
    return head if found is None else max(0, head - len(found))


def _place(folder: Path | None, mask: Mask) -> Path | None:
    return None if folder is None else folder / "compare" / mask.fingerprint


@collector_paused()
def _extended(
    chains: Chains,
    log: EventLog,
    mask: Mask,
    head: int,
    progress: Progress,
    cancelled: Callable[[], bool],
    keeper: _Keeper | None,
) -> Chains:
    """Return *chains* with the rows that are missing up to *head*."""
    hasher = Hasher(chains, log, mask)
    events = log.read(len(chains) + 1, head)
    while batch := list(islice(events, BATCH)):
        for event in batch:
            hasher.add(event)
        progress(len(chains), head)
        stopped = cancelled()
        if keeper is not None and (stopped or len(chains) == head or keeper.is_due()):
            keeper.save(log, mask)
        if stopped:
            kept = "nothing is kept" if keeper is None else "they are kept"
            raise CancelledError(f"Cancelled after {len(chains):,} of {head:,} events; {kept}.")
    return chains


class _Keeper:
    """Saves the rows of chains as they are added."""

    def __init__(self, place: Path, chains: Chains) -> None:
        self.place, self.chains = place, chains
        self.saved = len(chains)
        self.name = _kept_name(place) if self.saved else f"rows-{uuid4().hex}"

    def is_due(self) -> bool:
        return len(self.chains) - self.saved >= SAVED

    def save(self, log: EventLog, mask: Mask) -> None:
        """Append the fresh rows; then say, in one step, that they are there."""
        chains, count = self.chains, len(self.chains)
        path = self.place / self.name
        with path.open("r+b" if path.exists() else "wb") as file:
            file.truncate(self.saved * ROW_SIZE)  # what a process that was killed left behind
            file.seek(self.saved * ROW_SIZE)
            file.write(chains.fresh)
        stamp = _Stamp(log.identity, mask.fingerprint, count, log.get(count).hash.hex(), self.name)
        unfinished = self.place / f"lanes-{uuid4().hex}"
        unfinished.write_bytes(msgspec.msgpack.encode(_Kept(stamp, chains.lanes, chains.more)))
        unfinished.replace(self.place / "lanes")
        self.saved = count
        chains.rest_on(_mapped(path, count))
        for other in self.place.iterdir():
            if other.name not in ("lanes", self.name):
                other.unlink(missing_ok=True)


def _load(place: Path, log: EventLog, mask: Mask) -> Chains | None:
    """Return the chains kept in *place* if they are of this very log."""
    try:
        kept = _decoder.decode((place / "lanes").read_bytes())
        stamp = kept.stamp
        if (
            stamp.identity != log.identity
            or stamp.fingerprint != mask.fingerprint
            or not 0 < stamp.position <= log.head()
            or log.get(stamp.position).hash.hex() != stamp.hash
        ):
            return None
        rows = _mapped(place / stamp.rows, stamp.position)
        with suppress(OSError):
            os.utime(place)  # used just now
    except (
        OSError,
        ValueError,
        msgspec.MsgspecError,
    ):  # damaged: as good as none
        return None
    return Chains(kept.lanes, rows, kept.more)


def _kept_name(place: Path) -> str:
    return _decoder.decode((place / "lanes").read_bytes()).stamp.rows


def _mapped(path: Path, count: int) -> memoryview:
    """Return the first rows of a file. Raises ValueError when it holds fewer than *count*."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), count * ROW_SIZE, access=mmap.ACCESS_READ))


def _forget_others(place: Path) -> None:
    """Delete the hashes of all but the KEPT masks that were used last."""
    others = [each for each in place.parent.iterdir() if each.is_dir()]
    for each in sorted(others, key=lambda each: each.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _alone(place: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Wait until no other process builds the same."""
    place.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(place.parent / "lock", isolation_level=None, timeout=WAIT_MS / 1000)
    try:
        while True:
            try:
                lock.execute("BEGIN EXCLUSIVE")  # SQLite knows how to lock a file on every system
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                if cancelled():
                    raise CancelledError("Cancelled while another process compares.") from None
        yield
    finally:
        lock.close()
