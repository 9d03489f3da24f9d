"""Whatever is edited, a fork is a sound log: one that such a runtime could have recorded."""

from __future__ import annotations

from random import Random

import pytest

from laban.replay.fork import Drop, Edit, ForkError, Insert, Move, Set, StandInError
from laban.replay.recompute import recompute
from laban.replay.simulation import Faults, Simulation
from laban.store.event import NewEvent
from tests.effort import SIMULATIONS
from tests.replay.choreography.generated import choreography_of, simulated

from .forks import cut, forked, lines

SEEDS = SIMULATIONS // 4
SHARES = 10  # that they are run in
WILD = Faults(duplicates=0.4, delays=0.4, reorder=0.4, agent_crashes=0.4, runtime_crashes=0.3)


def a_run(random: Random, seed: int) -> Simulation:
    partitions, faults = random.choice([(1, None), (8, None), (8, WILD), (1, Faults())])
    return simulated(seed, partitions=partitions, faults=faults)


def an_edit(random: Random, head: int) -> list[Edit]:
    stream, type = random.choice(["s1", "s2"]), random.choice(["a0", "b0", "a1"])
    new = NewEvent(stream=stream, type=type, source="outside", id="inserted", data={"n": 1})
    edits: list[Edit] = [
        Set("/data", f'{{"n":{random.randint(0, 3)}}}'),
        Drop(),
        Insert((new,)),
        Move(random.randint(1, head)),
    ]
    return [random.choice(edits)]


@pytest.mark.parametrize("share", range(SHARES))
def test_what_follows_from_an_edit_is_what_the_rules_decide(share: int) -> None:
    tried = 0
    for seed in range(share, SEEDS, SHARES):
        random = Random(f"edit {seed}")
        run = a_run(random, seed)
        before, at = lines(run.log), random.randint(1, run.log.head())
        edits, rules = an_edit(random, run.log.head()), run.choreography
        stand_in = random.choice(["nearest", "fail", "agents"])
        try:
            fork, _ = forked(run.log, at, *edits, choreography=rules, stand_in=stand_in)
        except (ForkError, StandInError):
            continue  # a decision, or nobody ever answered such an action

        tried += 1
        again, _ = forked(run.log, at, *edits, choreography=rules, stand_in=stand_in)
        of_fork, told = forked(fork, 0, choreography=rules)
        made = recompute(fork, rules)
        first = min(at, *(edit.before for edit in edits if isinstance(edit, Move)), at)
        assert lines(run.log) == before, f"seed {seed}"
        assert lines(fork)[: first - 1] == before[: first - 1], f"seed {seed}"
        assert lines(again) == lines(fork), f"seed {seed}"
        assert (made.mismatched, made.unfinished) == (0, 0), f"seed {seed}"
        assert (lines(of_fork), told.new) == (lines(fork), 0), f"seed {seed}"
    assert tried > 10


@pytest.mark.parametrize("share", range(SHARES))
def test_other_rules_decide_all_that_a_fork_under_them_holds(share: int) -> None:
    for seed in range(share, SEEDS // 4, SHARES):
        random = Random(f"rules {seed}")
        run, rules = a_run(random, seed), choreography_of(seed + 1)

        fork, _ = forked(run.log, 0, choreography=rules, stand_in=random.choice(["fail", "agents"]))

        made = recompute(fork, rules)
        assert (made.mismatched, made.unfinished) == (0, 0), f"seed {seed}"
        assert lines(forked(fork, 0, choreography=rules)[0]) == lines(fork), f"seed {seed}"


def test_a_fork_that_goes_on_where_a_log_was_cut_lacks_nothing() -> None:
    tried = 0
    for seed in range(SEEDS // 4):
        random = Random(f"cut {seed}")
        run = a_run(random, seed)
        rules = run.choreography
        log = cut(run.log, random.randint(1, run.log.head()), rules.plan.fingerprint)
        at, edits = random.randint(1, log.head()), an_edit(random, log.head())
        if recompute(log, rules).mismatched:
            continue  # another partition was behind
        try:
            fork, _ = forked(log, at, *edits, choreography=rules, stand_in="agents")
        except (ForkError, StandInError):
            continue

        tried += 1
        assert recompute(fork, rules).mismatched == 0, f"seed {seed}"
        assert lines(forked(fork, 0, choreography=rules)[0]) == lines(fork), f"seed {seed}"
    assert tried > 10
