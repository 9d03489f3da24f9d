"""Importing into a log file, with what the person should know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from laban.store import open_log
from laban.store.errors import LabanError
from laban.store.terminal import safe

from .folders import remove_log
from .output import Progress, counted, hint

if TYPE_CHECKING:
    from laban.store.finding import Finding
    from laban.store.importers import FindingSummary, ImportReport

SHOWN = 3  # findings of a kind
_LEVELS = {
    "re-executable": "the source tells all that happened",
    "comparable": "some of what happened is missing or inferred",
    "view-only": "there is nothing to replay",
}


def import_into(
    path: Path,
    sources: Sequence[str],
    format: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[ImportReport, Sequence[Finding]]:
    """
    Import *sources* into the log at *path*, made when it is not there.

    Returns what was done, and the findings that are new in the log. What an interruption
    leaves is whole batches; a new log into which nothing came is removed. *progress* gets
    (bytes done, bytes in all); without it, the terminal shows them.
    """
    from laban.store.importers import import_source

    is_new = not path.exists()
    log = open_log(path, create=True)
    try:
        known = len(log.findings())
        with Progress("importing", "bytes") as advance:
            report = import_source(sources, log, format=format, progress=progress or advance)
        return report, log.findings()[known:]
    except LabanError:
        if is_new and not log.head() and not log.findings():
            remove_log(path)
        raise
    except KeyboardInterrupt:
        hint(f"{counted(log.head(), 'event')} are in {path}: the same command goes on from there.")
        raise
    finally:
        log.close()


def summary(report: ImportReport, findings: Sequence[Finding], path: Path) -> Iterator[str]:
    """Yield the lines that tell a person what an import did."""
    again = f", {report.duplicates:,} were there already" if report.duplicates else ""
    yield (
        f"{counted(report.events, 'event')} of {counted(report.streams, 'stream')} from "
        f"{counted(report.sources, 'source')} imported into {path} ({report.format}){again}"
    )
    yield f"{report.level}: {_LEVELS[report.level]}"
    for found in report.findings:
        yield f"{found.kind}: {found.count:,}"
        yield from _some(found, findings)
    if report.findings:
        yield f"All of them are kept: `laban check {path}` lists them."


def _some(found: FindingSummary, findings: Sequence[Finding]) -> Iterator[str]:
    fresh = [finding for finding in findings if finding.kind == found.kind]
    for finding in fresh[:SHOWN]:
        yield f"  {safe(finding.place)}: {safe(finding.detail)}"
    if not fresh:
        yield f"  {safe(found.detail)}"
    if len(fresh) > SHOWN:
        yield f"  … and {len(fresh) - SHOWN:,} more"
