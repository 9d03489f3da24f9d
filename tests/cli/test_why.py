"""What `laban why` tells people and programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from laban.fixtures import DEMOS
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

from .conftest import ROOT, Laban


@pytest.fixture
def log(folder: Path) -> Iterator[SqliteLog]:
    """An empty log, `new.laban`."""
    log = SqliteLog.create(folder / "new.laban")
    yield log
    log.close()


def test_why_tells_the_story_and_the_stale_read_first(laban: Laban) -> None:
    lines = laban("why", "credit.laban", "/applicant-04/approved").stdout.splitlines()

    assert lines[:3] == [
        "/applicant-04/approved  false",
        "  stale: @266 risk_rated rests on /applicant-04/score as of @59: 565",
        "         it was 689 since @117, by credit-score: score_corrected",
    ]
    assert lines[4].split() == ["@276", "+3m55.495s", "decision", "decision_made",
                                '{"approved":false}']  # fmt: skip
    assert lines[5] == "        by rule risk_rated→decide, asked of decision @269"
    assert "        read /applicant-04/score as of @59: 565" in lines
    assert lines[-3].split()[:4] == ["@55", "+1m37.556s", "intake", "application_received"]
    assert lines[-1].startswith("recorded: ")
    assert max(len(line) for line in lines) <= 100


def test_why_shows_every_event_on_demand(laban: Laban) -> None:
    lines = laban("why", "credit.laban", "/applicant-04/rating", "--full").stdout.splitlines()

    assert [line.split()[1] for line in lines if line.startswith("  ←")] == [
        "@263", "@260", "@226", "@223", "@75", "@72", "@64", "@59", "@57", "@55",
    ]  # fmt: skip


def test_why_grows_a_tree_of_what_was_read(laban: Laban) -> None:
    lines = laban("why", "credit.laban", "/applicant-04/rating", "--tree").stdout.splitlines()
    answer = json.loads(
        laban("why", "credit.laban", "/applicant-04/rating", "--tree", "--json").stdout
    )

    assert "├─ read /applicant-04/score as of @59: 565, see @59" in lines
    assert "│  stale: it was 689 since @117, by credit-score: score_corrected" in lines
    assert answer["stale"] == [266]
    assert answer["tree"]["steps"][0]["reads"][0]["newer"]["position"] == 117
    assert answer["tree"]["cut"] == 0


def test_why_draws_the_tree_for_mermaid(laban: Laban) -> None:
    lines = laban("why", "credit.laban", "/applicant-04/rating", "--mermaid").stdout.splitlines()

    assert lines[0] == "flowchart TD"
    assert "    e117 -.-x|not seen| e266" in lines


def test_why_with_rules_says_under_which_conditions(laban: Laban, log: SqliteLog) -> None:
    DEMOS["orders"].record(log)
    rules = str(ROOT / "fixtures" / "orders.yaml")

    result = laban("why", "new.laban", "/order-1/items_packed", "--choreography", rules)

    lines = result.stdout.splitlines()
    asked = lines.index(
        "        by rule payment_successful→initiate_fulfillment, asked of packer-1 @15"
    )
    assert lines[asked + 1] == "        if data.get('payment_status') == 'confirmed'"


def test_why_says_when_a_cause_is_not_in_the_log(laban: Laban, log: SqliteLog) -> None:
    log.append(NewEvent(stream="s", type="t", data={"a": 1}, causation_id="elsewhere"))

    result = laban("why", "new.laban", "/s/a")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("incomplete: ")


def test_why_is_asked_at_a_position(laban: Laban) -> None:
    early = json.loads(
        laban("why", "credit.laban", "/applicant-04/score", "--at", "116", "--json").stdout
    )

    assert (early["position"], early["value"]) == (59, 565)
    assert [event["position"] for event in early["chain"]] == [59, 57, 55]


def test_why_not_names_the_rule_where_it_stopped_first(laban: Laban, log: SqliteLog) -> None:
    DEMOS["orders"].record(log)
    rules = str(ROOT / "fixtures" / "orders.yaml")
    asked = ["why", "new.laban", "--not", "shipping_complete", "--correlation", "order-3"]

    result = laban(*asked, "--choreography", rules)
    answer = json.loads(laban(*asked, "--choreography", rules, "--json").stdout)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:5] == [
        "shipping_complete was not observed in order-3 (33 events, the last one @68)",
        "",
        "  It stopped at rule payment_failed→retry_payment, asked of payment_processing:",
        "    payment_failed @62 came, and the condition was not met:",
        "      needs data.get('retry_count', 0) < 3, and data.get('retry_count', 0) is 3",
    ]
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert (answer["observed"], answer["decisive"]["position"]) == (None, 62)
    assert answer["guarantee"] == "not-observed"


def test_why_not_draws_what_stood_in_the_way(laban: Laban, log: SqliteLog) -> None:
    DEMOS["orders"].record(log)
    asked = ["--not", "shipping_complete", "--correlation", "order-9", "--mermaid"]

    lines = laban("why", "new.laban", *asked).stdout.splitlines()

    assert lines[:2] == ["flowchart TD", '    n1(["shipping_complete#58; not observed"])']
    (refused,) = {line.split("[")[0].strip() for line in lines if "was refused" in line} & {
        line.split()[1] for line in lines if line.endswith("stroke:red")
    }
    assert any(line.startswith(f"    {refused} -.->|order_received→check") for line in lines)


def test_why_not_is_status_1_when_it_was_observed(laban: Laban) -> None:
    result = laban("why", "credit.laban", "--not", "/applicant-04/score")

    assert result.exit_code == 1
    assert result.stdout == "/applicant-04/score was observed in credit-0004, @117\n"


def test_why_wants_a_pointer_or_what_is_missing(laban: Laban) -> None:
    for args in (
        [],
        ["/a/b", "--not", "t"],
        ["/a/b", "--correlation", "c"],
        ["--not", "t", "--tree"],
    ):
        result = laban("why", "credit.laban", *args)

        assert result.exit_code == 2
        assert "--not" in result.stderr


def test_why_names_the_other_events_that_a_join_waited_for(laban: Laban, log: SqliteLog) -> None:
    branches = [NewEvent(stream="run", type="looked", id=id, data={"at": id}) for id in "abc"]
    causes = {"causes": ["a", "b", "c", "no such id"]}
    joined = NewEvent(
        stream="run", type="joined", causation_id="a", data={"done": True}, metadata=causes
    )
    log.append(*branches, joined)

    text = laban("why", "new.laban", "/run/done").stdout
    answer = json.loads(laban("why", "new.laban", "/run/done", "--json").stdout)

    assert "        and after @2, @3, which are not followed here" in text.splitlines()
    assert [(step["position"], step["also"]) for step in answer["steps"]] == [(4, [2, 3]), (1, [])]
