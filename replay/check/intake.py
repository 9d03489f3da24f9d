"""What an import or a run could not take in, or not as it was."""

from __future__ import annotations

from collections.abc import Iterator

from laban.store.finding import LOST
from laban.store.log import EventLog

from .flaw import Flaw


def not_taken_in(log: EventLog) -> Iterator[Flaw]:
    """Yield what is kept beside *log*, as it came: what is lost, and notes on the rest."""
    for finding in log.findings():
        detail = f"{finding.kind}: {finding.detail}"
        yield Flaw(
            rule=None,
            kind="not taken in" if finding.kind in LOST else "taken in otherwise",
            position=None,
            detail=f"{finding.place}: {detail}" if finding.place else detail,
            kept=finding,
        )
