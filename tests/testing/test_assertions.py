"""Assertions: silent where all is well, and otherwise the first thing that is wrong and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from laban.fixtures import credit
from laban.replay.choreography import Choreography
from laban.replay.rehearsal import unplaced
from laban.store.errors import LabanError
from laban.store.event import event_line
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from laban.store.terminal import cells
from laban.testing import (
    MISSING,
    assert_decision,
    assert_never,
    assert_no_divergence,
    assert_replays,
    assert_state,
    replayed,
)
from laban.testing.inputs import recorded

WRONG = credit.WRONG
ORDER: list[dict[str, Any]] = [
    {"id": "e1", "stream": "order-17", "type": "placed", "source": "shop",
     "data": {"status": "placed", "lines": [{"sku": "globe", "count": 1}], "odd/~": None}},
    {"id": "e2", "stream": "order-17", "type": "paid", "source": "till", "causation_id": "e1",
     "data": {"status": "paid", "count": 1}},
    {"id": "e3", "stream": "order-18", "type": "placed", "source": "shop", "data": {}},
]  # fmt: skip


@pytest.fixture(scope="module")
def bank() -> MemoryLog:
    log = MemoryLog()
    credit.record(log)
    return log


def failure(check: Callable[..., None], *args: Any, **options: Any) -> list[str]:
    """Return the lines of the failure, none too wide for a terminal of 80 columns."""
    with pytest.raises(AssertionError) as caught:
        check(*args, **options)
    lines = str(caught.value).splitlines()
    assert max(map(cells, lines)) <= 72
    assert [line for line in lines if not line.isprintable()] == []
    return lines


def shop(condition: str = "data.get('count', 0) > 1") -> Choreography:
    rules = Choreography("shop")
    rules.capability("packer")
    rules.pattern(event_type="paid", condition=condition, action="pack", target_capability="packer")
    return rules


# assert_state


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/order-17/status", "paid"),
        ("/order-17/lines/0/sku", "globe"),
        ("/order-17/odd~1~0", None),
        ("/order-17/nothing", MISSING),
        ("/order-18", {}),
        ("/order-19", MISSING),
        ("", {"order-18": {}, "order-17": {
            "odd/~": None, "count": 1, "status": "paid", "lines": [{"count": 1, "sku": "globe"}]
        }}),
    ],
)  # fmt: skip
def test_a_state_that_is_as_expected_passes(pointer: str, expected: Any) -> None:
    assert_state(ORDER, pointer, expected)


def test_a_wrong_value_is_told_with_the_event_that_made_it_so_and_its_causes() -> None:
    assert failure(assert_state, ORDER, "/order-17/status", "shipped") == [
        '/order-17/status is "paid", expected "shipped".',
        "",
        '    @2  till  paid  {"status":"paid","count":1}',
        '  ← @1  shop  placed  {"status":"placed","lines":[{"sku":"globe","count…',
    ]


def test_of_a_large_value_the_first_part_that_differs_is_told_and_how_many_more_do() -> None:
    expected = {"status": "paid", "count": 2, "lines": [{"sku": "globe", "count": 2}]}

    lines = failure(assert_state, ORDER, "/order-17", expected)

    assert lines[:3] == [
        "/order-17/count is 1, expected 2.",
        "  and 2 more of its parts differ",
        "",
    ]


@pytest.mark.parametrize(("expected", "told"), [(True, "true"), (1.0, "1.0"), ("1", '"1"')])
def test_a_true_a_float_and_a_text_are_no_one(expected: Any, told: str) -> None:
    lines = failure(assert_state, ORDER, "/order-17/count", expected)

    assert lines[0] == f"/order-17/count is 1, expected {told}."


def test_of_long_texts_the_place_is_shown_where_they_part() -> None:
    words = "word " * 40
    events = [{"stream": "s", "type": "t", "data": {"text": f"{words}end"}}]

    assert failure(assert_state, events, "/s/text", f"{words}END")[:3] == [
        "/s/text is not as expected.",
        '  expected  …ord word word word word END"',
        '  actual    …ord word word word word end"',
    ]


def test_a_path_that_nothing_wrote_is_told_with_the_nearest() -> None:
    assert failure(assert_state, ORDER, "/oder-17/status", "paid") == [
        '/oder-17/status is nothing, expected "paid".',
        "  the state has no 'oder-17'. Did you mean 'order-17'?",
    ]


def test_what_should_not_be_there_is_told_with_who_wrote_it() -> None:
    lines = failure(assert_state, ORDER, "/order-17/count", MISSING)

    assert lines[0] == "/order-17/count is 1, expected nothing."
    assert lines[2].startswith("    @2  till  paid")


def test_the_state_of_an_empty_log_is_nothing_at_all() -> None:
    assert_state([], "", {})
    assert failure(assert_state, [], "", []) == ["the state is {}, expected []."]


def test_a_removed_value_is_told_with_who_removed_it() -> None:
    removal = {"stream": "order-17", "type": "reset", "metadata": {"removes": ["status"]}}

    lines = failure(assert_state, [*ORDER, removal], "/order-17/status", "paid")

    assert lines[0] == '/order-17/status is nothing, expected "paid".'
    assert lines[2] == "    @4  unknown  reset  {}"


def test_at_is_an_address_in_the_recorded_log() -> None:
    for at in (1, "@1", "order-17@0", "#e1"):
        assert_state(ORDER, "/order-17/status", "placed", at=at)


def test_the_reducers_of_the_choreography_make_the_state() -> None:
    rules = shop()

    @rules.reducer("paid")
    def paid(order: dict[str, Any], event: Any) -> dict[str, Any]:
        return {**order, "settled": event.data["status"] == "paid"}

    assert_state(ORDER, "/order-17/settled", True, choreography=rules)
    assert_state(ORDER, "/order-17/status", "placed", choreography=rules)


def test_a_value_that_does_not_come_to_be_under_these_rules_names_what_is_left_out(
    bank: MemoryLog,
) -> None:
    rules = credit.Bank({}).choreography()
    rules.rules = [r for r in rules.rules if getattr(r, "action", "") != "decide"]

    lines = failure(assert_state, bank, "/applicant-04/approved", True, choreography=rules)

    assert lines[:3] == [
        "/applicant-04/approved is nothing, expected true.",
        "  /applicant-04 has no 'approved'.",
        "",
    ]
    assert lines[3].endswith(" recorded events do not happen, such as")
    assert lines[4:] == ['    @276  decision  decision_made  {"approved":false}']


# assert_never


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


# assert_decision


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


# assert_replays


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


def test_a_log_may_be_a_path_to_either_kind_of_file_a_log_or_events(tmp_path: Path) -> None:
    file = SqliteLog.create(tmp_path / "a.laban")
    memory = MemoryLog()
    for log in (file, memory):
        log.append(*map(unplaced, recorded(ORDER).read()))
    (tmp_path / "a.jsonl").write_text("".join(f"{event_line(e)}\n" for e in memory.read()))
    file.close()

    for given in (tmp_path / "a.laban", str(tmp_path / "a.jsonl"), memory, list(memory.read())):
        assert_state(given, "/order-17/status", "paid")


def test_files_in_a_folder_that_is_read_only_are_only_read(tmp_path: Path) -> None:
    file = SqliteLog.create(tmp_path / "a.laban")
    file.append(*map(unplaced, recorded(ORDER).read()))
    file.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / "a.laban").chmod(0o444)
    tmp_path.chmod(0o555)

    try:
        assert_state(tmp_path / "a.laban", "/order-17/status", "paid", choreography=shop())
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("gone.jsonl", "There is no file gone.jsonl: check the name."),
        ("bad.jsonl", "bad.jsonl, line 2: .*: mend the line or drop it."),
        ([{"stream": "s"}], "Event 1 lacks stream or type: it takes causation_id, .*"),
        ([{"stream": "s", "type": "t", "when": 1}], "Event 1 has 'when': it takes .*"),
        (["{}"], "Event 1 is '{}': give dicts or NewEvents."),
        ([{"stream": "s", "type": "t", "data": [1]}], "Event 1: data and metadata are JSON obj.*"),
        ([{"stream": "s", "type": "t", "time": "soon"}], "Event 1: .*soon.*"),
        ([{"stream": 7, "type": "t"}], "Event 1: stream is 7, and no text."),
    ],
)  # fmt: skip
def test_a_wrong_log_is_one_clear_line(
    log: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.jsonl").write_text('{"stream": "s", "type": "t", "id": "1"}\n{"stream":\n')

    with pytest.raises(LabanError, match=f"^{told}$"):
        assert_state(log, "/s", {})


def test_a_tuple_is_a_list_and_what_is_no_json_is_one_clear_line() -> None:
    assert_state([{"stream": "s", "type": "t", "data": {"x": [1, 2]}}], "/s/x", (1, 2))
    with pytest.raises(LabanError, match=r"^A state holds JSON, and set is none \(.*\): give "):
        assert_state(ORDER, "/order-17/status", {"paid"})


def test_wrong_pointers_expressions_addresses_and_choreographies_are_one_clear_line() -> None:
    with pytest.raises(LabanError, match="is no JSON Pointer"):
        assert_state(ORDER, "order-17/status", "paid")
    with pytest.raises(LabanError, match="There is no event @9"):
        assert_state(ORDER, "/order-17/status", "paid", at=9)
    with pytest.raises(LabanError, match=r"There is no file rules\.py"):
        assert_replays(ORDER, "rules.py")
    with pytest.raises(LabanError) as caught:
        assert_never(ORDER, "data[")
    assert "\n" not in str(caught.value)


# assert_no_divergence


def test_a_run_and_the_same_in_another_order_do_not_part() -> None:
    assert_no_divergence(ORDER, [ORDER[2], *ORDER[:2]])


def test_the_first_event_that_differs_by_itself_is_told_with_its_causes() -> None:
    other = [ORDER[0], {**ORDER[1], "data": {"status": "lost", "count": 1}}, ORDER[2]]
    after = {"id": "e4", "stream": "order-17", "type": "sent", "causation_id": "e2"}

    lines = failure(assert_no_divergence, [*ORDER, after], [*other, after])

    assert lines == [
        "The runs part at order-17@1: changed.",
        '  a  @2  till  paid  {"status":"paid","count":1}',
        '  b  @2  till  paid  {"status":"lost","count":1}',
        "  /data/status",
        '    a  "paid"',
        '    b  "lost"',
        "  1 event is downstream",
        "",
        '    @2  till  paid  {"status":"paid","count":1}',
        '  ← @1  shop  placed  {"status":"placed","lines":[{"sku":"globe","count…',
    ]


def test_an_event_that_only_one_run_has_is_told() -> None:
    lines = failure(assert_no_divergence, ORDER[:1], ORDER[:2])

    assert lines[:2] == [
        "The runs part at order-17@1: only in B.",
        '  b  @2  till  paid  {"status":"paid","count":1}',
    ]


def test_what_is_ignored_does_not_count_and_the_order_does_where_it_should() -> None:
    other = [ORDER[0], {**ORDER[1], "data": {"status": "lost", "count": 1}}, ORDER[2]]

    assert_no_divergence(ORDER, other, ignore=["/data/status"])
    failure(assert_no_divergence, ORDER, [ORDER[2], *ORDER[:2]], order="global")
    with pytest.raises(LabanError, match="No mask is named 'langgraf'"):
        assert_no_divergence(ORDER, ORDER, mask="langgraf")


def test_a_run_made_anew_is_compared_with_the_recorded_one(bank: MemoryLog) -> None:
    assert_no_divergence(bank, replayed(bank, credit.bank))
