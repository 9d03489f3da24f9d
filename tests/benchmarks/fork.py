"""Forking a log: copied with an edit, and decided anew with recorded answers."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from laban.fixtures import credit
from laban.replay.fork import Drop, Set, fork
from laban.replay.rehearsal import unplaced
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .figures import Report, core_seconds

APPLICATIONS = 500  # some 21,000 events


def measure(folder: Path, report: Report) -> None:
    """Record the credit demo, larger, in *folder*, and fork it in both ways."""
    folder.mkdir()
    made = MemoryLog()
    credit.record(made, applications=APPLICATIONS)
    with closing(SqliteLog.create(folder / "log")) as log:
        log.append(*map(unplaced, made.read()))
        report.section(f"Forks of a log of {log.head():,} events on disk")
        edit = Set("/data/amount", "5")
        with SqliteLog.making(folder / "copy") as new:
            took = core_seconds(lambda: fork(log, 2, [Drop()], new))
        report.rate("copied, with an edit, events", log.head() / took, 15_000)
        answers = []
        with SqliteLog.making(folder / "anew") as new:
            took = core_seconds(
                lambda: answers.append(
                    fork(log, 2, [edit], new, choreography=credit.bank, stand_in="nearest")
                )
            )
        assert answers[0].used > 100 * sum(answers[0].stood_in.values()) > 0
        report.rate("decided anew with an edit, events", log.head() / took, 5_000)
    shutil.rmtree(folder)
