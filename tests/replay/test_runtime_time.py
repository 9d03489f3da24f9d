"""When the timers of a live runtime fire."""

from __future__ import annotations

from typing import Any

from laban.replay.choreography import Retry
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

from .live_desk import asked, desk, lived, of_type
from .live_shop import LONG_AGO_NS, recomputed


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
