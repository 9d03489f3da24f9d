"""The operations that `make bench-large` measures work, and leave the log as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from laban.store.importers import import_source
from laban.store.sqlite import SqliteLog

from .generate import generate_jsonl
from .operations import NAMES, measured, peak_mb


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteLog]:
    folder = tmp_path_factory.mktemp("large")
    generate_jsonl(folder / "log.jsonl", events=300, streams=30)
    with closing(SqliteLog.create(folder / "log.laban")) as log:
        import_source([folder / "log.jsonl"], log)
        yield log


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_done_and_timed(
    log: SqliteLog, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.benchmarks.operations.CASES", 10)

    assert measured(log, name) > 0
    assert log.head() == 300
    assert {path.name for path in log.path.parent.iterdir() if path.is_dir()} <= {"log.laban.cache"}


def test_memory_is_that_of_this_process() -> None:
    assert 10 < peak_mb() < 100_000
