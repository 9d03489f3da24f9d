"""With no edit and the same rules, a fork is its original, whatever went wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from laban.fixtures import DEMOS
from laban.replay.compare import compare
from laban.replay.fork import Forked, fork
from laban.replay.simulation import Faults
from laban.replay.timeline import Timeline
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from tests.effort import SIMULATIONS
from tests.replay.choreography.generated import choreography_of, simulated

from .forks import cut, lines

SEEDS = SIMULATIONS // 10
SHARES = 10  # that they are run in
WILD = Faults(duplicates=0.4, delays=0.4, reorder=0.4, agent_crashes=0.4, runtime_crashes=0.3)


def told(answer: Forked) -> tuple[bool | None, int, int, dict[str, int], int]:
    return answer.same_rules, answer.new, answer.gone, answer.stood_in, answer.unneeded


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("partitions", [1, 8])
def test_a_fork_of_a_faulty_run_without_an_edit_is_the_run(share: int, partitions: int) -> None:
    for seed in range(share, SEEDS, SHARES):
        for faults in (None, WILD):
            original = simulated(seed, partitions=partitions, faults=faults)
            into = MemoryLog()

            answer = fork(original.log, 0, [], into, choreography=original.choreography)

            assert lines(into) == lines(original.log), f"seed {seed}"
            assert told(answer) == (True, 0, 0, {}, 0), f"seed {seed}"


@pytest.mark.parametrize("name", DEMOS)
def test_a_fork_of_a_demo_without_an_edit_is_the_demo(name: str, tmp_path: Path) -> None:
    log, into = MemoryLog(), SqliteLog.create(tmp_path / "new.laban")
    DEMOS[name].record(log)

    answer = fork(log, 0, [], into, choreography=DEMOS[name].choreography)

    compared = compare(Timeline.open(log), Timeline.open(into))
    assert lines(into) == lines(log)
    assert (compared.identical, told(answer)) == (True, (True, 0, 0, {}, 0))
    into.close()


def test_what_was_under_way_where_a_log_was_cut_stays_under_way() -> None:
    for seed in range(60):
        whole = simulated(seed, partitions=8)
        plan = choreography_of(seed).plan
        for position in range(1, whole.log.head(), 7):
            original, into = cut(whole.log, position, plan.fingerprint), MemoryLog()

            fork(original, 0, [], into, choreography=choreography_of(seed))

            assert lines(into) == lines(original), f"seed {seed} cut at {position}"


def test_an_empty_log_has_an_empty_fork() -> None:
    into = MemoryLog()

    answer = fork(MemoryLog(), 0, [], into, choreography=choreography_of(1))

    assert (into.head(), answer.events) == (0, 0)
