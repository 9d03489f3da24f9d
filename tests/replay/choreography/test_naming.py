"""No two rules are known by one name, and a rule that stands alone keeps its own."""

from __future__ import annotations

import pytest

from laban.replay.check import check
from laban.replay.choreography import Choreography, ChoreographyError, SagaStep
from laban.replay.choreography.loading import parse_yaml, to_yaml
from laban.replay.recompute import recompute
from laban.replay.stats import measure
from laban.store.event import NewEvent

from .desk import Desk


def desk(*conditions: str) -> Choreography:
    made = Choreography("desk")
    made.capability("clerk")
    for condition in conditions:
        made.pattern(
            event_type="asked", condition=condition, action="answer", target_capability="clerk"
        )
    return made


def rules_of(decisions: list[NewEvent]) -> set[str]:
    return {str(decision.metadata["rule"]) for decision in decisions}


def counting(*windows: float) -> Choreography:
    made = Choreography("door")
    made.capability("guard")
    for window in windows:
        made.threshold_pattern(
            event_type="knocked", threshold=2, time_window=window, action="open",
            target_capability="guard",
        )  # fmt: skip
    return made


def test_patterns_that_share_a_name_are_numbered_as_they_were_declared() -> None:
    made = desk("data['n'] == 1", "data['n'] == 2", "data['n'] == 3")

    fired = [rules_of(Desk(made).happens("asked", {"n": number})) for number in (1, 2, 3)]

    assert fired == [{"asked→answer"}, {"asked→answer#2"}, {"asked→answer#3"}]


def test_the_order_of_declaration_counts_and_not_the_priority() -> None:
    made = desk("True")
    made.pattern(event_type="asked", action="answer", target_capability="clerk", priority=9)

    decided = Desk(made).happens("asked")

    assert [d.metadata["rule"] for d in decided if d.type == "pattern.matched"] == [
        "asked→answer#2",
        "asked→answer",
    ]


def test_a_name_that_one_rule_has_alone_is_no_other_ones_number() -> None:
    made = desk("False", "True")
    made.pattern(event_type="asked", action="answer#2", target_capability="clerk")

    assert rules_of(Desk(made).happens("asked")) == {"asked→answer#2", "asked→answer#3"}


def test_thresholds_of_one_name_and_even_alike_count_each_for_itself() -> None:
    stage = Desk(counting(10, 100, 100))

    first = stage.happens("knocked")
    stage.wait(60)
    second = stage.happens("knocked")

    assert rules_of(first) == set()
    assert rules_of(second) == {"2×knocked→open#2", "2×knocked→open#3"}


def test_rules_of_one_name_are_measured_and_checked_apart() -> None:
    made = desk("True", "data['n'] == 2")
    stage = Desk(made)
    stage.happens("asked", {"n": 1})

    measured = measure(stage.log).rules
    silent = [flaw.rule for flaw in check(stage.log, made) if flaw.kind == "rule never fired"]

    assert {name: rule.triggers for name, rule in measured.items()} == {"asked→answer": 1}
    assert silent == ["asked→answer#2"]


def test_what_rules_of_one_name_decided_is_decided_again_alike_from_yaml_too() -> None:
    made = desk("True", "data['n'] == 2", "data['n'] > 0")
    stage = Desk(made)
    stage.happens("asked", {"n": 1})
    stage.happens("asked", {"n": 2})

    again = recompute(stage.log, parse_yaml(to_yaml(made), "desk.yaml"))

    assert again.decisions == 10
    assert again.mismatches == []


def test_a_name_that_is_one_rules_own_leaves_the_fingerprint_that_old_logs_hold() -> None:
    recorded = "f48040380c8f9cf688ada4689d3f57b28d268cb148fc750f0291051b8bb2cf6d"

    assert desk("True").plan.fingerprint == recorded


def test_a_sequence_called_like_a_saga_is_refused_for_its_name_was_chosen() -> None:
    made = desk()
    made.sequence(sequence_id="refund", events=("asked",), action="a", target_capability="clerk")
    made.saga(
        saga_id="refund",
        start_event="asked",
        steps=(SagaStep(execute="a", target_capability="clerk"),),
    )

    with pytest.raises(ChoreographyError, match="Two rules are called 'refund': give the Saga"):
        _ = made.plan
