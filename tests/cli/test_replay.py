"""`laban replay`: silent about what agrees, in full about the first that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from tests.cli.conftest import Laban
from tests.replay.choreography.orders import orders, sell

RULES = """
from tests.replay.choreography.orders import orders

def stricter(rule):
    if rule["action"] == "request_manual_review":
        rule["condition"] = "data.get('order_value', 0) > 2500"

same = orders()
changed = orders(stricter)
"""


@pytest.fixture(autouse=True)
def _shop(folder: Path) -> None:
    log = SqliteLog.create(folder / "shop.laban")
    sell(orders(), log, [100, 2000, 3000])
    log.close()
    (folder / "rules.py").write_text(RULES)


def test_the_rules_that_made_the_log_agree(laban: Laban) -> None:
    result = laban("replay", "shop.laban", "--choreography", "rules.py:same")

    assert (result.exit_code, result.stdout) == (0, "40 decisions recorded, all made again alike\n")


def test_json_has_the_promised_keys(laban: Laban) -> None:
    clean = laban("replay", "shop.laban", "--choreography", "rules.py:same", "--json")
    changed = laban("replay", "shop.laban", "--choreography", "rules.py:changed", "--json")

    assert (clean.exit_code, changed.exit_code) == (0, 1)
    answer = json.loads(clean.stdout)
    assert (answer["decisions"], answer["mismatches"], answer["unfinished"]) == (40, [], 0)
    answer = json.loads(changed.stdout)
    assert (answer["correlations"], answer["mismatched"]) == (1, 2)
    first = answer["mismatches"][0]
    assert first.keys() >= {"position", "expected", "actual", "state", "cause", "kind"}
    assert first["expected"]["rule"] == "order_received→request_manual_review"
    assert first["actual"] is None
    assert answer["differences"][0] == {
        "kind": "extra",
        "expected": {"rule": "order_received→request_manual_review", "type": "pattern.matched"},
        "actual": None,
        "decisions": 1,
        "correlations": 1,
    }


def test_the_first_mismatch_is_told_in_full_and_all_of_them_in_a_table(laban: Laban) -> None:
    result = laban("replay", "shop.laban", "--choreography", "rules.py:changed")

    position = json.loads(
        laban("replay", "shop.laban", "--choreography", "rules.py:changed", "--json").stdout
    )["mismatches"][0]["position"]
    told = result.stdout
    assert told.startswith(f"@{position}, decided on @{position - 1}: recorded, but not decided")
    assert "recomputed  nothing\n" in told
    assert '"order_value": 2000' in told
    assert "action.requested  order_received→request_manual_review  nothing " in told
    assert told.endswith("2 decided otherwise, in 1 correlation; 40 decisions recorded\n")


def test_what_is_not_recorded_yet_is_no_mismatch(laban: Laban, folder: Path) -> None:
    log = SqliteLog.create(folder / "new.laban")
    log.append(NewEvent(stream="o", type="order_received", data={"order_value": 5}, id="1"))
    log.close()

    result = laban("replay", "new.laban", "--choreography", "rules.py:same")

    assert (result.exit_code, result.stdout) == (0, "no decision is recorded\n")
    assert result.stderr == "Decisions the log ends before: 2.\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["shop.laban"], "Missing option '--choreography'"),
        (["shop.laban", "--choreography", "nowhere.py"], "There is no file nowhere.py"),
        (["shop.laban", "--choreography", "rules.py"], "several choreographies, same, changed"),
        (["missing.laban", "--choreography", "rules.py:same"], "missing.laban"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_one_line(
    args: list[str], message: str, laban: Laban
) -> None:
    result = laban("replay", *args)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
