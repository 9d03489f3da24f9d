"""`laban minimize` with rules: decisions that differ, findings, reducers, and deciding anew."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.fixtures import breaker
from laban.replay.check import check
from laban.replay.choreography.loading import load_choreography
from laban.replay.recompute import recompute
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from tests.cli.conftest import Laban

RULES = """\
from laban.replay.choreography import Choreography

shop = Choreography("shop")
shop.capability("till")
shop.contract("paid", {"type": "object", "required": ["amount"]})
shop.pattern(event_type="ordered", condition="data['value'] > LIMIT", action="charge",
             target_capability="till")
"""


@pytest.fixture
def shop(folder: Path) -> Callable[[int], str]:
    """Write rules that charge orders of more than a limit."""

    def write(limit: int) -> str:
        (folder / f"shop{limit}.py").write_text(RULES.replace("LIMIT", str(limit)))
        return f"shop{limit}.py"

    return write


def shown(result: Result) -> Any:
    assert result.stdout, result.stderr
    return json.loads(result.stdout)


def orders(shop: str, folder: Path) -> None:
    """Run a shop on orders of 10, 20, …, 90, and a payment without an amount."""
    events = [
        NewEvent(stream=f"o{n}", type="ordered", id=f"o{n}", data={"n": n, "value": 10 * n})
        for n in range(1, 10)
    ]
    events.insert(5, NewEvent(stream="o2", type="paid", id="p2", data={"n": 0}))
    lines = [
        json.dumps({"stream": e.stream, "type": e.type, "id": e.id, "data": e.data.parsed})
        for e in events
    ]
    (folder / "orders.jsonl").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-m", "laban", "run", shop, "--events", "orders.jsonl", "-o", "o.laban"],
        cwd=folder, env={"PYTHONPATH": str(Path(__file__).parents[2])}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_mismatch_is_minimised_to_the_decision_that_differs(
    laban: Laban, folder: Path, shop: Callable[[int], str]
) -> None:
    orders(shop(50), folder)

    answer = shown(
        laban("minimize", "o.laban", "--mismatch", "--choreography", shop(65), "-o", "new.laban",
              "--json")
    )  # fmt: skip

    log = SqliteLog.open(folder / "new.laban")
    found = recompute(log, load_choreography(str(folder / "shop65.py")))
    events = list(log.read())
    log.close()
    assert answer["kept"] < 5
    assert [e.id for e in events if e.source != "laban"][:1] == ["o6"]
    assert found.mismatches[0].kind == "extra"


def test_the_state_that_an_expression_reads_is_made_by_the_reducers(
    laban: Laban, folder: Path
) -> None:
    (folder / "sum.py").write_text(
        "from laban.replay.choreography import Choreography\n"
        "rules = Choreography('sum')\n"
        "@rules.reducer('paid')\n"
        "def paid(order, event):\n"
        "    return {'sum': order.get('sum', 0) + event.data['n']}\n"
    )
    log = SqliteLog.create(folder / "paid.laban")
    log.append(*(NewEvent(stream=f"o{n % 2}", type="paid", data={"n": n}) for n in range(12)))
    log.close()

    answer = shown(
        laban("minimize", "paid.laban", "--where", "state['o1']['sum'] >= 9", "--choreography",
              "sum.py", "-o", "new.laban", "--json")
    )  # fmt: skip

    assert answer["positions"] == [2, 4, 6]  # 1 + 3 + 5: as little as it took in the log
    assert answer["guarantee"] == "1-minimal"


def test_a_violation_is_minimised_to_the_event_that_breaks_the_contract(
    laban: Laban, folder: Path, shop: Callable[[int], str]
) -> None:
    orders(shop(50), folder)

    with_rules = shown(
        laban("minimize", "o.laban", "--violation", "--choreography", "shop50.py", "-o", "a.laban",
              "--json")
    )  # fmt: skip
    recorded = shown(laban("minimize", "o.laban", "--violation", "-o", "b.laban", "--json"))

    assert with_rules["kept"] == 1
    assert recorded["kept"] == 2
    log = SqliteLog.open(folder / "b.laban")
    assert [flaw.kind for flaw in check(log)] == ["contract"]
    log.close()


def test_a_finding_is_minimised_to_what_shows_it_at_the_same_event(
    laban: Laban, folder: Path
) -> None:
    answer = shown(
        laban("minimize", "credit.laban", "--finding", "stale read", "-o", "new.laban", "--json")
    )

    log = SqliteLog.open(folder / "new.laban")
    (stale,) = [flaw for flaw in check(log) if flaw.kind == "stale read"]
    assert stale.position == log.head() == answer["kept"] < 20
    assert answer["positions"][-1] == 266
    log.close()


def test_with_replay_what_a_rule_counts_is_kept_and_the_new_log_replays(
    laban: Laban, folder: Path
) -> None:
    laban("demo", "breaker", "-o", "b.laban", "--no-open")
    rules = f"{Path(breaker.__file__)}:couriers"
    opened = ("--where", "type == 'circuit.opened'")

    recorded = shown(laban("minimize", "b.laban", *opened, "-o", "recorded.laban", "--json"))
    result = laban(
        "minimize", "b.laban", *opened, "--choreography", rules, "--replay", "-o", "new.laban"
    )

    assert result.exit_code == 0, result.stderr
    log = SqliteLog.open(folder / "new.laban")
    events = list(log.read())
    answer = recompute(log, load_choreography(rules))
    flaws = [flaw.kind for flaw in check(log)]
    log.close()
    failed = [event for event in events if event.type == "action.failed"]
    assert recorded["kept"] == recorded["events"] == 5  # one failure, and the decision as it was
    assert len(failed) == 3  # so many open the circuit
    assert (answer.mismatched, answer.decisions) == (0, 13)
    assert result.stdout.startswith("10 of 228 events show it")
    assert "new.laban holds 20." in result.stderr
    (_, step) = result.stderr.rsplit("Next: laban ", 1)
    assert "fails now" in laban(*shlex.split(step)).stderr
    down = next(event.id for event in events if event.type == "service_went_down")
    assert {event.metadata["reads"]["/map-service/up"] for event in failed} == {down}
    assert "future read" not in flaws
    assert "stale read" not in flaws
