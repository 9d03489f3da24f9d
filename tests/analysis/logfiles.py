"""Logs in files, with the index beside them that the mirror is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from laban.analysis.mirror import open_mirror
from laban.analysis.request import read_uri
from laban.analysis.source import Source, opened
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, str | int | bool] = {"threads": 1, "memory_limit": "1 GB"}

# Texts that a careless reader would change: each must come out as it went in.
DELICATE = (
    """{"z": 1.10, "a":123456789012345678901234567890,"t":"\\u00e9\\n","n":null,"o":{"y":[ ]}}"""
)


def event(stream: str = "order-1", data: dict[str, Any] | str = "{}", **more: Any) -> NewEvent:
    text = JsonObject(data) if isinstance(data, str) else data
    return NewEvent(stream=stream, type="told", data=text, **more)


def record(path: Path, events: Iterable[NewEvent]) -> list[Event]:
    """Append to the log at *path*, bring its index up to date and return all its events."""
    with closing(SqliteLog.open(path) if path.exists() else SqliteLog.create(path)) as log:
        log.append(*events)
        Timeline.open(log, cache_of(path)).close()
        return list(log.read())


def cache_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.cache")


@contextmanager
def source_of(path: Path) -> Iterator[Source]:
    with opened(read_uri(path), read_uri(cache_of(path) / "index.sqlite")) as source:
        yield source


@contextmanager
def mirror_of(
    path: Path, patience: float = 3, **options: Any
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the mirror of the log at *path*, brought up to date."""
    with source_of(path) as source:
        file = cache_of(path) / "mirror.duckdb"
        with open_mirror(file, source, SETTINGS, patience=patience, **options) as mirror:
            yield mirror


def rows(mirror: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return mirror.execute(sql).fetchall()
