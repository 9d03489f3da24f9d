"""Who may register rules, answer for an agent, and write the engine's own streams."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from laban.replay.choreography import Choreography, ChoreographyError, Retry, SagaStep
from laban.replay.choreography.decisions import OWN_STREAMS
from laban.replay.choreography.engine import timer_event
from laban.replay.choreography.loading import parse_yaml, to_yaml
from laban.replay.recompute import recompute
from laban.store.event import NewEvent

from .desk import Desk, asked, only, types

TARGET = {"action": "act", "target_capability": "clerk"}
REACTIONS: dict[str, dict[str, Any]] = {
    "pattern": {"event_type": "b", **TARGET},
    "sequence": {"sequence_id": "s", "events": ("a", "b"), **TARGET},
    "temporal_sequence": {
        "sequence_id": "t",
        "trigger_event": "a",
        "required_events": ("b",),
        "time_window": 1,
        **TARGET,
    },
    "threshold_pattern": {"event_type": "b", "threshold": 2, "time_window": 1, **TARGET},
    "state_transition": {"event_type": "b", "condition": "True", **TARGET},
    "saga": {
        "saga_id": "s",
        "start_event": "b",
        "steps": (SagaStep(execute="act", target_capability="clerk"),),
    },
}
reactions = pytest.mark.parametrize("kind", REACTIONS)


def registered(kind: str, source: str | None) -> Choreography:
    choreography = Choreography("shop")
    choreography.capability("clerk")
    getattr(choreography, kind)(registered_by=source, **REACTIONS[kind])
    return choreography


@reactions
def test_a_source_registers_no_rule_for_a_type_that_it_was_not_allowed(kind: str) -> None:
    choreography = registered(kind, "partner")
    choreography.allow("partner", "b", patterns=("a", "c"))
    choreography.allow("other", patterns=("a", "b"))

    with pytest.raises(
        ChoreographyError,
        match=r"^Rule '.+': 'partner' may not register what reacts to 'b' \(it may for: a, c\): "
        r"name that type in the patterns of its authorisation, or leave the rule out\.$",
    ):
        _ = choreography.plan


@reactions
def test_a_source_without_any_authorisation_registers_nothing(kind: str) -> None:
    with pytest.raises(ChoreographyError, match=r"\(it may for: none\)"):
        _ = registered(kind, "partner").plan


@reactions
def test_a_source_registers_rules_for_the_types_that_it_was_allowed(kind: str) -> None:
    choreography = registered(kind, "partner")
    choreography.allow("partner", patterns=("a",))
    choreography.allow("partner", patterns=("b",))

    assert choreography.plan.name == "shop"


@reactions
def test_the_choreography_itself_registers_what_it_likes(kind: str) -> None:
    choreography = registered(kind, None)
    choreography.allow("partner", patterns=("c",))

    assert choreography.plan.name == "shop"


def test_a_refused_rule_can_be_allowed_afterwards() -> None:
    choreography = registered("pattern", "partner")
    with pytest.raises(ChoreographyError):
        _ = choreography.plan
    choreography.allow("partner", patterns=("b",))
    choreography.allow("outside", "b")

    assert asked(Desk(choreography).happens("b")) == ["act"]


YAML = """\
name: shop
capabilities:
- name: clerk
patterns:
- registered_by: partner
  event_type: ordered
  action: act
  target_capability: clerk
authorisation:
- source: partner
  patterns:
  - {type}
"""


def test_yaml_says_who_registered_a_rule_and_who_may() -> None:
    text = YAML.format(type="ordered")

    choreography = parse_yaml(text, "shop.yaml")

    assert choreography.plan.patterns["ordered"][0].registered_by == "partner"
    assert to_yaml(choreography) == text
    with pytest.raises(ChoreographyError, match="'partner' may not register"):
        _ = parse_yaml(YAML.format(type="paid"), "shop.yaml").plan


def tills() -> Desk:
    """A desk where each `ordered` is sent to the first of two tills, that may try twice."""
    choreography = Choreography("shop")
    choreography.capability("till", agents=("till-1", "till-2"), retry=Retry(base_seconds=1))
    choreography.pattern(event_type="ordered", action="pay", target_capability="till")
    return Desk(choreography)


def answer(desk: Desk, request: str, source: str, what: str = "completed") -> list[NewEvent]:
    about = {request: {"attempt": 1, "status": what, "reason": "no"}}
    return desk.happens(f"action.{what}", about, stream="$actions", source=source)


@pytest.mark.parametrize("what", ["started", "completed", "failed"])
def test_who_answers_for_another_is_told_and_not_obeyed(what: str) -> None:
    desk = tills()
    desk.happens("ordered")
    (request,) = desk.awaited

    decisions = answer(desk, request, "till-2", what)

    assert only(decisions, "event.dead_lettered") == {"reason": "till-2 may not answer for till-1"}
    assert desk.awaited == [request]
    answer(desk, request, "till-1")
    assert desk.awaited == []


def test_a_stranger_is_told_whatever_he_answers() -> None:
    decisions = answer(tills(), "nobody asked", "mallory")

    reason = "mallory may not write action.completed to $actions"
    assert only(decisions, "event.dead_lettered") == {"reason": reason}


def test_a_late_answer_of_an_agent_is_ignored_even_when_another_was_asked_meanwhile() -> None:
    desk = tills()
    desk.happens("ordered")
    (request,) = desk.awaited
    desk.failed(request)
    desk.wait(1)

    assert answer(desk, request, "till-1") == []
    assert desk.engine.actions.open[request].agent == "till-2"


def test_one_event_answers_what_its_source_was_asked_and_nothing_else() -> None:
    desk = tills()
    desk.happens("ordered")
    desk.happens("ordered")
    mine, yours = desk.awaited
    both = {yours: {"attempt": 1}, mine: {"attempt": 1}}

    decisions = desk.happens("action.completed", both, stream="$actions", source="till-1")

    assert types(decisions) == ["event.dead_lettered"]
    assert desk.awaited == [yours]


@pytest.mark.parametrize("stream", sorted(OWN_STREAMS))
@pytest.mark.parametrize("type", ["ordered", "timer.fired", "action.requested"])
def test_nobody_else_writes_to_the_streams_of_the_engine(stream: str, type: str) -> None:
    desk = tills()

    decisions = desk.happens(type, stream=stream, source="till-1")

    reason = f"till-1 may not write {type} to {stream}"
    assert only(decisions, "event.dead_lettered") == {"reason": reason}
    assert desk.awaited == []


def test_only_the_clock_fires_timers() -> None:
    desk = tills()
    desk.happens("ordered")
    (request,) = desk.awaited
    desk.failed(request)
    timer = desk.engine.timers.next()
    assert timer is not None
    forged = replace(timer_event(timer, timer.due_ns), source="till-1", id="forged")

    decisions = desk.take(forged)

    assert types(decisions) == ["event.dead_lettered"]
    assert types(desk.take(timer_event(timer, timer.due_ns))) == ["action.requested"]


@pytest.mark.parametrize("name", ["laban", "clock"])
def test_no_agent_has_the_name_of_the_engine_or_the_clock(name: str) -> None:
    choreography = Choreography("shop")
    choreography.capability("till", agents=("till-1", name))

    with pytest.raises(ChoreographyError, match=f"No agent may be called '{name}'"):
        _ = choreography.plan


def test_under_other_rules_the_answer_of_whoever_was_asked_counts() -> None:
    desk = tills()
    desk.happens("ordered")
    answer(desk, desk.awaited[0], "till-1")
    desk.happens("ordered")
    changed = Choreography("shop")
    changed.capability("till", agents=("till-9",))
    changed.pattern(event_type="ordered", action="pay", target_capability="till")

    differing = recompute(desk.log, changed).differences

    assert [(d.kind, d.expected, d.decisions) for d in differing] == [
        ("different", ("ordered→pay", "action.requested"), 2)
    ]


@pytest.mark.parametrize(
    ("stream", "type"),
    [("order-1", "ordered"), ("$timers", "timer.fired"), ("$actions", "action.completed")],
)
def test_who_may_say_nothing_does_not_move_the_clock_either(stream: str, type: str) -> None:
    choreography = Choreography("shop")
    choreography.capability("till", timeout_seconds=60)
    choreography.pattern(event_type="ordered", action="pay", target_capability="till")
    choreography.allow("outside", "ordered")
    desk = Desk(choreography)
    desk.happens("ordered")
    now = desk.engine.now_ns
    far = NewEvent(stream=stream, type=type, source="mallory", data={}, time_ns=2**63 - 1)

    (decision,) = desk.take(far)

    assert decision.type == "event.dead_lettered"
    assert decision.time_ns == desk.engine.now_ns == now


def test_without_a_rule_that_asked_them_agents_are_no_strangers() -> None:
    desk = tills()
    desk.happens("ordered")
    answer(desk, desk.awaited[0], "till-1")
    desk.happens("ordered")

    differing = recompute(desk.log, Choreography("empty")).differences

    assert {d.kind for d in differing} == {"extra"}
    assert {d.expected for d in differing} == {
        ("ordered→pay", "pattern.matched"), ("ordered→pay", "action.requested"),
    }  # fmt: skip
