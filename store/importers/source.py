"""What an importer reads from, and what it hands on: files and batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from laban.store.errors import LabanError
from laban.store.event import Event, NewEvent
from laban.store.finding import Finding
from laban.store.log import EventLog

BATCH_EVENTS = 10_000  # recorded in one transaction
BATCH_BYTES = 16 << 20  # or fewer, when they are large
FORMATS = ("jsonl", "cloudevents", "langgraph")


class SourceError(LabanError):
    """The file or folder cannot be read as events."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to import."""

    path: Path
    label: str  # its name in findings and in ids that it gives: the same wherever it lies
    size: int  # bytes
    in_folder: bool = False  # found there, not named by the caller


@dataclass(slots=True)
class Batch:
    """Events and findings that are recorded together."""

    done: int = 0  # bytes of the file that were read to get here
    events: list[NewEvent] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of each event; empty where there are none
    raws: list[bytes] = field(default_factory=list)  # the text of each event; empty likewise
    findings: Counter[Finding] = field(default_factory=Counter)  # how often each was made
    known: list[Event] = field(default_factory=list)  # left out: they are recorded already

    def origin_of(self, index: int) -> tuple[int | None, str]:
        """Return the line and the raw text of an event."""
        if not self.raws:
            event = self.events[index]
            return None, f'{{"id":"{event.id}","data":{event.data.text}}}'
        return self.lines[index], readable(self.raws[index])


Reader = Callable[[SourceFile, EventLog], Iterator[Batch]]


def readable(raw: bytes) -> str:
    """Return *raw* as text; bytes that are no UTF-8 show as escapes such as `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def find_files(paths: Iterable[str | os.PathLike[str]]) -> list[SourceFile]:
    """
    Return the files to read, those of a folder sorted by name.

    Raises SourceError for what is not there.
    """
    named = [Path(path) for path in paths]
    if not named:
        raise SourceError("Nothing was named to import: name a file or a folder.")
    names = Counter(path.name for path in named)
    files: list[SourceFile] = []
    for path in named:
        if path.is_dir():
            files += _inside(path)
        elif path.exists():
            label = path.name if names[path.name] == 1 else str(path)
            files.append(SourceFile(path, label, path.stat().st_size))
        else:
            raise SourceError(f"There is no file {path}: check the name.")
    return files


def _inside(folder: Path) -> list[SourceFile]:
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir())
    if not paths:
        raise SourceError(f"The folder {folder} holds no files: name one that does.")
    present = set(paths)
    return [
        SourceFile(path, str(path.relative_to(folder)), path.stat().st_size, in_folder=True)
        for path in paths
        if not _belongs_to_another(path, present)
    ]


def _belongs_to_another(path: Path, present: set[Path]) -> bool:
    """Tell whether SQLite keeps *path* for the database beside it."""
    for suffix in ("-wal", "-shm", "-journal"):
        if path.name.endswith(suffix):
            return path.with_name(path.name.removesuffix(suffix)) in present
    return False
