"""Loops that happened, named by the part that repeats, and cycles that the rules allow."""

from __future__ import annotations

import pytest

from laban.replay.check import Flaw, chains, check
from laban.replay.choreography import Choreography
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

from .acted import Stage


def chain(*types: str, start: int = 0) -> list[NewEvent]:
    """Events of one source, each the cause of the next."""
    return [
        NewEvent(
            stream="talk", type=type, id=f"e{n}", source="one", data={},
            causation_id=f"e{n - 1}" if n > start else None,
        )
        for n, type in enumerate(types, start)
    ]  # fmt: skip


def loops(events: list[NewEvent]) -> list[Flaw]:
    log = MemoryLog()
    log.append(*events)
    return [flaw for flaw in check(log) if flaw.kind == "event loop"]


def test_a_loop_is_named_by_its_repeating_part_and_how_often_it_came_round() -> None:
    (flaw,) = loops(chain("hello", *["ask", "answer"] * 7, "bye"))

    assert "one: answer → one: ask → one: answer came round 7 times" in flaw.detail
    assert flaw.position == 11  # where the fifth round is complete


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


def ping_pong() -> Choreography:
    game = Choreography("game")
    game.capability("left", agents=("l1", "l2"))
    game.capability("right")
    game.pattern(event_type="ping", action="return_ping", target_capability="right")
    game.pattern(event_type="pong", action="return_pong", target_capability="left")
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
    assert "ping → pong → ping" in flaw.detail
    assert [f.kind for f in check(stage.log) if "loop" in f.kind or "cycle" in f.kind] == []
