"""What a command is handed of a log at a position: the state and the events up to it, in files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from laban.replay.bisect import Verdict
from laban.replay.timeline import Timeline
from laban.store.jsontext import to_json
from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

BATCH = 5_000  # events appended at a time
NAMES = ("position", "state", "log")


def wanted(words: Sequence[str]) -> Sequence[str]:
    """Return which of NAMES a command is to get: those that its words name in braces, else all."""
    named = [name for name in NAMES if any(f"{{{name}}}" in word for word in words)]
    return named or NAMES


def write_state(timeline: Timeline, position: int, file: Path) -> Path:
    """Write the whole state at *position* to *file* as JSON, a stream at a time."""
    with file.open("w", encoding="utf-8") as out:
        start = "{"
        for stream, state in timeline.each_stream(position):
            out.write(f"{start}{to_json(stream)}:{to_json(state)}")
            start = ","
        out.write("{}" if start == "{" else "}")
    return file


class Handing:
    """
    Makes the files for one position after another, in a folder of its own.

    The log up to the last good position is kept, so a whole bisection appends each event about
    once. When *words* name some of {position}, {state} and {log}, only those are made.
    """

    def __init__(self, timeline: Timeline, folder: Path, words: Sequence[str]) -> None:
        self._timeline, self._folder = timeline, folder
        self._wanted = wanted(words)
        self._base: Path | None = None
        self._base_head = 0

    @contextmanager
    def at(self, position: int) -> Iterator[dict[str, str]]:
        """Give the files at *position*, by name; they are deleted afterwards."""
        place = self._folder / f"at-{position}"
        place.mkdir()
        given = {"position": str(position)}
        if "state" in self._wanted:
            given["state"] = str(write_state(self._timeline, position, place / "state.json"))
        if "log" in self._wanted:
            given["log"] = str(self._prefix(position, place / "log.laban"))
        try:
            yield given
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def tell(self, position: int, verdict: Verdict) -> None:
        """Go on from *position* when it is good: what is asked next comes after it."""
        file = self._folder / f"at-{position}" / "log.laban"
        if verdict is Verdict.GOOD and position > self._base_head and _is_log_to(file, position):
            base = self._folder / "base.laban"
            file.replace(base)
            self._base, self._base_head = base, position

    def _prefix(self, position: int, file: Path) -> Path:
        done = 0
        if self._base is not None and self._base_head <= position:
            shutil.copyfile(self._base, file)
            done = self._base_head
        log: EventLog = SqliteLog.open(file) if done else SqliteLog.create(file)
        events = self._timeline.log.read(done + 1, position) if position else iter(())
        while batch := list(islice(events, BATCH)):
            log.append(*batch)
        log.close()
        return file


def _is_log_to(file: Path, position: int) -> bool:
    """Tell whether the command left the log that it was handed as it was."""
    if not file.exists() or file.with_name(f"{file.name}-wal").exists():
        return False
    log = SqliteLog.open(file)
    try:
        return log.head() == position
    finally:
        log.close()
