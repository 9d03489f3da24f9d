"""Loops that happened, named by the part that repeats, and cycles that the rules allow."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from laban.replay.check import Flaw, chains, check
from laban.replay.choreography import Choreography
from laban.store.event import NewEvent
from laban.store.importers import import_source
from laban.store.memory import MemoryLog

from .acted import Stage

GRAPH = Path(__file__).parents[2] / "fixtures" / "langgraph_small.sqlite"


def chain(*types: str, start: int = 0, turns: int = 1) -> list[NewEvent]:
    """Events of one source, each the cause of the next; what they say turns so many ways."""
    return [
        NewEvent(
            stream="talk", type=type, id=f"e{n}", source="one", data={"said": n % turns},
            causation_id=f"e{n - 1}" if n > start else None,
        )
        for n, type in enumerate(types, start)
    ]  # fmt: skip


def loops(events: list[NewEvent]) -> list[Flaw]:
    log = MemoryLog()
    log.append(*events)
    return [flaw for flaw in check(log) if flaw.kind in ("event loop", "rounds")]


def test_a_loop_is_named_by_its_repeating_part_and_how_often_it_came_round() -> None:
    (flaw,) = loops(chain("hello", *["ask", "answer"] * 7, "bye"))

    assert "one: answer → one: ask → one: answer came round 7 times" in flaw.detail
    assert flaw.detail.endswith(", and said the same each time")
    assert (flaw.kind, flaw.certainty) == ("event loop", "certain")
    assert flaw.position == 11  # where the fifth round is complete


def test_rounds_that_say_something_new_are_noted_as_most_likely_meant() -> None:
    (flaw,) = loops(chain(*["ask", "answer"] * 7, turns=1000))

    assert (flaw.kind, flaw.is_note) == ("rounds", True)
    assert flaw.detail.endswith("came round 7 times in a row, and said something new in between")


def test_a_ping_pong_that_only_counts_is_a_possible_loop_once_it_goes_on_too_long() -> None:
    (flaw,) = loops(chain(*["ping", "pong"] * chains.ROUNDS, turns=1000))

    assert (flaw.kind, flaw.certainty, flaw.is_note) == ("event loop", "possible", False)


@pytest.mark.parametrize("turns", [2, 4, 6])
def test_to_say_the_same_in_turns_is_to_say_nothing_new(turns: int) -> None:
    (flaw,) = loops(chain(*["flip", "flop"] * 16, turns=turns))

    assert (flaw.kind, flaw.certainty) == ("event loop", "certain")


def test_a_loop_that_got_stuck_says_how_often_nothing_new_was_said() -> None:
    free, stuck = chain("a", "b", *["a", "b"] * 5, turns=1000), chain(*["a", "b"] * 6, start=12)
    stuck[0] = replace(stuck[0], causation_id="e11")

    (flaw,) = loops([*free, *stuck])

    assert flaw.kind == "event loop"
    assert "came round 12 times in a row, and said the same 6 times" in flaw.detail


def test_the_rounds_of_a_graph_are_no_loop() -> None:
    log = MemoryLog()
    import_source([GRAPH], log)

    kinds = {flaw.kind for flaw in check(log)}

    assert "rounds" in kinds
    assert "event loop" not in kinds


def test_what_repeats_no_oftener_than_business_retries_do_is_no_loop() -> None:
    assert loops(chain(*["ask", "answer"] * (chains.REPEATS - 1))) == []
    assert loops(chain("a", "b", "a", "c", "a", "d", "a", "e", "a", "f")) == []


def test_the_same_types_beside_one_another_are_no_loop() -> None:
    beside = [
        NewEvent(stream="s", type="ask", id=f"x{n}", data={}, causation_id="e0") for n in range(20)
    ]

    assert loops([*chain("root"), *beside]) == []


def test_the_same_loop_in_several_chains_is_one_finding() -> None:
    (flaw,) = loops([*chain(*["a"] * 6), *chain(*["a"] * 9, start=100)])

    assert "came round 9 times in a row, in 2 chains" in flaw.detail


def test_a_chain_of_events_that_name_themselves_as_their_cause_ends() -> None:
    selfish = NewEvent(stream="s", type="t", id="x", data={}, causation_id="x")

    assert loops([selfish]) == []


def test_a_cause_that_was_forgotten_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "KEPT", 2)
    first, second, third = chain("ping", "pong", "ping")
    noise = [NewEvent(stream="s", type="noise", data={}) for _ in range(3)]
    log = MemoryLog()

    log.append(first, *noise, second, *noise, third)

    assert "rule cycle" in [flaw.kind for flaw in check(log, ping_pong())]


def ping_pong(condition: str = "True") -> Choreography:
    game = Choreography("game")
    game.capability("left", agents=("l1", "l2"))
    game.capability("right")
    game.pattern(event_type="ping", action="return_ping", target_capability="right")
    game.pattern(
        event_type="pong", action="return_pong", target_capability="left", condition=condition
    )
    return game


def test_agents_of_one_capability_stand_for_one_another_in_a_loop() -> None:
    game = ping_pong()
    stage = Stage(game)
    stage.say("ping")
    for _ in range(6):
        stage.answer("return_ping", publish={"pong": {}})
        stage.answer("return_pong", publish={"ping": {}})

    (flaw,) = [f for f in check(stage.log, game) if f.kind == "event loop"]

    assert flaw.detail.startswith("ping → pong → ping")


def test_a_cycle_of_rules_is_possible_before_it_ever_loops() -> None:
    game = ping_pong()
    stage = Stage(game)
    stage.say("ping")
    stage.answer("return_ping", publish={"pong": {}})
    once = [f for f in check(stage.log, game) if f.kind == "rule cycle"]
    stage.answer("return_pong", publish={"ping": {}})

    (flaw,) = [f for f in check(stage.log, game) if f.kind == "rule cycle"]

    assert once == []
    assert (flaw.certainty, flaw.rule) == ("possible", "ping→return_ping")
    assert flaw.detail == "ping → pong → ping: no condition can end it"
    assert [f.kind for f in check(stage.log) if "loop" in f.kind or "cycle" in f.kind] == []


def test_a_cycle_that_a_condition_can_end_is_a_note() -> None:
    game = ping_pong("data.get('strength', 9) > 1")
    stage = Stage(game)
    stage.say("ping")
    stage.answer("return_ping", publish={"pong": {}})
    stage.answer("return_pong", publish={"ping": {}})

    (flaw,) = [f for f in check(stage.log, game) if "cycle" in f.kind]

    assert (flaw.kind, flaw.rule, flaw.is_note) == ("conditional cycle", "pong→return_pong", True)
    assert flaw.detail == "ping → pong → ping: its condition can end it"
