"""Who may register rules, answer for an agent, and write the engine's own streams."""

from __future__ import annotations

from typing import Any

import pytest

from laban.replay.choreography import Choreography, ChoreographyError, SagaStep
from laban.replay.choreography.loading import parse_yaml, to_yaml

from .desk import Desk, asked

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

    assert choreography.plan


@reactions
def test_the_choreography_itself_registers_what_it_likes(kind: str) -> None:
    choreography = registered(kind, None)
    choreography.allow("partner", patterns=("c",))

    assert choreography.plan


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
