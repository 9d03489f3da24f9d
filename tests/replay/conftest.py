"""A log to run on: a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from laban.store.sqlite import SqliteLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog.create(tmp_path / "live.laban")
    yield made
    made.close()
