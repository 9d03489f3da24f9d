"""Importers: what other programs recorded, as events of a log."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from laban.store.collector import collector_paused
from laban.store.finding import LOST, Finding
from laban.store.log import EventLog

from .array import begins_array
from .cloudevents import read_cloudevents
from .detect import detect, open_source, sniff
from .jsonl import read_json_array, read_jsonl
from .langgraph import read_langgraph
from .recording import Tally
from .source import FORMATS, Batch, SourceError, SourceFile, find_files

__all__ = [
    "FORMATS",
    "FindingSummary",
    "ImportReport",
    "SourceError",
    "detect",
    "import_source",
]

LEVELS = ("re-executable", "comparable", "view-only")


class FindingSummary(Struct, frozen=True):
    """The findings of one kind."""

    kind: str
    count: int
    detail: str  # of the first one


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did."""

    format: str  # several are joined by "+"
    events: int  # newly recorded
    duplicates: int  # recorded already
    streams: int
    sources: int
    level: str  # what the source supports: "re-executable", "comparable" or "view-only"
    findings: list[FindingSummary]


@collector_paused()
def import_source(
    paths: Iterable[str | os.PathLike[str]],
    log: EventLog,
    *,
    format: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """
    Record in *log* the events of files and of all files in folders; again changes nothing.

    The format of each file is told from what is in it, unless *format* names one of FORMATS.
    *progress* is called with the bytes read and the bytes in all. Raises SourceError where
    nothing can be read; what can be read in part is, and the rest becomes findings.
    """
    if format is not None and format not in FORMATS:
        raise SourceError(f"No format is named {format!r}: choose one of {', '.join(FORMATS)}.")
    files = find_files(paths)
    total = sum(file.size for file in files)
    tally, formats, before = Tally(), set[str](), 0
    for file in files:
        try:
            for name, batch in _batches(file, log, format):
                formats.add(name)
                tally.record(batch, log, file)
                if progress:
                    progress(min(before + batch.done, total), total)
        except SourceError as error:
            if not file.in_folder:
                raise
            tally.note(
                Counter([Finding(kind="skipped", detail=str(error), origin=file.label)]), log
            )
        before += file.size
    if not formats:
        raise SourceError(
            f"None of the {len(files)} files is in a known format ({', '.join(FORMATS)}): "
            "name one of them alone to learn why."
        )
    return _report(tally, formats)


def _batches(file: SourceFile, log: EventLog, format: str | None) -> Iterator[tuple[str, Batch]]:
    """Yield what *file* holds, with its format."""
    with open_source(file.path) as opened:
        name = format or sniff(file.path, opened)
        match name:
            case "jsonl":
                read = read_json_array if begins_array(opened.peek(1)) else read_jsonl
                batches = read(opened, file)
            case "cloudevents":
                batches = read_cloudevents(opened, file)
            case _:
                batches = read_langgraph(file, log)
        for batch in batches:
            yield name, batch


def _report(tally: Tally, formats: set[str]) -> ImportReport:
    complete = not (LOST & tally.counts.keys()) and "langgraph" not in formats
    if not tally.events + tally.duplicates:
        level = LEVELS[2]
    else:
        level = LEVELS[0] if complete else LEVELS[1]
    return ImportReport(
        format="+".join(sorted(formats)),
        events=tally.events,
        duplicates=tally.duplicates,
        streams=len(tally.streams),
        sources=len(tally.sources),
        level=level,
        findings=[
            FindingSummary(kind, count, tally.details[kind])
            for kind, count in tally.counts.most_common()
        ],
    )
