"""What becomes of what an agent does: its answers, its failures, and what it read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from laban.replay.choreography import ActionFailed, Retry
from laban.replay.runtime import Runtime
from laban.store.event import Event, NewEvent
from laban.store.sqlite import SqliteLog

from .live_desk import asked, desk, lived, of_type, reasons
from .live_shop import recomputed


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


@pytest.mark.parametrize("published", [True, False])
def test_half_a_character_fails_the_attempt_with_a_reason_that_says_so(
    log: SqliteLog, published: bool
) -> None:
    async def agent(ctx: Any) -> dict[str, str] | None:
        if published:
            ctx.publish("answered", {"text": "\ud83d"})
            return None
        return {"text": "\ud83d"}

    lived(desk(agent), log, asked())

    (reason,) = reasons(log)
    assert "holds half a character, \\ud83d" in reason


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
