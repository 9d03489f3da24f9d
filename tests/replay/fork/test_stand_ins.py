"""Who answers an action whose inputs are not the recorded ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from laban.fixtures import DEMOS
from laban.replay.choreography import Choreography, Context
from laban.replay.choreography.decisions import OWN_STREAMS
from laban.replay.compare import compare
from laban.replay.fork import (
    Answer,
    Asked,
    Drop,
    ForkError,
    Move,
    Publish,
    Set,
    StandInError,
    StandInNeededError,
    constant,
    read_answers,
)
from laban.replay.simulation import Simulation, SimulationError
from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.jsontext import to_json
from laban.store.memory import MemoryLog

from .forks import forked, lines, of

MEDIUM = Set("/data/rating", '"medium"')


@pytest.fixture(scope="module")
def credit() -> MemoryLog:
    log = MemoryLog()
    DEMOS["credit"].record(log)
    return log


def bank() -> Choreography:
    rules = DEMOS["credit"].choreography
    assert rules is not None
    return rules


def decision(log: MemoryLog) -> Any:
    (event,) = (e for e in log.read_stream("applicant-04") if e.type == "decision_made")
    return event


def test_without_one_the_first_such_action_is_named_with_what_differs(credit: MemoryLog) -> None:
    with pytest.raises(StandInNeededError) as caught:
        forked(credit, 266, MEDIUM, choreography=bank())

    assert str(caught.value).startswith(
        "@269 'decide' (decision, in credit-0004) has other inputs now: "
        '/data/rating "medium", recorded "high"; '
    )
    assert "nearest, constant=FILE, agents or fail" in str(caught.value)


def test_the_nearest_answer_is_one_to_what_is_different_now(credit: MemoryLog) -> None:
    into, answer = forked(credit, 266, MEDIUM, choreography=bank(), stand_in="nearest")

    event = decision(into)
    said = credit.get(int(event.metadata["stand_in"].removeprefix("nearest @")))
    rated = [e for e in credit.correlated(said.correlation_id) if e.type == "risk_rated"]
    assert event.data["approved"] is True
    assert [e.data["rating"] for e in rated] == ["medium"]
    assert (answer.used, answer.stood_in, answer.unneeded) == (514, {"nearest": 3}, 2)


def test_a_constant_answer_comes_after_its_time_and_says_what_it_is(credit: MemoryLog) -> None:
    text = """{"decide": {"publish": [{"type": "decision_made", "data": {"approved": false}}],
        "output": {"by": "hand"}, "seconds": 7, "tokens": 3}}"""

    into, answer = forked(
        credit, 266, MEDIUM, choreography=bank(), stand_in=constant(read_answers(text))
    )

    event = decision(into)
    (completed,) = (
        e for e in into.caused_by(event.causation_id) if e.type == "action.completed"
    )  # fmt: skip
    assert event.time_ns == (credit.get(266).time_ns or 0) + 7 * SECOND
    assert event.metadata["stand_in"] == "constant"
    assert (completed.metadata["tokens"], answer.stood_in) == (3, {"constant": 1})
    assert next(iter(completed.data.values()))["output"] == {"by": "hand"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "cannot be read"),
        ('{"decide": {"publishes": []}}', "unknown field `publishes`"),
        ('{"decide": 1}', "expected `object`"),
    ],
)
def test_answers_that_cannot_be_read_are_refused_with_how_to_write_them(
    text: str, message: str
) -> None:
    with pytest.raises(StandInError, match=message):
        read_answers(text)


def test_an_action_that_a_constant_does_not_answer_is_named(credit: MemoryLog) -> None:
    with pytest.raises(StandInError, match=r"no answer to 'decide'\. Did you mean 'decided'\?"):
        forked(credit, 266, MEDIUM, choreography=bank(), stand_in=constant({"decided": Answer()}))


def test_to_fail_is_an_answer(credit: MemoryLog) -> None:
    into, _ = forked(credit, 266, MEDIUM, choreography=bank(), stand_in="fail")

    (failed,) = of(into, "action.failed")
    assert next(iter(failed.data.values()))["reason"] == "its inputs are other ones"
    assert failed.metadata["stand_in"] == "fail"


def test_a_function_sees_what_is_asked_and_may_answer_or_not(credit: MemoryLog) -> None:
    seen: list[Asked] = []

    def by_hand(asked: Asked) -> Answer | None:
        seen.append(asked)
        if asked.action != "decide":
            return None
        said = {"approved": asked.read("/applicant-04/rating") != "high"}
        return Answer(publish=[Publish(type="decision_made", data=said)])

    with pytest.raises(StandInError, match=r"'price' .* has no answer by the stand-in 'by_hand'"):
        forked(credit, 266, MEDIUM, choreography=bank(), stand_in=by_hand)

    first = seen[0]
    assert (first.action, first.attempt, first.correlation) == ("decide", 1, "credit-0004")
    assert {change.pointer for change in first.changed} == {"/data/rating", "/applicant-04/rating"}
    assert first.recorded is not None


def test_a_stand_in_that_is_not_there_is_refused(credit: MemoryLog) -> None:
    with pytest.raises(ForkError, match="no stand-in 'closest': choose nearest"):
        forked(credit, 266, MEDIUM, choreography=bank(), stand_in="closest")


def mill(seconds: float = 5, **options: Any) -> Choreography:
    """What is brought is ground, and what is ground is baked."""
    rules = Choreography("mill")
    rules.capability("mill", **options)
    rules.pattern(event_type="brought", action="grind", target_capability="mill")
    rules.pattern(event_type="ground", action="bake", target_capability="mill")

    @rules.agent("mill")
    async def work(ctx: Context) -> dict[str, Any]:
        await ctx.sleep(seconds)
        stone = ctx.read("/stone/kind")
        if ctx.action == "grind":
            ctx.publish("ground", {"flour": ctx.event.data["corn"]})
        return {"stone": stone}

    return rules


def milled(rules: Choreography) -> MemoryLog:
    day = Simulation(rules, MemoryLog())
    day.publish(0, "laid", {"kind": "basalt"}, stream="stone")
    day.publish(1, "brought", {"corn": 3}, stream="sack-1")
    day.publish(20, "brought", {"corn": 3}, stream="sack-2")
    day.run()
    assert isinstance(day.log, MemoryLog)
    return day.log


def test_a_value_that_was_read_and_is_another_one_now_is_an_input() -> None:
    log = milled(mill())

    with pytest.raises(StandInNeededError, match=r"/stone/kind \"granite\", recorded \"basalt\""):
        forked(log, 1, Set("/data/kind", '"granite"'), choreography=mill())


def test_a_change_that_no_action_had_as_an_input_costs_no_answer() -> None:
    log = milled(mill())

    into, answer = forked(log, 1, Set("/time", '"2026-03-02T08:00:00Z"'), choreography=mill())

    assert (answer.used, answer.stood_in, answer.new) == (4, {}, 1)
    assert into.head() == log.head()


def test_recorded_answers_serve_again_under_the_ids_of_an_edited_event() -> None:
    log = milled(mill())
    (first, _) = of(log, "brought")

    into, answer = forked(
        log, first.position, Set("/metadata", '{"by": "cart"}'), choreography=mill()
    )

    compared = compare(Timeline.open(log), Timeline.open(into))
    assert (answer.used, answer.stood_in, answer.unneeded) == (4, {}, 0)
    assert [root.stream for root in compared.roots] == ["sack-1"]


def test_an_agent_that_stands_in_takes_its_time_once() -> None:
    rules = mill()
    log = milled(rules)
    during = of(log, "action.started")[0].position

    into, answer = forked(log, 1, Drop(), choreography=rules, stand_in="agents")

    ground = of(into, "ground")[0]
    assert during > 0
    assert ground.time_ns == of(log, "ground")[0].time_ns
    assert answer.stood_in == {"agents": 4}


def test_an_answer_that_came_too_late_is_no_answer_under_a_longer_deadline() -> None:
    log = milled(mill(timeout_seconds=3))

    with pytest.raises(StandInNeededError, match="answered when it was too late"):
        forked(log, 0, choreography=mill(timeout_seconds=60))
    into, _ = forked(log, 0, choreography=mill(timeout_seconds=60), stand_in="agents")

    assert len(of(into, "ground")) == 2
    assert of(into, "action.timed_out") == []


def test_an_answer_in_time_comes_too_late_under_a_shorter_deadline() -> None:
    log = milled(mill())

    into, _ = forked(log, 0, choreography=mill(timeout_seconds=3))

    assert len(of(into, "action.timed_out")) == 2
    assert (len(of(into, "action.completed")), of(into, "ground")) == (2, [])


def test_an_agent_that_waits_for_the_world_is_told_so() -> None:
    rules = mill()
    log = milled(rules)

    async def slow(_ctx: Context) -> None:
        await asyncio.sleep(0)

    with pytest.raises(SimulationError, match=r"await ctx\.sleep"):
        forked(log, 1, Drop(), choreography=rules, stand_in=lambda _: slow)


def praised() -> MemoryLog:
    """A day at the mill, after which somebody praises the first flour."""
    log = milled(mill())
    (flour, _) = of(log, "ground")
    time_ns = (log.get(log.head()).time_ns or 0) + 60 * SECOND
    log.append(
        NewEvent(
            stream="guests", type="praised", id="p", source="guest", time_ns=time_ns,
            causation_id=flour.id, data={},
        )
    )  # fmt: skip
    return log


def test_what_the_world_did_about_an_event_falls_away_with_it() -> None:
    log = praised()
    (first, _) = of(log, "brought")

    into, answer = forked(log, first.position, Drop(), choreography=mill())

    assert (of(into, "praised"), answer.fell_away) == ([], 1)
    assert len(of(into, "ground")) == 1


def test_what_the_world_did_about_an_event_names_it_by_its_new_id() -> None:
    log = praised()
    (first, _) = of(log, "brought")

    into, _ = forked(log, first.position, Set("/metadata", '{"by": 1}'), choreography=mill())

    (event,) = of(into, "praised")
    assert event.causation_id in [flour.id for flour in of(into, "ground")]
    assert event.causation_id not in [flour.id for flour in of(log, "ground")]


def test_what_the_world_did_about_an_event_comes_after_it() -> None:
    log = praised()
    (first, _) = of(log, "brought")
    head = log.head()

    into, _ = forked(log, first.position, Move(head), choreography=mill())

    (event,) = of(into, "praised")
    (cause,) = into.find(event.causation_id or "")
    assert cause.position < event.position


def circle() -> Choreography:
    rules = Choreography("circle")
    rules.capability("c")
    rules.pattern(event_type="round", action="go_on", target_capability="c")
    return rules


def test_rules_that_run_in_a_circle_are_stopped() -> None:
    log = MemoryLog()
    log.append(*_rounds())
    again = constant({"go_on": Answer(publish=[Publish(type="round")])})

    with pytest.raises(ForkError, match="run in a circle"):
        forked(log, 0, choreography=circle(), stand_in=again)


def _rounds() -> Iterator[NewEvent]:
    yield NewEvent(stream="s", type="round", data={})


def test_a_log_without_times_forks_without_times() -> None:
    log = MemoryLog()
    log.append(*_rounds())
    once = constant({"go_on": Answer(publish=[Publish(type="over")], seconds=3)})

    into, _ = forked(log, 0, choreography=circle(), stand_in=once)

    assert {event.time_ns for event in into.read()} == {None}
    assert len(of(into, "over")) == 1


def test_the_original_stays_as_it_is(credit: MemoryLog) -> None:
    before = lines(credit)

    forked(credit, 266, MEDIUM, choreography=bank(), stand_in="nearest")

    assert lines(credit) == before


@pytest.mark.parametrize("position", range(20, 2583, 160))
def test_all_that_an_edit_changes_comes_after_it(credit: MemoryLog, position: int) -> None:
    """In this demo agents share nothing but the events, so no turn and no circuit is moved."""
    event = next(e for e in credit.read(position) if e.stream not in OWN_STREAMS)
    field = next(iter(event.data))
    others = [e.data[field] for e in credit.read() if e.type == event.type]
    other = next((v for v in others if v != event.data[field]), "another")

    into, _ = forked(
        credit, event.position, Set(f"/data/{field}", to_json(other)),
        choreography=bank(), stand_in="nearest",
    )  # fmt: skip

    compared = compare(Timeline.open(credit), Timeline.open(into))
    assert [root.a and root.a.position for root in compared.roots] == [event.position]
