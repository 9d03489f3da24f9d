"""A small log that the tests query, and a session over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from laban.analysis.session import Session

from .logfiles import DELICATE, cache_of, event, record


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three events of two streams; never to be written to."""
    path = tmp_path_factory.mktemp("log") / "x.laban"
    paid = event(data={"status": "paid"}, time_ns=1_000_000_001, metadata={"removes": ["due"]})
    record(path, [event(data={"status": "new", "due": 7}), paid, event("a/b", DELICATE)])
    return path


@pytest.fixture
def session(log: Path) -> Iterator[Session]:
    with Session(log, cache_of(log)) as session:
        yield session
