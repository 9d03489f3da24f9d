"""The sources of a log, in the order in which they begin to speak."""

from __future__ import annotations

from .timeline import Timeline


def first_sources(timeline: Timeline, limit: int) -> list[tuple[int, str]]:
    """Return the sources that begin first, each with a number that orders it among all."""
    sql = "SELECT id, name FROM labels WHERE kind = 'source' ORDER BY id LIMIT ?"
    return timeline.index.all(sql, (limit,))


def order_of(timeline: Timeline, source: str) -> int:
    """Return the number that orders *source* among all, 0 for one that is not known yet."""
    sql = "SELECT id FROM labels WHERE kind = 'source' AND name = ?"
    row = timeline.index.one(sql, (source,))
    return int(row[0]) if row else 0
