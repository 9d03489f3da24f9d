"""The decisions of a log, read without the engine: they tell stories as the diagrams draw them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from laban.replay.choreography.decisions import is_decision
from laban.replay.simulation import Simulation
from laban.store.clock import SECOND
from laban.store.event import Event

from .generated import simulated

LETTERS = {
    "action.requested": "Q", "action.timed_out": "T", "action.retried": "W",
    "action.rejected": "J", "action.rate_limited": "L", "action.fell_back": "F",
    "action.dead_lettered": "D",
    "circuit.opened": "O", "circuit.half_opened": "H", "circuit.closed": "C",
    "saga.started": "S", "saga.step_completed": "+", "saga.step_failed": "-",
    "saga.step_compensated": "<", "saga.compensation_failed": "!",
    "saga.completed": "C", "saga.compensated": "B", "saga.failed": "X",
    "sequence.advanced": "A", "sequence.completed": "C", "sequence.timed_out": "T",
}  # fmt: skip
# A request: attempts that failed, each retried or handed on; then one that did not, or the end.
REQUEST = re.compile(r"((QT?|J|L)[WF])*(Q|(QT?|J|L)D)")
CIRCUIT = re.compile(r"(O(HO)*HC)*(O(HO)*H?)?")
SAGA = re.compile(r"S\+*(C|-<*B|-[<!]*![<!]*X)")
SEQUENCE = re.compile(r"(A*[CT])*A*")


@pytest.fixture(scope="module", params=[1, 8])
def runs(request: pytest.FixtureRequest) -> list[Simulation]:
    return [simulated(seed, partitions=request.param) for seed in range(500)]


def decisions(run: Simulation) -> Iterator[Event]:
    return filter(is_decision, run.log.read())


def stories(run: Simulation, kind: str) -> dict[str, str]:
    """Return what was decided about each thing of a kind, one letter a decision."""
    told: dict[str, str] = defaultdict(str)
    for event in decisions(run):
        if event.type.startswith(kind) and event.type in LETTERS:
            for subject in {*event.data, *event.metadata.get("removes", ())}:
                told[subject] += LETTERS[event.type]
    return told


def test_every_request_is_answered_or_given_up(runs: list[Simulation]) -> None:
    told = [story for run in runs for story in stories(run, "action.").values()]

    assert [story for story in told if not REQUEST.fullmatch(story)] == []
    assert {letter for story in told for letter in story} == set("QTWJLFD")


def test_a_capability_is_tried_as_often_as_its_policy_says(runs: list[Simulation]) -> None:
    for run in runs:
        tries: dict[tuple[str, str], int] = defaultdict(int)
        last: dict[str, int] = defaultdict(int)
        for event in decisions(run):
            if event.type in ("action.requested", "action.rejected", "action.rate_limited"):
                ((request, about),) = event.data.items()
                tries[request, about["capability"]] += 1
                assert about["attempt"] == last[request] + 1
                last[request] += 1

        for (_, name), number in tries.items():
            retry = run.choreography.plan.capabilities[name].retry
            assert number <= (retry.attempts if retry else 1)


def test_no_window_holds_more_requests_than_its_rate_limit(runs: list[Simulation]) -> None:
    for run in runs:
        taken: dict[str, list[int]] = defaultdict(list)
        for event in decisions(run):
            if event.type == "action.requested" and event.time_ns is not None:
                (about,) = event.data.values()
                taken[about["capability"]].append(event.time_ns)

        for name, times in taken.items():
            if limit := run.choreography.plan.capabilities[name].rate_limit:
                times.sort()
                for first, over in zip(times, times[limit.requests :], strict=False):
                    assert over - first >= limit.per_seconds * SECOND


def test_circuits_open_half_open_and_close_in_turn(runs: list[Simulation]) -> None:
    for run in (run for run in runs if run.faults.runtime_crashes == 0):
        told = {
            name: "".join(
                LETTERS[event.type]
                for event in sorted(decisions(run), key=lambda event: event.time_ns or 0)
                if event.type.startswith("circuit.") and name in event.data
            )
            for name in run.choreography.plan.capabilities
        }

        assert all(map(CIRCUIT.fullmatch, told.values())), told


def test_a_saga_ends_well_or_is_undone_as_far_as_it_came(runs: list[Simulation]) -> None:
    ends: dict[str, int] = defaultdict(int)
    for run in runs:
        for key, story in stories(run, "saga.").items():
            saga = run.choreography.plan.saga_by_id[key.partition("/")[0]]
            done = story.count("+")
            undoable = sum(step.compensate is not None for step in saga.steps[:done])

            assert SAGA.fullmatch(story), story
            assert (done == len(saga.steps)) == story.endswith("C")
            if not story.endswith("C"):
                assert story.count("<") + story.count("!") == undoable
            ends[story[-1]] += 1

    assert ends.keys() == {"C", "B", "X"}


def test_a_sequence_is_complete_after_all_its_steps_and_not_before(runs: list[Simulation]) -> None:
    complete = 0
    for run in runs:
        lengths = {s.name: len(s.events) for group in run.choreography.plan.sequences.values()
                   for s in group}  # fmt: skip
        for key, story in stories(run, "sequence.").items():
            assert SEQUENCE.fullmatch(story), story
            if key.startswith("sequence/"):
                for steps in re.findall(r"(A*)C", story):
                    assert len(steps) == lengths["sequence"] - 1
                    complete += 1

    assert complete > 50


def test_every_decision_comes_after_its_cause_and_at_most_once(runs: list[Simulation]) -> None:
    for run in runs:
        recorded: set[str] = set()
        for event in run.log.read():
            if is_decision(event):
                assert event.causation_id in recorded
                assert event.id not in recorded
            recorded.add(event.id)
