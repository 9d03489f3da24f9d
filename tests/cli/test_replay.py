"""`laban replay`: silent about what agrees, in full about the first that does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from laban.replay.choreography.loading import load_choreography
from laban.replay.runtime import Runtime
from laban.store import open_log
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

    assert result.exit_code == 0
    assert result.stdout.endswith("\n40 decisions recorded, all made again alike.\n")


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
    assert f"\n@{position}, decided on @{position - 1}: recorded, but not decided again\n" in told
    assert "recomputed  nothing\n" in told
    assert '"order_value": 2000' in told
    rule = "order_received→request_manual_review"
    assert (
        "\n1 decision each, in 1 correlation:\n"
        f"  - pattern.matched  {rule}\n"
        f"  - action.requested  {rule}\n"
    ) in told
    assert "\n40 decisions recorded; 2 differ, in 1 of 3 correlations.\nIf these are" in told


def live(folder: Path, *names: str, order_value: int = 2000) -> str:
    """Record a log with a live runtime that follows these rules, one after the other."""
    for name in names:
        (folder / "live.py").write_text(
            f"{RULES}rules = {name}\nrules.name = {name!r}\n"
            "for capability in rules.plan.capabilities:\n"
            "    @rules.agent(capability)\n"
            "    async def work(ctx): pass\n"
            "del orders, same, changed\n"
        )
        asyncio.run(_work(folder / "live.laban", str(folder / "live.py"), order_value))
    return "live.laban"


async def _work(path: Path, rules: str, value: int) -> None:
    log = open_log(path, create=True)
    async with Runtime(load_choreography(rules), log) as runtime:
        order = NewEvent(stream="order-1", type="order_received", data={"order_value": value})
        await runtime.publish(order)
        await runtime.quiet()
    log.close()


def test_the_rules_that_a_runtime_followed_are_known_again(laban: Laban, folder: Path) -> None:
    log = live(folder, "same")

    text = laban("replay", log, "--choreography", "rules.py:same")
    answer = json.loads(laban("replay", log, "--choreography", "rules.py:same", "--json").stdout)

    assert text.stdout.startswith("These are the rules that recorded the log.\n")
    assert answer["rules"] == "same"
    assert answer["recorded_by"] == [
        {"position": 1, "choreography": "same", "fingerprint": answer["fingerprint"]}
    ]


def test_with_other_rules_it_is_told_what_would_have_happened(laban: Laban, folder: Path) -> None:
    log = live(folder, "same")

    told = laban("replay", log, "--choreography", "rules.py:changed").stdout
    answer = json.loads(laban("replay", log, "--choreography", "rules.py:changed", "--json").stdout)

    assert told.startswith("Other rules recorded the log: same ")
    assert "decided on @2: would not have been decided\n" in told
    assert "these rules nothing\n" in told
    assert "; 2 would have been otherwise, in 1 of 1 correlation.\n" in told
    assert answer["rules"] == "other"


def test_a_log_that_several_rules_recorded_names_them_all(laban: Laban, folder: Path) -> None:
    log = live(folder, "same", "changed", order_value=100)

    answer = json.loads(laban("replay", log, "--choreography", "rules.py:changed", "--json").stdout)

    assert answer["rules"] == "other"
    assert [one["choreography"] for one in answer["recorded_by"]] == ["same", "changed"]
    assert answer["fingerprint"] == answer["recorded_by"][1]["fingerprint"]


def altered(folder: Path, alter: Callable[[list[NewEvent]], object]) -> str:
    """Record what a live runtime did, altered."""
    log = SqliteLog.open(folder / live(folder, "same"))
    fields = NewEvent.__struct_fields__
    events = [NewEvent(**{name: getattr(e, name) for name in fields}) for e in log.read()]
    log.close()
    alter(events)
    log = SqliteLog.create(folder / "altered.laban")
    log.append(*events)
    log.close()
    return "altered.laban"


def test_another_order_of_decisions_is_told_as_such(laban: Laban, folder: Path) -> None:
    def swap(events: list[NewEvent]) -> None:
        at = next(n for n, event in enumerate(events) if event.type == "pattern.matched")
        events[at : at + 2] = reversed(events[at : at + 2])

    result = laban("replay", altered(folder, swap), "--choreography", "rules.py:same")

    assert result.exit_code == 1
    assert "recorded in another order than decided again\n" in result.stdout
    assert "  another order from action.requested  order_received→" in result.stdout


def test_what_differs_though_the_rules_are_the_same_is_a_fault(laban: Laban, folder: Path) -> None:
    def forget(events: list[NewEvent]) -> None:
        events[:] = [event for event in events if event.type != "pattern.matched"]

    log = altered(folder, forget)

    result = laban("replay", log, "--choreography", "rules.py:same")

    assert result.exit_code == 1
    assert ": not recorded, but decided again\n" in result.stdout
    assert "The rules are the same, so the log was" in result.stdout


def test_what_is_not_recorded_yet_is_no_mismatch(laban: Laban, folder: Path) -> None:
    log = SqliteLog.create(folder / "new.laban")
    log.append(NewEvent(stream="o", type="order_received", data={"order_value": 5}, id="1"))
    log.close()

    result = laban("replay", "new.laban", "--choreography", "rules.py:same")

    assert result.exit_code == 0
    assert "0 decisions recorded.\nThe log ends before 2 more decisions on events" in result.stdout
    answer = json.loads(
        laban("replay", "new.laban", "--choreography", "rules.py:same", "--json").stdout
    )
    assert (answer["unfinished"], answer["unfinished_from"], answer["mismatched"]) == (2, 1, 0)


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
