"""What a log holds, told without reading it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from laban.store import open_log

_AGENTS = "SELECT count(*) FROM labels WHERE kind = 'source'"
_ERRORS = "SELECT count(*) FROM errors"


class Glance(Struct, frozen=True):
    """How much there is in a log; None is what only its index would tell."""

    events: int
    agents: int | None = None
    errors: int | None = None  # events whose type names a failure


def glance(log: Path, folder: Path | None) -> Glance:
    """
    Return how much is in the file *log*, whose caches are in *folder*.

    Agents and errors are as they were when the index was brought up to date last. Raises
    NotALogError.
    """
    opened = open_log(log)
    try:
        events = opened.head()
    finally:
        opened.close()
    index = folder / "index.sqlite" if folder else None
    if index is None or not index.exists():
        return Glance(events)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(index))}?mode=ro", uri=True)) as db:
            ((agents,),), ((errors,),) = (db.execute(sql) for sql in (_AGENTS, _ERRORS))
    except sqlite3.Error:  # damaged, or of another version: it is built anew when it is needed
        return Glance(events)
    return Glance(events, agents, errors)
