"""An engine that runs for ever remembers a bounded part of what is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from msgspec import Struct

from laban.replay.choreography import (
    Choreography,
    RateLimit,
    SagaStep,
    actions,
    memory,
    scope,
    timers,
    waiting,
)
from laban.replay.choreography.engine import Engine
from laban.replay.choreography.plan import Plan
from laban.store.clock import SECOND
from laban.store.event import Event
from laban.store.jsontext import EMPTY

from .desk import NOON, Desk, only, types


def everything() -> Choreography:
    """Return a choreography that remembers in every way there is."""
    shop = Choreography("shop")
    shop.capability("till", agents=("a", "b"), balance="sticky", timeout_seconds=1e9)
    shop.capability("clerk", rate_limit=RateLimit(requests=9, per_seconds=1e6))
    asks = {"action": "act", "target_capability": "till"}
    shop.pattern(event_type="ordered", condition="len(correlated_events) > 0", **asks)
    shop.pattern(
        event_type="ordered", condition="len(recent_events) > 0",
        action="look", target_capability="till",
    )  # fmt: skip
    shop.sequence(sequence_id="s", events=("ordered", "paid"), **asks)
    shop.sequence(sequence_id="t", events=("ordered", "paid"), max_interval=1e9, **asks)
    shop.temporal_sequence(
        sequence_id="u", trigger_event="ordered", required_events=("paid",), time_window=1e9,
        **asks,
    )  # fmt: skip
    shop.threshold_pattern(event_type="paid", threshold=5, time_window=1e9, **asks)
    step = SagaStep(execute="act", target_capability="till")
    shop.saga(saga_id="saga", start_event="paid", steps=(step,))
    shop.deduplicate("ordered", keys=("n",), window_seconds=60)
    return shop


class World:
    """An engine, and a customer who orders, pays, and is served at once."""

    def __init__(self, choreography: Choreography) -> None:
        self.engine, self.position = Engine(choreography.plan), 0

    def serve(self, customers: Iterable[int]) -> None:
        for n in customers:
            for type in ("ordered", "paid"):
                self.tell(type, "outside", {"n": n}, f"order-{n}")
                while awaited := self.engine.actions.awaited():
                    for request in awaited:
                        answer = {request.id: {"attempt": request.attempt}}
                        self.tell("action.completed", request.agent, answer, request.correlation)

    def serve_quickly(self, customers: int) -> None:
        """Like serve, for customers who do not pay and whose one request is always the next."""
        for n in range(customers):
            self.tell("ordered", "outside", EMPTY, f"order-{n}")
            (request,) = self.engine.actions.open.values()
            self.tell("action.completed", request.agent, {request.id: {"attempt": 1}}, "")

    def tell(self, type: str, source: str, data: Mapping[str, Any], correlation: str) -> None:
        self.position += 1
        stream = "$actions" if type.startswith("action.") else correlation
        event = Event(
            stream=stream, type=type, id=str(self.position), source=source, data=data,
            time_ns=NOON + self.position * SECOND, correlation_id=correlation, causation_id=None,
            metadata=EMPTY, position=self.position, stream_position=0, recorded_at_ns=0, hash=b"",
        )  # fmt: skip
        self.engine.step(event)


def held(thing: object) -> int:
    """Return how many entries all containers within *thing* have, the plan left out."""
    seen: set[int] = set()
    todo, count = [thing], 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, (str, int, float, Plan)):
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            inner = [*one.keys(), *one.values()]
        elif isinstance(one, Struct):
            inner = [getattr(one, name) for name in one.__struct_fields__]
        elif isinstance(one, Iterable):
            inner = list(one)
        else:
            inner = list(getattr(one, "__dict__", {}).values())
        count += len(inner)
        todo += inner
    return count


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything that is bounded be bounded by a few."""
    for module, bound in (
        (scope, "KEPT"), (actions, "KEPT"), (waiting, "UNTIMED"), (timers, "SLACK"),
    ):  # fmt: skip
        monkeypatch.setattr(module, bound, 20)


@pytest.mark.usefixtures("small")
def test_what_is_over_is_forgotten_whatever_the_rules_are() -> None:
    world, sizes = World(everything()), []

    for hundred in range(12):
        world.serve(range(100 * hundred, 100 * hundred + 100))
        sizes.append(held(world))

    assert max(sizes[6:]) <= max(sizes[:6])


def test_200000_finished_correlations_leave_no_more_than_the_last_ones_behind() -> None:
    shop = Choreography("shop")
    shop.capability("till", agents=("a", "b"), balance="sticky", timeout_seconds=1e9)
    shop.pattern(
        event_type="ordered", condition="len(correlated_events) == 1",
        action="act", target_capability="till",
    )  # fmt: skip
    world = World(shop)

    world.serve_quickly(200_000)

    engine = world.engine
    assert len(engine.history.correlated) == memory.KEPT
    assert not engine.actions.open
    assert held(world) < 40 * memory.KEPT


@pytest.mark.usefixtures("small")
def test_a_sequence_that_nothing_ends_times_out_when_too_many_others_went_on_since() -> None:
    shop = Choreography("shop")
    shop.capability("clerk")
    shop.sequence(sequence_id="s", events=("a", "b", "c"), action="act", target_capability="clerk")
    desk = Desk(shop)
    for n in range(20):
        desk.happens("a", correlation=f"k{n}")
    desk.happens("b", correlation="k0")

    decisions = desk.happens("a", correlation="k20")

    assert [(d.type, d.correlation_id) for d in decisions] == [
        ("sequence.timed_out", "k1"), ("sequence.advanced", "k20"),
    ]  # fmt: skip
    assert decisions[0].metadata["removes"] == ["s/k1"]
    assert types(desk.happens("b", correlation="k1")) == []
    assert types(desk.happens("c", correlation="k0")) == ["sequence.completed", "action.requested"]


@pytest.mark.usefixtures("small")
def test_a_correlation_that_is_active_again_is_remembered_longer() -> None:
    shop = Choreography("shop")
    shop.capability("till", agents=("a", "b", "c"), balance="sticky")
    shop.pattern(event_type="ordered", action="act", target_capability="till")
    shop.pattern(
        event_type="seen", condition="len(correlated_events) > 1",
        action="tell", target_capability="till",
    )  # fmt: skip
    desk = Desk(shop)
    first = asked_of(desk, "k0")
    for n in range(1, 20):
        asked_of(desk, f"k{n}")
    asked_of(desk, "k0")

    asked_of(desk, "k20")

    assert types(desk.happens("seen", correlation="k1")) == []
    assert asked_of(desk, "k0") == first


def asked_of(desk: Desk, correlation: str) -> object:
    """Return the agent that an order of a correlation goes to."""
    return only(desk.happens("ordered", correlation=correlation), "action.requested")["agent"]


@pytest.mark.usefixtures("small")
def test_timers_that_were_cancelled_are_forgotten_long_before_they_would_be_due() -> None:
    set_ = timers.Timers()

    for n in range(1000):
        set_.set(10**18 + n, "deadline", str(n), "k")
        if n % 100:
            set_.cancel("deadline", str(n))

    assert held(set_) < 500
    assert [timer.subject for timer in set_.due(2 * 10**18)] == [str(100 * n) for n in range(10)]
    assert (due := set_.next()) is not None
    assert due.subject == "0"
