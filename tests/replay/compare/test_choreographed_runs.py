"""Two runs of one choreography: clocks, ids and transactions in any order, and the same."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

from laban.replay.choreography import Choreography
from laban.replay.compare import compare
from laban.replay.simulation import START_NS, Simulation
from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.memory import MemoryLog

desk = Choreography("desk")
desk.capability("clerk", timeout_seconds=30)
desk.pattern(event_type="asked", action="answer", target_capability="clerk")


@desk.agent("clerk")
async def answer(ctx: Any) -> dict[str, Any]:
    await ctx.sleep(Random(ctx.key).uniform(0.1, 20))
    ctx.publish("answered", {"text": ctx.read(f"/{ctx.event.stream}/question")})
    return {"words": 3}


def run(seed: int, questions: dict[str, str]) -> Timeline:
    """Ask all *questions* in any order, at any time, with random ids."""
    random, log = Random(seed), MemoryLog()
    days = Simulation(desk, log, seed=seed, start_ns=START_NS + seed * SECOND, partitions=8)
    names = list(questions)
    random.shuffle(names)
    for name in names:
        id = str(UUID(int=random.getrandbits(128), version=4))
        days.publish(
            random.random(), "asked", {"question": questions[name]},
            stream=name, id=id, correlation_id=name,
        )  # fmt: skip
    days.run()
    return Timeline.open(log)


QUESTIONS = {f"call-{n}": f"why {n}?" for n in range(12)}


def test_two_runs_of_the_same_questions_show_no_divergence() -> None:
    assert compare(run(1, QUESTIONS), run(2, QUESTIONS)).identical


def test_another_question_is_the_only_root_and_what_it_led_to_is_downstream() -> None:
    first = run(1, QUESTIONS)

    answer = compare(first, run(2, {**QUESTIONS, "call-5": "where?"}))

    caused = first.log.correlated("call-5")
    assert [(root.stream, root.stream_position) for root in answer.roots] == [("call-5", 0)]
    assert answer.downstream == len(caused) - 1 > 3
