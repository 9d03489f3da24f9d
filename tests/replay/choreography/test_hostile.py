"""Whatever a log can hold, the engine takes it, and takes it alike every time."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laban.replay.choreography import (
    ActionFailed,
    Breaker,
    Choreography,
    RateLimit,
    Retry,
    SagaStep,
)
from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine, timer_event, unreadable
from laban.replay.recompute import recompute
from laban.replay.simulation import Simulation
from laban.store.errors import DuplicateIdError, InvalidEventError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog
from tests.effort import tries

from .desk import Desk, only, types

NASTY = st.sampled_from(
    ["", "a", "b", "a|b", "a\0b", "\0", "\\ud800", "\ud800", "laban", "clock", "x", "s/a", "1", "é"]
)
NAMES = st.sampled_from(
    ["a", "b", "a\0b", "b\0a", "\0", "laban", "clock", "x", "clerk", "é", "s/a"]
)
VALUES = st.sampled_from(
    [
        "0", "-0.0", "0.0", "1", "1.0", "true", "null", '"1"', "1e999", "-1e999", "1e-999",
        "9" * 30, "9" * 400, "-" + "9" * 4299, "9" * 5000, '"\\ud800"', '"\\u0000"', '""', "{}",
        "[" * 90 + "]" * 90, "[" * 300 + "]" * 300, "[" * 480 + "]" * 480, "[" * 5000 + "]" * 5000,
        '{"a":1,"b":2}', '{"b":2,"a":1}', "[1,2]", '{"a":{"attempt":1}}', '{"attempt":1}', "2",
    ]
)  # fmt: skip
KEYS = st.sampled_from(["n", "m", "a", "reason", "attempt", ""])
TIMES = st.sampled_from([None, 0, -(2**63) + 1, 2**63 - 1, 10**9, 2 * 10**9, 5 * 10**9])
STREAMS = st.sampled_from(["a", "b", "a\0b", "$timers", "$actions", "$circuits", "$else"])
TYPES = st.sampled_from(
    ["ordered", "paid", "counted", "action.completed", "action.failed", "timer.fired",
     "action.requested"]
)  # fmt: skip


def rules() -> Choreography:
    """Return a choreography that looks at everything there is to look at."""
    shop = Choreography("shop")
    shop.capability(
        "clerk", agents=("x", "y"), balance="sticky", timeout_seconds=3e9, fallback="till",
        retry=Retry(attempts=3, base_seconds=0, jitter=1), breaker=Breaker(failure_threshold=2),
    )  # fmt: skip
    shop.capability("till", rate_limit=RateLimit(requests=2, per_seconds=2), timeout_seconds=1)
    asks: dict[str, Any] = {"action": "act", "target_capability": "clerk"}
    conditions = (
        "data['n'] > 0",
        "str(data['n']) == '1' or len(str(data)) > 3",
        "data['n'] == data['m']",
        "int(data['n']) * int(data['m']) > 1",
        "sorted([data['n'], data['m']])[0] == 1",
        "sum([e['data']['n'] for e in recent_events]) > 1",
        "len(str(correlated_events)) % 2 == 0",
        "state['a']['n'] == before['a']['n']",
        "event['time'] > '1970' and timestamp < 3",
        "source_event_count > 1 and metadata['timer'] == 'x'",
    )
    for number, condition in enumerate(conditions):
        shop.pattern(
            event_type="ordered", condition=condition, correlation_keys=("n",),
            action=f"act{number}", target_capability="clerk",
        )  # fmt: skip
    shop.state_transition(event_type="paid", condition="state['a']['n'] == 1", **asks)
    shop.sequence(sequence_id="s", events=("ordered", "paid"), max_interval=2, **asks)
    shop.temporal_sequence(
        sequence_id="t", trigger_event="ordered", required_events=("paid",), time_window=3e9, **asks
    )
    shop.threshold_pattern(event_type="paid", threshold=2, time_window=2, **asks)
    steps = (
        SagaStep(execute="act", compensate="undo", target_capability="clerk"),
        SagaStep(execute="more", target_capability="till"),
    )
    shop.saga(saga_id="saga", start_event="paid", condition="data['n'] != data['m']", steps=steps)
    shop.contract("paid", {"properties": {"a": {"type": "object"}, "n": {"maximum": 2}}})
    shop.deduplicate("ordered", keys=("n", "m"), window_seconds=1)

    @shop.reducer("counted")
    def counted(state: dict[str, Any], event: Event) -> dict[str, Any]:
        state.setdefault("all", []).append(event.data["n"])
        state["all"] += [event.data["m"]]
        event.data["a"].append(1)
        return state

    return shop


@st.composite
def events(draw: st.DrawFn) -> NewEvent:
    fields = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    text = ",".join(f'"{key}":{value}' for key, value in fields.items())
    return NewEvent(
        stream=draw(STREAMS),
        type=draw(TYPES),
        id=draw(NAMES),
        source=draw(NAMES),
        time_ns=draw(TIMES),
        correlation_id=draw(st.none() | NASTY),
        causation_id=draw(st.none() | NASTY),
        data=JsonObject(f"{{{text}}}"),
        metadata={"timer": draw(NASTY)} if draw(st.booleans()) else {},
    )


@settings(max_examples=tries(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(events(), st.integers(0, 7)), max_size=12))
def test_no_event_that_a_log_takes_stops_the_engine_or_makes_it_decide_otherwise_again(
    told: list[tuple[NewEvent, int]],
) -> None:
    log, choreography = MemoryLog(), rules()
    engine = Engine(choreography.plan)
    for event, more in told:
        _record(log, engine, event)
        for request in engine.actions.awaited()[:more]:
            about = {request.id: {"attempt": request.attempt, "reason": event.id}}
            type = "action.failed" if more % 2 else "action.completed"
            answer = NewEvent(stream="$actions", type=type, source=request.agent, data=about)
            _record(log, engine, answer)
        for timer in engine.timers.due(engine.now_ns or 0)[:more]:
            _record(log, engine, timer_event(timer, engine.now_ns or 0))

    compared = recompute(log, rules())

    assert compared.mismatches == []
    for event in log.read():  # and nobody wrote in it
        assert unreadable(event) or event.data.parsed == json.loads(event.data.text)


def _record(log: MemoryLog, engine: Engine, event: NewEvent) -> None:
    """Record an event, if a log takes it, and what is decided on it."""
    if is_decision(event):
        return
    before = log.head()
    with suppress(InvalidEventError, DuplicateIdError):
        log.append(event)
    if log.head() > before:
        log.append(*engine.step(log.get(log.head())))


def nested(levels: int) -> list[Any]:
    """Return a list in a list in a list."""
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


def clerk() -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    return choreography


def asks(choreography: Choreography, type: str, condition: str = "True", **more: Any) -> None:
    choreography.pattern(
        event_type=type, condition=condition, action=f"after_{type}", target_capability="clerk",
        **more,
    )  # fmt: skip


def test_what_an_agent_does_to_its_event_is_seen_by_nobody_else() -> None:
    choreography = clerk()
    asks(choreography, "ordered")
    asks(choreography, "paid", "any('stolen' in e['data']['items'] for e in recent_events)")

    @choreography.agent("clerk")
    async def steal(ctx: Any) -> None:
        ctx.event.data["items"].append("stolen")

    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "ordered", {"items": ["tea"]}, stream="order-1")
    simulation.publish(9, "paid", {"items": []}, stream="order-1")
    simulation.run()

    assert types(simulation.log.read()).count("pattern.matched") == 1
    assert simulation.log.get(1).data == {"items": ["tea"]}
    assert recompute(simulation.log, choreography).mismatches == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_reducer_that_changes_things_in_place_changes_no_past(fails: bool) -> None:
    choreography = clerk()
    kept: list[dict[str, Any]] = []

    @choreography.reducer("ordered")
    def ordered(order: dict[str, Any], event: Event) -> dict[str, Any]:
        event.data["items"].append("extra")
        order.setdefault("items", []).extend(event.data["items"])
        kept.append(order)
        if fails and len(kept) > 1:
            raise ValueError("no")
        return order

    choreography.state_transition(
        event_type="ordered", condition="len(state['order-1']['items']) > 2",
        action="hurry", target_capability="clerk",
    )  # fmt: skip
    desk = Desk(choreography)
    first = desk.happens("ordered", {"items": ["tea"]})
    kept[0]["items"] += ["x", "y", "z"]

    second = desk.happens("ordered", {"items": ["tea"]})

    state = desk.engine.history.state["order-1"]
    assert first == []
    assert types(second)[0] == ("event.dead_lettered" if fails else "transition.matched")
    assert state == {"items": ["tea", "extra"] * (1 if fails else 2)}
    assert desk.log.get(1).data == {"items": ["tea"]}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"n": {1, 2}}, "it returned a set, which is not JSON"),
        ({"n": float("nan")}, "it returned a float, which is not JSON"),
        ({"n": {1: 2}}, "it returned an object with a key that is no text"),
        ({"n": nested(200)}, "more than 100 levels"),
    ],
    ids=["set", "nan", "key", "deep"],
)
def test_a_state_that_is_no_json_is_refused(made: Any, reason: str) -> None:
    choreography = clerk()
    choreography.reducer("ordered")(lambda _order, _event: made)

    decisions = Desk(choreography).happens("ordered")

    assert reason in only(decisions, "event.dead_lettered")["reason"]


def test_a_reason_names_no_place_in_memory_and_can_be_recorded() -> None:
    choreography = clerk()

    @choreography.reducer("ordered")
    def ordered(_order: dict[str, Any], _event: Event) -> dict[str, Any]:
        raise ValueError(f"what is {object()}, {chr(0xD800)}?")

    decisions = Desk(choreography).happens("ordered")

    reason = "reducer of ordered: ValueError: what is <object object at 0x…>, \\ud800?"
    assert only(decisions, "event.dead_lettered") == {"reason": reason}


@pytest.mark.parametrize("stack", [0, 700])
@pytest.mark.parametrize(("levels", "readable"), [(99, True), (100, False), (400, False)])
def test_how_deep_an_event_may_be_does_not_depend_on_who_looks(
    stack: int, levels: int, readable: bool
) -> None:
    choreography = clerk()
    asks(choreography, "ordered", "'n' in data")
    data = JsonObject(f'{{"n":{"[" * levels}"[[["{"]" * levels}}}')
    desk = Desk(choreography)
    (position,) = desk.log.append(NewEvent(stream="order-1", type="ordered", data=data))

    def step(depth: int) -> list[NewEvent]:
        return step(depth - 1) if depth else desk.engine.step(desk.log.get(position))

    expected = ["pattern.matched", "action.requested"] if readable else ["event.dead_lettered"]
    assert types(step(stack)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a\0b", "c"), ("a", "b\0c")), (("a\0", "b"), ("a", "\0b")), (("a", "c"), ("b", "c"))],
)
def test_no_two_events_lead_to_decisions_of_one_id(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    choreography = clerk()
    asks(choreography, "ordered")
    desk = Desk(choreography)

    for source, id in (one, other):
        desk.take(NewEvent(stream="s", type="ordered", source=source, id=id, data={}))

    assert desk.log.head() == 6
    assert len(desk.awaited) == 2


def test_a_duplicate_may_say_the_same_in_another_order() -> None:
    choreography = clerk()
    choreography.deduplicate("ordered", keys=("item",), window_seconds=10)
    desk = Desk(choreography)
    desk.happens("ordered", {"item": {"name": "tea", "size": 1}})

    again = desk.happens("ordered", {"item": {"size": 1, "name": "tea"}})

    assert types(again) == ["event.deduplicated"]


@pytest.mark.parametrize(
    ("options", "tries", "wait"),
    [
        ({"base_seconds": 0.1, "factor": 1.1}, 4, 0.1 * 1.1 * 1.1 * 1.1),
        ({"base_seconds": 1.0, "factor": 1.0}, 10**9, 1.0),
        ({"base_seconds": 1.0, "factor": 1e6, "max_seconds": 3e9}, 10**9, 3e9),
        ({"base_seconds": 0.0, "factor": 0.0}, 3, 0.0),
    ],
)
def test_a_wait_is_made_of_products_that_are_alike_on_every_machine(
    options: dict[str, float], tries: int, wait: float
) -> None:
    assert Retry(**options).wait_seconds(tries) == wait  # type: ignore[arg-type]


@pytest.mark.parametrize("deep", [300, 100_000])
def test_an_output_that_nobody_could_read_fails_its_action(deep: int) -> None:
    choreography = clerk()
    asks(choreography, "ordered")

    @choreography.agent("clerk")
    async def dig(_ctx: Any) -> dict[str, Any]:
        return {"n": nested(deep)}

    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "ordered", {}, stream="order-1")
    simulation.run()

    said = types(simulation.log.read())
    assert "action.failed" in said
    assert "action.completed" not in said
    assert simulation.engine.actions.open == {}


def test_the_clock_never_goes_back_not_even_around_zero() -> None:
    choreography = clerk()
    asks(choreography, "ordered")
    desk = Desk(choreography)

    times = []
    for number, time in enumerate([None, -5, 0, -5, None, 2, 1]):
        event = NewEvent(stream="s", type="ordered", id=str(number), data={}, time_ns=time)
        times.append(desk.take(event)[0].time_ns)

    assert times == [None, -5, 0, 0, 0, 2, 2]


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


async def reads_nonsense(ctx: Any) -> None:
    ctx.reads["/order-1"] = object()


async def costs_nothing_known(ctx: Any) -> None:
    ctx.spent(cost=float("nan"))


async def says_half_a_character(_ctx: Any) -> None:
    raise ActionFailed(chr(0xD800))


async def cannot_be_told(_ctx: Any) -> None:
    raise Unspeakable


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        (reads_nonsense, "TypeError: Object of type object is not JSON serializable"),
        (costs_nothing_known, "ValueError: Out of range float values are not JSON compliant"),
        (says_half_a_character, "\\ud800"),
        (cannot_be_told, "Unspeakable"),
    ],
)
def test_whatever_an_agent_does_its_failure_can_be_recorded(agent: Any, reason: str) -> None:
    choreography = clerk()
    asks(choreography, "ordered")
    choreography.agent("clerk")(agent)

    simulation = Simulation(choreography, MemoryLog())
    simulation.publish(0, "ordered", {}, stream="order-1")
    simulation.run()

    (failed,) = (event for event in simulation.log.read() if event.type == "action.failed")
    ((_, about),) = failed.data.items()
    assert about["reason"].startswith(reason)
