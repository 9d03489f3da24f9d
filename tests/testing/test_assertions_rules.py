"""assert_never, assert_decision, assert_replays: what rules and expressions say."""

from __future__ import annotations

import pytest

from laban.fixtures import credit
from laban.store.errors import LabanError
from laban.store.memory import MemoryLog
from laban.testing import (
    assert_decision,
    assert_never,
    assert_replays,
)

from .told import ORDER, WRONG, failure, shop


def test_what_never_holds_passes_and_what_is_undefined_does_not_hold() -> None:
    assert_never(ORDER, "data['status'] == 'lost'")
    assert_never(ORDER, "state['order-18']['status'] == 'paid'", choreography=shop())


def test_the_first_event_after_which_it_holds_is_told_with_its_stale_read(bank: MemoryLog) -> None:
    lines = failure(assert_never, bank, WRONG, choreography=credit.bank)

    assert lines == [
        "After @276 decision_made this holds, and never should:",
        "  type == 'decision_made' and data['approved'] !=",
        "  (state[stream]['score'] >= 640)",
        "",
        '    @276  decision  decision_made  {"approved":false}',
        "        having read /applicant-04/rating as written by @266",
        "  ← @269  laban  action.requested  decide → decision",
        '  ← @266  risk-assessment  risk_rated  {"rating":"high"}',
        "        having read /applicant-04/score as written by @59",
        "          though @117 score_corrected had written it anew",
        "  ← @263  laban  action.requested  rate_risk → risk-assessment",
        '  ← @260  intake  income_verified  {"income":4300}',
        "  ← @226  laban  action.requested  verify_income → intake",
        "     … 1 more …",
        "  ← @75  laban  action.requested  ask_for_papers → intake",
        '  ← @72  risk-assessment  risk_screened  {"check":"full"}',
        "        having read /applicant-04/score as written by @59",
        "  ← @64  laban  action.requested  screen → risk-assessment",
        '  ← @59  credit-score  score_reported  {"score":565,"bureau":"answered"}',
        "  ← @57  laban  action.requested  report_score → credit-score",
        '  ← @55  intake  application_received  {"name":"Priya Silva","amount":2…',
    ]


def test_an_expression_sees_the_state_before_and_the_past() -> None:
    lines = failure(
        assert_never, ORDER,
        "before['order-17']['status'] == 'placed' and len(recent_events) == 2 and event_count == 2",
    )  # fmt: skip

    assert lines[0] == "After @2 paid this holds, and never should:"


def test_a_decision_that_is_made_passes_by_its_action_or_its_type() -> None:
    rules = shop("True")

    assert_decision(ORDER, "pack", "#e2", choreography=rules)
    assert_decision(ORDER, "pack", choreography=rules)
    assert_decision(ORDER, "pattern.matched", 2, choreography=rules)


def test_a_missing_decision_is_told_with_the_condition_that_was_not_met() -> None:
    assert failure(assert_decision, ORDER, "pack", "#e2", choreography=shop()) == [
        "pack is not decided on @2 paid.",
        "  nothing is decided on it",
        "  rule paid→pack waits for paid",
        "    its condition is false here:",
        "    data.get('count', 0) > 1",
        "",
        '    @2  till  paid  {"status":"paid","count":1}',
        '  ← @1  shop  placed  {"status":"placed","lines":[{"sku":"globe","count…',
    ]


def test_a_condition_without_a_value_and_an_action_that_no_rule_knows_are_told() -> None:
    undefined = failure(assert_decision, ORDER, "pack", "#e2", choreography=shop("data['x'] > 1"))
    unknown = failure(assert_decision, ORDER, "packs", "#e2", choreography=shop("True"))

    assert "    its condition is undefined here:" in undefined
    assert unknown[1:4] == [
        "  decided  laban  pattern.matched  paid→pack",
        "  decided  laban  action.requested  pack → packer",
        "  no rule asks for packs. Did you mean 'pack'?",
    ]


def test_a_decision_on_an_event_that_does_not_happen_any_more_is_told(bank: MemoryLog) -> None:
    rules = credit.Bank({}).choreography()
    rules.rules = [r for r in rules.rules if getattr(r, "action", "") != "rate_risk"]

    lines = failure(assert_decision, bank, "decide", "@266", choreography=rules)

    assert lines[0] == "decide is not decided on @266 risk_rated: that does not happen any more."
    assert lines[-1] == '    @266  risk-assessment  risk_rated  {"rating":"high"}'


def test_the_rules_that_made_a_log_replay_it(bank: MemoryLog) -> None:
    assert_replays(bank, credit.bank)


def test_a_decision_that_is_made_otherwise_is_told_by_what_differs(bank: MemoryLog) -> None:
    rules = credit.Bank({}).choreography()
    rules.rules = [r for r in rules.rules if getattr(r, "name", "") != "risk-assessment"]
    rules.capability("risk-assessment", timeout_seconds=60)

    lines = failure(assert_replays, bank, rules)

    assert lines[0].endswith(" decisions are not made as recorded; the first:")
    assert lines[1] == "  @11 action.requested by score_reported→screen, decided on @6"
    assert lines[2].startswith("  /data/")
    assert lines[2].endswith("/deadline_ns")
    assert lines[3] == "  recorded  nothing"
    assert lines[4].startswith("  now       17")


def test_a_decision_that_is_new_or_gone_is_told(bank: MemoryLog) -> None:
    fewer, more = credit.Bank({}).choreography(), credit.Bank({}).choreography()
    fewer.rules = [r for r in fewer.rules if getattr(r, "action", "") != "decide"]
    more.pattern(event_type="risk_rated", action="audit", target_capability="decision")

    gone = failure(assert_replays, bank, fewer)
    new = failure(assert_replays, bank, more)

    assert gone[2:4] == ["  recorded  made", "  now       nothing"]
    assert new[2:4] == ["  recorded  nothing", "  now       made"]


def test_a_log_without_decisions_is_refused_for_it_would_pass_whatever_the_rules() -> None:
    with pytest.raises(LabanError, match="holds no decision that could be compared"):
        assert_replays(ORDER, shop())


# What they take
