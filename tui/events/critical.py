"""The critical path of a transaction, as rows and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise

from laban.replay.builder import is_failure
from laban.replay.critical import CriticalPath
from laban.tui.values import Mark, RowKind, TreeRow, elapsed

_MOST = 500  # steps; more nobody reads
_BAR = 12  # cells


def said(path: CriticalPath) -> str:
    """Return what the status line says of *path*, and how it was told what is last."""
    how = "by recorded times"
    if not path.by_time:
        lack = "has no time" if path.timeless == 1 else "have no time"
        how = f"by positions, as {path.timeless:,} {lack}"
    took = elapsed(path.lasted_ns, 0).lstrip("+")
    events = f"{len(path.events):,} of {path.count:,} events"
    parts = (f"critical path of {path.correlation_id}: {events}", took, how)
    return ", ".join(part for part in parts if part)


def path_rows(path: CriticalPath) -> Iterator[TreeRow]:
    """Yield the steps of *path* with the time that each took, and its share of all."""
    yield TreeRow(text=said(path), kind=RowKind.HEADING)
    known = [(e, e.time_ns) for e in path.events[:_MOST]]
    before = chain([None], (cause for cause, _ in pairwise(known)))
    total = path.lasted_ns
    for (event, time), cause in zip(known, before, strict=True):
        started = cause[1] if cause else None
        took = None if time is None or started is None else time - started
        yield TreeRow(
            position=event.position,
            type=event.type,
            source=event.source,
            after="" if took is None else elapsed(took, 0, brief=True),
            text=_bar(took, total) if took and total else "",
            target=event.position,
            mark=Mark.ERROR if is_failure(event.type) else Mark.NONE,
            critical=True,
        )
    if len(path.events) > _MOST:
        text = f"… and {len(path.events) - _MOST:,} more steps: ◆ marks them in the other views"
        yield TreeRow(text=text, kind=RowKind.NOTE)


def _bar(took: int, total: int) -> str:
    share = min(max(took / total, 0.0), 1.0)
    return f"{'█' * round(share * _BAR)} {share:.0%}".strip()
