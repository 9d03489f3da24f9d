"""Killed at any point and started again, a runtime goes on as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from laban.replay.recompute import recompute
from laban.store.sqlite import SqliteLog

from .live_shop import key, recomputed, recorded, shop

ORDERS = 60
ROOT = Path(__file__).parents[2]


def started(path: Path, partitions: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.replay.live_shop", str(path), str(ORDERS), str(partitions)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def wait_for_growth(log: SqliteLog, position: int, process: subprocess.Popen[bytes]) -> None:
    while log.head() < position and process.poll() is None:
        time.sleep(0.001)


@pytest.mark.parametrize("partitions", [1, 8])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_decision_is_lost_or_made_twice_however_often_it_is_killed(
    tmp_path: Path, partitions: int, seed: int
) -> None:
    path, random = tmp_path / "shop.laban", Random(seed)
    log = SqliteLog.create(path)

    ends = []
    for _ in range(4):
        with started(path, partitions) as process:
            wait_for_growth(log, log.head() + random.randint(3, 120), process)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        ends.append(process.returncode)
        assert recompute(log, shop()).mismatched == 0  # what was not recorded is unfinished
    with started(path, partitions) as process:
        assert process.wait() == 0

    assert -signal.SIGKILL in ends
    decisions, engine = recomputed(log, shop())
    assert Counter(map(key, recorded(log))) == Counter(map(key, decisions))
    assert not engine.actions.open
    answer = recompute(log, shop())
    assert (answer.rules, answer.mismatched, answer.unfinished) == ("same", 0, 0)
    shipped = [event.stream for event in log.read() if event.type == "shipped"]
    assert sorted(shipped) == sorted(f"order-{number}" for number in range(ORDERS))
    log.close()
