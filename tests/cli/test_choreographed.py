"""`--choreography`: the state is what the reducers make of the events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from tests.cli.conftest import Laban

RULES = """
from laban.replay.choreography import Choreography

made = Choreography("till")

@made.reducer("paid")
def paid(order, event):
    return {**order, "paid": order.get("paid", 0) + event.data["amount"]}
"""
WITH = ("--choreography", "till.py")


@pytest.fixture(autouse=True)
def _till(folder: Path) -> None:
    log = SqliteLog.create(folder / "till.laban")
    amounts: list[dict[str, Any]] = [
        {"amount": 5},
        {"amount": 7},
        {"amount": "?"},
        {},
        {"amount": 1},
    ]
    log.append(*(NewEvent(stream="order-1", type="paid", data=data) for data in amounts))
    log.close()
    (folder / "till.py").write_text(RULES)


def test_state_is_what_the_reducers_make_and_else_what_was_assigned(laban: Laban) -> None:
    with_rules = laban("state", "till.laban", "/order-1", *WITH, "--json")
    without = laban("state", "till.laban", "/order-1", "--json")

    assert json.loads(with_rules.stdout)["value"] == {"paid": 13}
    assert json.loads(without.stdout)["value"] == {"amount": 1}


def test_what_reducers_refuse_is_counted_once_with_the_first_and_its_reason(laban: Laban) -> None:
    for _ in ("the index is made", "it is there"):
        result = laban("state", "till.laban", "/order-1/paid", *WITH)

        assert result.stdout == "13\n"
        assert result.stderr == (
            "2 events were refused by reducers; the first, @3: TypeError: unsupported operand "
            "type(s) for +: 'int' and 'str'\n"
        )


def test_diff_history_and_log_see_it(laban: Laban) -> None:
    diff = laban("diff", "till.laban", "1", "2", *WITH, "--json")
    history = laban("history", "till.laban", "/order-1/paid", *WITH, "--json")
    found = laban("log", "till.laban", "--where", "state['order-1']['paid'] > 10", *WITH, "--json")

    assert json.loads(diff.stdout)["changes"] == [
        {"pointer": "/order-1/paid", "kind": "changed", "before": 5, "after": 12, "position": 2}
    ]
    rows = json.loads(history.stdout)["rows"]
    assert [(row["position"], row["value"]) for row in rows] == [(1, 5), (2, 12), (5, 13)]
    assert [json.loads(line)["position"] for line in found.stdout.splitlines()] == [2, 3, 4, 5]


def test_bisect_finds_the_event_whose_reducer_made_it_true(laban: Laban) -> None:
    test = ("--where", "state['order-1']['paid'] > 12")
    result = laban("bisect", "till.laban", *test, *WITH, "--json")

    assert json.loads(result.stdout)["position"] == 5
    assert laban("bisect", "till.laban", *test).exit_code == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["log", "till.laban", *WITH], "give both"),
        (["bisect", "till.laban", *WITH, "run", "true"], "--where"),
        (["open", *WITH], "wants a LOG"),
        (["state", "till.laban", "--choreography", "none.py"], "There is no file none.py"),
    ],
)
def test_what_makes_no_sense_is_trouble_in_one_line(
    laban: Laban, args: list[str], said: str
) -> None:
    result = laban(*args)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
