"""What the live runtime promises, on a real file."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from laban.replay.choreography import ActionFailed, Choreography, Retry
from laban.replay.choreography.engine import Engine
from laban.replay.runtime import RulesDifferError, Runtime
from laban.store.clock import SECOND
from laban.store.errors import InvalidEventError
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

from .live_shop import LONG_AGO_NS, key, order, recomputed, recorded, run, shop

Agent = Callable[[Any], Awaitable[Any]]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog.create(tmp_path / "live.laban")
    yield made
    made.close()


def desk(agent: Agent | None, **options: Any) -> Choreography:
    """A choreography whose one agent is asked to answer whatever is asked."""
    made = Choreography("desk")
    made.capability("clerk", **options)
    made.pattern(event_type="asked", action="answer", target_capability="clerk")
    if agent:
        made.agent("clerk")(agent)
    return made


def asked(id: str = "q-1", stream: str = "desk", **data: Any) -> NewEvent:
    return NewEvent(stream=stream, type="asked", id=id, source="guest", data=data)


def lived(choreography: Choreography, log: SqliteLog, *events: NewEvent, **options: Any) -> None:
    """Run until all is quiet after *events*."""

    async def live() -> None:
        async with Runtime(choreography, log, **options) as runtime:
            await runtime.publish(*events)
            await runtime.quiet(60)

    asyncio.run(asyncio.wait_for(live(), 30))


def of_type(log: SqliteLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == type]


def reasons(log: SqliteLog) -> list[str]:
    return [next(iter(event.data.values()))["reason"] for event in of_type(log, "action.failed")]


@pytest.mark.parametrize("partitions", [1, 8])
def test_what_is_recorded_is_what_a_new_engine_decides(log: SqliteLog, partitions: int) -> None:
    asyncio.run(run(log, 30, partitions))

    decisions, engine = recomputed(log, shop())
    assert list(map(key, recorded(log))) == list(map(key, decisions))
    assert not engine.actions.open
    assert len(of_type(log, "shipped")) == 30


def test_a_correlations_actions_are_carried_out_in_order_beside_those_of_others(
    log: SqliteLog,
) -> None:
    begun: dict[str, list[int]] = defaultdict(list)
    under_way: set[str] = set()
    together = 0

    async def agent(ctx: Any) -> None:
        nonlocal together
        stream = ctx.event.stream
        assert stream not in under_way
        under_way.add(stream)
        together = max(together, len(under_way))
        begun[stream].append(ctx.event.data["n"])
        await ctx.sleep(Random(ctx.key).uniform(0, 0.005))
        under_way.remove(stream)

    events = [asked(f"{s}-{n}", f"desk-{s}", n=n) for n in range(10) for s in range(12)]
    lived(desk(agent), log, *events)

    assert begun == {f"desk-{s}": list(range(10)) for s in range(12)}
    assert together > 1


def test_an_attempt_is_recorded_as_begun_and_its_events_together_with_its_answer(
    log: SqliteLog,
) -> None:
    async def agent(ctx: Any) -> dict[str, str]:
        ctx.publish("answered", {"text": "yes"})
        ctx.spent(tokens=12, cost=0.5)
        return {"text": "yes"}

    lived(desk(agent), log, asked())

    started, answered, completed = [e for e in log.read() if e.source == "clerk"]
    assert [started.type, answered.type, completed.type] == [
        "action.started", "answered", "action.completed",
    ]  # fmt: skip
    assert completed.position == answered.position + 1
    assert completed.recorded_at_ns == answered.recorded_at_ns
    ((request, about),) = completed.data.items()
    assert about == {"attempt": 1, "status": "completed", "output": {"text": "yes"}}
    assert completed.causation_id == answered.causation_id == of_type(log, "action.requested")[0].id
    assert started.data[request] == {"attempt": 1, "status": "started"}
    assert completed.metadata["tokens"] == 12
    assert completed.metadata["cost"] == 0.5
    assert completed.metadata["duration_ms"] >= 0


def test_a_read_is_recorded_with_the_position_of_the_write_that_it_saw(log: SqliteLog) -> None:
    seen: list[Any] = []

    async def agent(ctx: Any) -> None:
        seen.extend(ctx.read(p) for p in ("/desk/a", "/desk/b", "/desk/c", "/nobody/x", "/desk"))

    log.append(
        NewEvent(stream="desk", type="noted", data={"a": 1, "b": {"deep": [1]}}),
        NewEvent(stream="desk", type="noted", data={"a": 2}),
        NewEvent(stream="other", type="noted", data={"a": 3}),
        NewEvent(stream="desk", type="noted", data={}, metadata={"removes": ["c"]}),
    )
    lived(desk(agent), log, asked(mood="curious"))

    assert seen == [2, {"deep": [1]}, None, None, {"a": 2, "b": {"deep": [1]}, "mood": "curious"}]
    (question,) = of_type(log, "asked")
    assert dict(of_type(log, "action.completed")[0].metadata["reads"]) == {
        "/desk/a": 2, "/desk/b": 1, "/desk/c": 4, "/nobody/x": 0, "/desk": question.position,
    }  # fmt: skip


def test_an_exception_fails_the_attempt_and_the_next_one_is_tried(log: SqliteLog) -> None:
    attempts: list[tuple[int, str]] = []

    async def agent(ctx: Any) -> None:
        ctx.publish("answered", {})
        attempts.append((ctx.attempt, ctx.event.id))
        if ctx.attempt == 1:
            raise KeyError("no such book")
        if ctx.attempt == 2:
            raise ActionFailed("the shelf is locked")

    lived(desk(agent, retry=Retry(attempts=3, base_seconds=0.001)), log, asked())

    assert attempts == [(1, "q-1"), (2, "q-1"), (3, "q-1")]
    assert reasons(log) == ["KeyError: 'no such book'", "the shelf is locked"]
    assert len(of_type(log, "answered")) == 1


def test_an_answer_that_cannot_be_recorded_is_a_failure(log: SqliteLog) -> None:
    answers: Iterator[Any] = iter([5, {"x": object()}, {"x": float("nan")}])

    async def agent(_: Any) -> Any:
        return next(answers)

    lived(desk(agent), log, asked("a"), asked("b"), asked("c"))

    assert len(reasons(log)) == 3


def test_an_event_that_cannot_be_recorded_fails_the_attempt_that_published_it(
    log: SqliteLog,
) -> None:
    async def agent(ctx: Any) -> None:
        ctx.publish("", {})

    lived(desk(agent), log, asked())

    assert "must not be empty" in reasons(log)[0]


def test_a_capability_without_a_function_fails_with_the_reason(log: SqliteLog) -> None:
    lived(desk(None), log, asked())

    assert reasons(log) == [
        "no function carries out 'clerk': register one with @choreography.agent('clerk')"
    ]
    assert len(of_type(log, "action.dead_lettered")) == 1


def test_an_agent_that_is_too_slow_is_cancelled_and_its_lane_goes_on(log: SqliteLog) -> None:
    ends: list[str] = []

    async def agent(ctx: Any) -> None:
        if ctx.event.id == "slow":
            try:
                await ctx.sleep(60)
            except asyncio.CancelledError:
                ends.append("cancelled")
                raise
        ends.append(ctx.event.id)

    lived(desk(agent, timeout_seconds=0.2), log, asked("slow"), asked("quick"), partitions=1)

    assert ends[0] == "cancelled"
    assert len(of_type(log, "action.timed_out")) == len(of_type(log, "action.dead_lettered"))
    assert "slow" not in ends


def test_a_late_answer_is_kept_and_changes_nothing(log: SqliteLog) -> None:
    late = asyncio.Event()

    async def agent(ctx: Any) -> None:
        try:
            await ctx.sleep(60)
        except asyncio.CancelledError:
            await ctx.sleep(0.05)
        ctx.publish("answered", {})
        late.set()

    async def live() -> None:
        async with Runtime(desk(agent, timeout_seconds=0.05), log) as runtime:
            await runtime.publish(asked())
            await runtime.quiet()
            await late.wait()
            while not of_type(log, "action.completed"):
                await asyncio.sleep(0.001)

    asyncio.run(live())

    decisions, engine = recomputed(log, desk(None, timeout_seconds=0.05))
    assert [decision.type for decision in decisions] == [
        "pattern.matched", "action.requested", "action.timed_out", "action.dead_lettered",
    ]  # fmt: skip
    assert not of_type(log, "answered")
    assert not engine.actions.open


def test_a_timer_fires_when_it_is_due(log: SqliteLog) -> None:
    choreography = desk(None)
    choreography.sequence(
        sequence_id="pair", events=("knocked", "opened"), max_interval=0.05,
        action="answer", target_capability="clerk",
    )  # fmt: skip

    lived(choreography, log, NewEvent(stream="door", type="knocked", data={}))

    (timed_out,) = of_type(log, "sequence.timed_out")
    (fired,) = of_type(log, "timer.fired")
    assert timed_out.causation_id == fired.id


def test_events_with_times_that_are_long_past_have_the_same_time_for_their_answers(
    log: SqliteLog,
) -> None:
    async def agent(ctx: Any) -> None:
        await ctx.sleep(0.02)

    lived(
        desk(agent, timeout_seconds=20), log,
        *(NewEvent(stream="desk", type="asked", data={}, time_ns=LONG_AGO_NS + n * 3600 * SECOND)
          for n in range(3)),
    )  # fmt: skip

    assert len(of_type(log, "action.completed")) == 3
    assert not of_type(log, "action.timed_out")


def test_a_clock_that_is_behind_the_events_does_not_hold_timers_up(log: SqliteLog) -> None:
    async def agent(ctx: Any) -> None:
        await ctx.sleep(60)

    lived(
        desk(agent, timeout_seconds=0.05), log, asked(),
        clock=iter(range(LONG_AGO_NS, LONG_AGO_NS + 10**15, SECOND // 1000)).__next__,
    )  # fmt: skip

    assert len(of_type(log, "action.timed_out")) == 1


def test_what_another_process_appends_is_taken_in(log: SqliteLog) -> None:
    answered: list[str] = []

    async def agent(ctx: Any) -> None:
        answered.append(ctx.event.id)

    async def live() -> None:
        other = SqliteLog.open(log.path)
        async with Runtime(desk(agent), log) as runtime:
            await asyncio.to_thread(other.append, asked("from elsewhere"))
            while not answered:
                await asyncio.sleep(0.001)
            await runtime.quiet()
        other.close()

    asyncio.run(asyncio.wait_for(live(), 30))

    assert answered == ["from elsewhere"]


def test_two_runtimes_on_one_log_decide_once_even_if_they_act_twice(log: SqliteLog) -> None:
    async def agent(ctx: Any) -> None:
        await ctx.sleep(0.001 if ctx.attempt % 2 else 60)

    def rules() -> Choreography:
        return desk(agent, timeout_seconds=0.05, retry=Retry(attempts=9, base_seconds=0.001))

    async def live() -> None:
        other = SqliteLog.open(log.path)
        async with Runtime(rules(), log) as one, Runtime(rules(), other) as two:
            for number in range(20):
                await (one if number % 2 else two).publish(asked(f"q-{number}"))
            await asyncio.gather(one.quiet(), two.quiet())
        other.close()

    asyncio.run(asyncio.wait_for(live(), 30))

    decisions, engine = recomputed(log, rules())
    assert Counter(map(key, recorded(log))) == Counter(map(key, decisions))
    assert not engine.actions.open


def test_a_reducer_that_fails_leaves_what_agents_read_as_it_was(log: SqliteLog) -> None:
    seen: list[Any] = []

    async def agent(ctx: Any) -> None:
        seen.append((ctx.read("/desk/count"), ctx.read("/desk/mood")))

    choreography = desk(agent)

    @choreography.reducer("counted")
    def counted(state: dict[str, Any], event: Event) -> dict[str, Any]:
        state["count"] = state.get("count", 0) + event.data["by"]
        return state

    log.append(*(NewEvent(stream="desk", type="counted", data=d) for d in [{"by": 2}, {}]))
    lived(choreography, log, asked(mood="good"))

    assert seen == [(2, "good")]
    assert of_type(log, "action.completed")[0].metadata["reads"]["/desk/count"] == 1


def test_publishing_waits_while_there_is_too_much_to_do(log: SqliteLog) -> None:
    gate = asyncio.Event()

    async def agent(_: Any) -> None:
        await gate.wait()

    async def live() -> int:
        async with Runtime(desk(agent), log, capacity=5) as runtime:
            publishing = asyncio.create_task(publish(runtime))
            while not of_type(log, "action.started"):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.1)
            held_back = len(of_type(log, "asked"))
            gate.set()
            await publishing
            await runtime.quiet()
            return held_back

    async def publish(runtime: Runtime) -> None:
        for number in range(30):
            await runtime.publish(asked(f"q-{number}"))

    held_back = asyncio.run(asyncio.wait_for(live(), 30))

    assert held_back <= 10
    assert len(of_type(log, "action.completed")) == 30


def test_a_shutdown_lets_agents_end_and_begins_nothing_new(log: SqliteLog) -> None:
    async def agent(ctx: Any) -> None:
        await ctx.sleep(0.5)

    async def live() -> None:
        async with Runtime(desk(agent), log, partitions=1) as runtime:
            await runtime.publish(*(asked(f"q-{number}") for number in range(5)))
            while not of_type(log, "action.started"):
                await asyncio.sleep(0.001)

    asyncio.run(live())

    assert len(of_type(log, "action.started")) == len(of_type(log, "action.completed")) == 1
    decisions, _ = recomputed(log, desk(agent))
    assert list(map(key, recorded(log))) == list(map(key, decisions))


def test_after_a_shutdown_the_rest_is_done_and_what_was_cut_short_again_with_its_key(
    log: SqliteLog,
) -> None:
    keys: list[str] = []

    async def slow(ctx: Any) -> None:
        keys.append(ctx.key)
        await ctx.sleep(60)

    async def quick(ctx: Any) -> None:
        keys.append(ctx.key)

    async def live() -> None:
        async with Runtime(desk(slow), log, partitions=1, grace_seconds=0.01) as runtime:
            await runtime.publish(asked("a"), asked("b"))
            while not keys:
                await asyncio.sleep(0.001)

    asyncio.run(live())
    lived(desk(quick), log)

    assert len(keys) == 3
    assert keys[0] == keys[1]
    assert len(of_type(log, "action.completed")) == 2


def test_what_fell_due_while_nobody_ran_comes_before_the_work(log: SqliteLog) -> None:
    begun: list[int] = []

    async def agent(ctx: Any) -> None:
        begun.append(ctx.attempt)

    choreography = desk(agent, timeout_seconds=5, retry=Retry(attempts=2, base_seconds=0.001))
    log.append(
        NewEvent(stream="desk", type="asked", id="q", source="g", data={}, time_ns=LONG_AGO_NS)
    )
    log.append(*recomputed(log, choreography)[0])

    lived(choreography, log)

    assert begun == [2]
    assert len(of_type(log, "action.timed_out")) == 1


def test_other_rules_than_those_that_made_the_log_are_refused(log: SqliteLog) -> None:
    asyncio.run(run(log, 3, 1))
    head = log.head()
    changed = shop()
    changed.pattern(
        event_type="order_received", action="greet", target_capability="stock", priority=9
    )

    with pytest.raises(RulesDifferError, match=r"but these rules decide .*greet"):
        lived(changed, log)

    assert log.head() == head


def test_a_decision_that_nobody_can_read_is_another_one(log: SqliteLog) -> None:
    log.append(asked())
    decision = Engine(desk(None).plan).step(log.get(1))[0]
    log.append(replace(decision, data=JsonObject(f'{{"n":{"9" * 5000}}}')))

    with pytest.raises(RulesDifferError):
        lived(desk(None), log)


@pytest.mark.parametrize(("stream", "source"), [("$actions", "laban"), ("$timers", "clock")])
def test_events_in_the_engines_own_name_are_refused(
    log: SqliteLog, stream: str, source: str
) -> None:
    forged = NewEvent(stream=stream, type="action.requested", source=source, data={})

    with pytest.raises(InvalidEventError, match="engine's own"):
        lived(desk(None), log, forged)


def test_what_breaks_the_runtime_reaches_whoever_waits_for_it(log: SqliteLog) -> None:
    async def live() -> None:
        async with Runtime(desk(None), log) as runtime:
            log.append(NewEvent(stream="$actions", type="x", source="laban", data={}))
            await runtime.publish(asked())
            await runtime.quiet()

    with pytest.raises(RulesDifferError):
        asyncio.run(asyncio.wait_for(live(), 30))


def test_publishing_the_same_event_again_is_no_second_event(log: SqliteLog) -> None:
    lived(shop(), log, order(1), order(1))
    lived(shop(), log, order(1))

    assert len(of_type(log, "order_received")) == len(of_type(log, "shipped")) == 1
