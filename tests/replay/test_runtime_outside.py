"""Agents in another process: asked through the log, answering through it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laban.replay.choreography import Choreography, ChoreographyError, Context, Retry
from laban.replay.choreography.decisions import is_decision
from laban.replay.recompute import recompute
from laban.replay.runtime import Outside, Runtime
from laban.replay.runtime.outside import NoRequestError
from laban.replay.simulation import Simulation, SimulationError
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .live_shop import key, recomputed, recorded

ROOT = Path(__file__).parents[2]
ORDERS = 60


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog.create(tmp_path / "shop.laban")
    yield made
    made.close()


def shop(**options: Any) -> Choreography:
    made = Choreography("shop")
    made.capability("till", agents=("till-1", "till-2"), outside=True, **options)
    made.pattern(event_type="ordered", action="charge", target_capability="till")
    return made


def order(number: int = 1) -> NewEvent:
    return NewEvent(
        stream=f"order-{number}", type="ordered", id=f"o-{number}", source="web",
        data={"amount": number},
    )  # fmt: skip


def of_type(log: SqliteLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == type]


async def until(log: SqliteLog, type: str, count: int) -> None:
    while len(of_type(log, type)) < count:
        await asyncio.sleep(0.005)


def started(log_path: Path, done: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.replay.outside_till", str(log_path), str(done)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def killed(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_an_agent_that_is_killed_and_started_again_answers_everything_once(
    log: SqliteLog, tmp_path: Path
) -> None:
    path, done = tmp_path / "shop.laban", tmp_path / "done"
    choreography = shop(retry=Retry(attempts=9, base_seconds=0.001))

    async def live() -> None:
        async with Runtime(choreography, log) as runtime:
            for number in range(ORDERS):
                await runtime.publish(order(number))
            for share in (1, 2, 3):
                process = started(path, done)
                await until(log, "paid", ORDERS * share // 4)
                killed(process)
            process = started(path, done)
            await runtime.quiet(60)
            killed(process)

    asyncio.run(asyncio.wait_for(live(), 60))

    decisions, engine = recomputed(log, choreography)
    assert list(map(key, recorded(log))) == list(map(key, decisions))
    assert not engine.actions.open
    assert sorted(e.stream for e in of_type(log, "paid")) == sorted(
        f"order-{number}" for number in range(ORDERS)
    )
    assert of_type(log, "event.dead_lettered") == []
    begun = Counter(event.id for event in of_type(log, "action.started"))
    keys = Counter(done.read_text().split())
    assert {f"{key}/started" for key in keys} == begun.keys()
    assert len(keys) <= sum(keys.values()) <= len(keys) + 3  # again what was killed, no more


def test_what_was_asked_waits_in_the_log_through_any_number_of_restarts(log: SqliteLog) -> None:
    async def live(*orders: NewEvent) -> None:
        async with Runtime(shop(), log) as runtime:
            await runtime.publish(*orders)
            await until(log, "action.requested", 2)

    asyncio.run(live(order(1), order(2)))
    asyncio.run(live())
    till = Outside(log, "till-1", "till-2")
    for attempt in till.requests(timeout=0):
        till.answer(attempt, attempt.ended({"key": attempt.key}))

    async def finish() -> None:
        async with Runtime(shop(), log) as runtime:
            await runtime.quiet()

    asyncio.run(finish())
    assert [event.type for event in log.read() if event.source.startswith("till")] == [
        "action.started", "action.completed", "action.started", "action.completed",
    ]  # fmt: skip
    assert recompute(log, shop()).mismatches == []


def test_publishing_waits_while_too_much_is_left_unanswered(log: SqliteLog) -> None:
    async def live() -> None:
        async with Runtime(shop(), log, capacity=3) as runtime:
            for number in range(3):
                await runtime.publish(order(number))
            await until(log, "action.requested", 3)
            more = asyncio.create_task(runtime.publish(order(4)))
            await asyncio.sleep(0.1)
            assert not more.done()
            till = Outside(log, "till-1")
            attempt = next(till.requests())
            till.answer(attempt, attempt.ended(None))
            await more

    asyncio.run(asyncio.wait_for(live(), 30))


def test_a_deadline_and_a_retry_go_to_an_agent_outside_as_to_any(log: SqliteLog) -> None:
    choreography = shop(timeout_seconds=0.01, retry=Retry(attempts=2, base_seconds=0))

    async def live() -> None:
        async with Runtime(choreography, log) as runtime:
            await runtime.publish(order())
            await runtime.quiet(60)

    asyncio.run(asyncio.wait_for(live(), 30))

    assert [event.type for event in log.read() if is_decision(event)] == [
        "pattern.matched", "action.requested", "action.timed_out", "action.retried",
        "action.requested", "action.timed_out", "action.dead_lettered",
    ]  # fmt: skip
    assert list(Outside(log, "till-1", "till-2").requests(timeout=0)) == []


def asked(log: SqliteLog, **options: Any) -> None:
    """Record an order and what is asked for it, and nothing more."""
    simulation = Simulation(shop(**options), log, outside={"till": endless})
    simulation.publish(0, "ordered", {"amount": 7}, stream="order-1", source="web")
    simulation.run(60)


async def endless(ctx: Context) -> None:
    await ctx.sleep(1e6)


def test_a_request_gives_the_agent_all_that_an_agent_inside_gets(log: SqliteLog) -> None:
    asked(log)

    (request,) = of_type(log, "action.requested")
    attempt = Outside(log, "till-1").attempt(request)

    assert (attempt.action, attempt.event, attempt.attempt) == ("charge", log.get(1), 1)
    assert attempt.read("/order-1/amount") == 7
    attempt.publish("paid", {})
    paid, answer = attempt.ended({"n": 1})
    inside = of_type(log, "action.started")[0]
    assert (answer.stream, answer.source) == (inside.stream, inside.source)
    assert (answer.correlation_id, answer.causation_id) == (
        inside.correlation_id, inside.causation_id,
    )  # fmt: skip
    assert (paid.stream, paid.source, paid.causation_id) == ("order-1", "till-1", request.id)
    assert inside.id == attempt.started().id


def test_an_answer_that_comes_too_late_publishes_nothing(log: SqliteLog) -> None:
    asked(log)
    slow, fast = Outside(log, "till-1"), Outside(log, "till-1")
    late, attempt = (next(till.requests()) for till in (slow, fast))
    fast.answer(attempt, attempt.failed(ValueError("no")))

    late.publish("paid", {})
    slow.answer(late, late.ended(None))

    assert of_type(log, "paid") == []
    assert len(of_type(log, "action.completed")) == 1


def test_an_agent_outside_is_given_its_own_requests_only(log: SqliteLog) -> None:
    asked(log)

    assert list(Outside(log, "till-2").requests(timeout=0)) == []


def test_an_impostor_does_not_keep_the_agent_from_its_work(log: SqliteLog) -> None:
    asked(log)
    ((id, _),) = of_type(log, "action.requested")[0].data.items()
    forged = {id: {"attempt": 1, "status": "completed"}}
    log.append(NewEvent(stream="$actions", type="action.completed", source="mallory", data=forged))

    assert len(list(Outside(log, "till-1").requests(timeout=0))) == 1


def test_what_is_no_request_is_refused(log: SqliteLog) -> None:
    log.append(order())

    with pytest.raises(NoRequestError, match="@1 asks no agent outside for anything"):
        Outside(log, "till-1").attempt(log.get(1))


def test_a_function_for_a_capability_outside_is_an_error() -> None:
    choreography = shop()

    @choreography.agent("till")
    async def charge(_ctx: Context) -> None:
        """Nothing."""

    with pytest.raises(ChoreographyError, match="'till' is declared outside, and a function is"):
        _ = choreography.plan


def test_a_simulation_is_told_who_plays_the_agents_outside() -> None:
    with pytest.raises(SimulationError, match="'till': give one as outside="):
        Simulation(shop(), MemoryLog())


def test_the_command_line_misses_no_function_for_agents_outside(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("capabilities: [{name: till, outside: true}, {name: desk}]")

    ran = subprocess.run(
        [sys.executable, "-m", "laban", "run", tmp_path / "shop.yaml", "-o", tmp_path / "s.laban"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "No function carries out desk:" in ran.stderr
