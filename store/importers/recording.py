"""Recording what a reader read, and keeping count of it."""

from __future__ import annotations

from collections import Counter

from laban.store.errors import DuplicateIdError, InvalidEventError
from laban.store.event import NewEvent
from laban.store.finding import Finding
from laban.store.log import EventLog

from .source import Batch, SourceFile


class Tally:
    """What an import did so far."""

    def __init__(self) -> None:
        self.events = 0  # newly recorded
        self.duplicates = 0  # recorded already
        self.streams: set[str] = set()
        self.sources: set[str] = set()
        self.counts: Counter[str] = Counter()  # findings of each kind
        self.details: dict[str, str] = {}  # the first finding of each kind

    def record(self, batch: Batch, log: EventLog, source: SourceFile) -> None:
        """Append the events of *batch* to *log* and note its findings there."""
        head = log.head()
        positions, conflicts = append_sound(log, batch.events)
        for index, reason in conflicts:
            line, raw = batch.origin_of(index)
            finding = Finding(
                kind="conflict", detail=reason, origin=source.label, line=line, raw=raw
            )
            batch.findings[finding] += 1
        new = len({position for position in positions if position > head})
        self.events += new
        self.duplicates += len(positions) - new + len(batch.known)
        for event in (*batch.events, *batch.known):
            self.streams.add(event.stream)
            self.sources.add(event.source)
        self.note(batch.findings, log)

    def note(self, findings: Counter[Finding], log: EventLog) -> None:
        """Keep *findings* beside the log and count them."""
        for finding, count in findings.items():
            self.counts[finding.kind] += count
            self.details.setdefault(finding.kind, _located(finding))
        if findings:
            log.note(*findings)


def append_sound(log: EventLog, events: list[NewEvent]) -> tuple[list[int], list[tuple[int, str]]]:
    """
    Append *events* but for those that the log refuses.

    Returns the positions of the others, and the index and reason of each refused one. Halves
    the list until a refused event stands alone, so that few refusals cost few transactions.
    """
    positions: list[int] = []
    refused: list[tuple[int, str]] = []
    todo = [(0, len(events))]
    while todo:
        start, stop = todo.pop()
        if start == stop:
            continue
        try:
            positions += log.append(*events[start:stop])
        except (DuplicateIdError, InvalidEventError) as error:
            if stop - start == 1:
                refused.append((start, str(error)))
            else:
                middle = (start + stop) // 2
                todo += [(middle, stop), (start, middle)]  # the first half is taken up first
    return positions, refused


def _located(finding: Finding) -> str:
    return f"{finding.place}: {finding.detail}" if finding.line else finding.detail
