"""Checking, measuring and exporting from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.fixtures import orders
from laban.replay.figures import span
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from laban.store.terminal import cells

Laban = Callable[..., Result]


@pytest.fixture(scope="session")
def recorded_orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with decisions; never to be written to."""
    path = tmp_path_factory.mktemp("orders") / "orders.laban"
    log = SqliteLog.create(path)
    orders.record(log)
    log.close()
    return path


@pytest.fixture
def shop(folder: Path, recorded_orders: Path) -> str:
    """The name of a copy of it in the current folder, where `shop.yaml` has rules for it."""
    shutil.copy(recorded_orders, folder / "orders.laban")
    (folder / "shop.yaml").write_text(RULES)
    return "orders.laban"


RULES = """
name: shop
capabilities:
  - name: till
patterns:
  - event_type: payment_failed
    action: retry
    target_capability: till
  - event_type: moon_rose
    action: howl
    target_capability: till
contracts:
  - event_type: order_received
    schema: {properties: {quantity: {minimum: 1}}}
"""


def test_the_planted_race_is_the_first_line_of_a_check(laban: Laban) -> None:
    result = laban("check", "credit.laban")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("@266     stale read: risk-assessment read")
    assert "16 findings: stale read 16" in result.stderr


def test_findings_have_the_promised_keys(laban: Laban) -> None:
    findings = json.loads(laban("check", "credit.laban", "--json").stdout)["findings"]

    assert len(findings) == 16
    assert all(
        f.keys()
        == {"rule", "kind", "position", "detail", "certainty", "edges", "downstream", "rank"}
        for f in findings
    )
    assert findings[0]["edges"] == [
        {"kind": "rw", "pointer": "/applicant-04/score", "first": 266, "then": 117, "version": 59}
    ]


def test_a_log_where_nothing_is_found_is_clean(laban: Laban, folder: Path) -> None:
    log = SqliteLog.create(folder / "calm.laban")
    log.append(NewEvent(stream="a", type="b", data={}))
    log.close()

    result = laban("check", "calm.laban")
    as_json = laban("check", "calm.laban", "--json")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was found" in result.stderr
    assert (as_json.exit_code, json.loads(as_json.stdout)) == (0, {"findings": [], "notes": []})


def test_a_choreography_adds_what_its_rules_say(laban: Laban, shop: str) -> None:
    result = laban("check", shop, "--choreography", "shop.yaml", "--json")
    kinds = {f["kind"] for f in json.loads(result.stdout)["findings"]}

    assert result.exit_code == 1
    assert kinds == {"contract", "rule cycle", "unhandled event", "rule never fired"}


@pytest.mark.parametrize("command", [["check"], ["export", "--to", "mermaid"]])
def test_a_choreography_that_is_not_there_is_one_line(
    command: list[str], laban: Laban, shop: str
) -> None:
    result = laban(command[0], shop, *command[1:], "--choreography", "nowhere.yaml")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "nowhere.yaml" in result.stderr


@pytest.mark.parametrize("log", ["credit.laban", "orders.laban"])
@pytest.mark.usefixtures("shop")
def test_the_metrics_fit_eighty_columns(log: str, laban: Laban) -> None:
    lines = laban("stats", log).stdout.splitlines()

    assert len(lines) > 10
    assert [line for line in lines if cells(line) > 80] == []


def test_the_metrics_of_rules_are_shown_and_told_to_programs(laban: Laban, shop: str) -> None:
    text = laban("stats", shop).stdout
    stats = json.loads(laban("stats", shop, "--json").stdout)

    assert "payment_failed→retry_payment" in text
    assert stats["rules"]["payment_failed→cancel_order"]["triggers"] == 1
    assert stats.keys() >= {"events", "types", "sources", "correlations", "circuits", "sagas"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0 s"),
        (0.0123, "12 ms"),
        (3.44, "3.4 s"),
        (119.9, "1m 59s"),
        (3_599.9, "59m 59s"),
        (11_000, "3h 03m"),
        (1_000_000, "11d 13h"),
    ],
)
def test_a_span_of_time_is_short(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize("form", ["jsonl", "cloudevents"])
def test_what_is_exported_can_be_imported_again(form: str, laban: Laban, folder: Path) -> None:
    exported = laban("export", "credit.laban", "--to", form, "-o", "out.jsonl", "--json")
    imported = laban("import", "out.jsonl", "-o", "again.laban")

    assert json.loads(exported.stdout) == {
        "log": "credit.laban", "format": form, "path": "out.jsonl", "events": 2583
    }  # fmt: skip
    assert imported.exit_code == 0
    assert laban("log", "again.laban", "--json").stdout == (folder / "events.jsonl").read_text()


def test_one_correlation_is_drawn_or_written(laban: Laban) -> None:
    which = ("--correlation", "credit-0004")
    diagram = laban("export", "credit.laban", "--to", "mermaid", *which).stdout
    lanes = laban("export", "credit.laban", "--to", "lanes", *which).stdout
    lines = laban("export", "credit.laban", "--to", "jsonl", *which).stdout

    assert diagram.startswith("sequenceDiagram\n")
    assert "risk_rated @266" in diagram
    assert "●◀" in lanes
    assert {json.loads(line)["correlation_id"] for line in lines.splitlines()} == {"credit-0004"}


def test_rules_are_drawn_with_what_the_log_shows_to_follow_from_them(
    laban: Laban, shop: str
) -> None:
    result = laban("export", shop, "--to", "mermaid", "--choreography", "shop.yaml")

    assert result.exit_code == 0
    assert result.stdout.startswith("flowchart LR\n")
    assert "moon_rose" in result.stdout


def test_rules_are_drawn_in_lanes_too(laban: Laban, shop: str, folder: Path) -> None:
    rules = "capabilities: [{name: desk}]\npatterns:\n  - " + json.dumps(
        {"event_type": "a", "action": "moon_rise", "target_capability": "desk"}
    )
    (folder / "rules.yaml").write_text(rules)

    result = laban("export", shop, "--to", "lanes", "--choreography", "rules.yaml")

    assert result.stdout == "outside  desk\n├───────▶●     a → moon_rise\n"


def test_a_stream_without_correlations_is_one_by_itself(laban: Laban, shop: str) -> None:
    result = laban("export", shop, "--to", "lanes", "--correlation", "stock")

    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--to", "lanes"], "--correlation ID"),
        (["--to", "mermaid"], "or the rules of a --choreography"),
        (["--to", "jsonl", "--choreography", "x.py"], "--to mermaid and --to lanes draw"),
        (["--to", "jsonl", "--json"], "give -o PATH"),
        (["--to", "lanes", "--correlation", "credit-0004x"], "Did you mean 'credit-0004'?"),
        (["--to", "pdf"], "pdf"),
        (["--to", "jsonl", "-o", "credit.laban"], "choose another name"),
    ],
)
def test_what_cannot_be_exported_is_one_line(args: list[str], said: str, laban: Laban) -> None:
    result = laban("export", "credit.laban", *args)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_failed_export_leaves_the_file_as_it_was(laban: Laban, folder: Path) -> None:
    (folder / "out.txt").write_text("mine")

    result = laban(
        "export", "credit.laban", "--to", "lanes", "--correlation", "none", "-o", "out.txt"
    )

    assert result.exit_code == 2
    assert (folder / "out.txt").read_text() == "mine"
