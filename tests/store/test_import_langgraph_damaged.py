"""What is old, damaged or missing in a database of LangGraph costs only itself."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from laban.store.errors import LabanError
from laban.store.importers import import_source
from laban.store.memory import MemoryLog

from .langgraph_states import (
    assert_same_states,
    folded_states,
    saved_states,
)


def test_a_database_of_old_without_task_paths_still_names_most_authors(recorded: Path) -> None:
    log = MemoryLog()
    with closing(sqlite3.connect(recorded)) as connection:
        connection.execute("ALTER TABLE writes DROP COLUMN task_path")

    import_source([recorded], log)

    assert_same_states(log, recorded)
    sources = {e.source for e in log.read() if e.type == "langgraph.task"}
    assert {"planner", "reviewer", "scribe"} <= sources
    guessed = [e for e in log.read() if e.source == "planner"]
    assert {e.metadata["source_kind"] for e in guessed} == {"inferred"}


def test_a_damaged_checkpoint_costs_only_itself(recorded: Path) -> None:
    states = saved_states(recorded)
    with closing(sqlite3.connect(recorded)) as connection, connection:
        connection.execute("UPDATE checkpoints SET checkpoint = x'c1c1' WHERE rowid = 50")
        connection.execute("UPDATE checkpoints SET type = 'pickle' WHERE rowid = 60")
        connection.execute("UPDATE writes SET value = x'c1' WHERE rowid = 9")
    log = MemoryLog()

    report = import_source([recorded], log)

    wrong = [
        (thread, id)
        for (thread, _), saved in states.items()
        for id, values in saved
        if folded_states(log, thread)[id] != values
    ]
    assert [thread for thread, _ in wrong] == ["charlie", "charlie"]
    assert {"damaged", "opaque"} <= {finding.kind for finding in report.findings}


@pytest.mark.parametrize("percent", [10, 50, 99])
def test_a_database_cut_short_is_one_clear_error(
    percent: int, recorded: Path, tmp_path: Path
) -> None:
    whole = recorded.read_bytes()
    (tmp_path / "db").write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LabanError, match=r"damaged .* recover it first, e\.g\. `sqlite3 .*`\.$"):
        import_source([tmp_path / "db"], MemoryLog())


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_is_more_than_findings_or_one_clear_error(
    seed: int, recorded: Path, tmp_path: Path
) -> None:
    luck = random.Random(seed)
    content = bytearray(recorded.read_bytes())
    for _ in range(10):
        content[luck.randrange(4096, len(content))] = luck.randrange(256)
    page = luck.randrange(1, len(content) // 4096) * 4096
    content[page : page + 4096] = bytes(4096)
    (tmp_path / "db").write_bytes(content)
    log = MemoryLog()

    try:
        first = import_source([tmp_path / "db"], log)
    except LabanError:
        return
    again = import_source([tmp_path / "db"], log)

    assert first.events == log.head()
    assert again.events == 0
    assert first.level == "comparable"


def test_a_database_with_no_checkpoints_gives_no_events(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db", check_same_thread=False)) as connection:
        SqliteSaver(connection).setup()

    report = import_source([tmp_path / "db"], MemoryLog())

    assert (report.events, report.level) == (0, "view-only")
