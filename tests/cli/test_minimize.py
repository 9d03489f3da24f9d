"""What `laban minimize` does: every kind of failure, what it keeps, and what it refuses."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
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

Laban = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
EVENTS = 40
NEEDED = {7, 19, 33}

RULES = """\
from laban.replay.choreography import Choreography

shop = Choreography("shop")
shop.capability("till")
shop.contract("paid", {"type": "object", "required": ["amount"]})
shop.pattern(event_type="ordered", condition="data['value'] > LIMIT", action="charge",
             target_capability="till")
"""


@pytest.fixture(autouse=True)
def log(folder: Path) -> Path:
    """A log in which no event rests on another one; the data says the position."""
    return write_log(
        folder / "count.laban",
        [
            NewEvent(stream=f"s{n}", type="t", id=f"e{n}", data={"n": n})
            for n in range(1, EVENTS + 1)
        ],
    )


@pytest.fixture
def script(folder: Path) -> Callable[[str], list[str]]:
    """Write a program that sees `numbers`, those of the events, and return its command."""

    def write(body: str) -> list[str]:
        head = (
            "import os, sys, time\n"
            "from laban.store import open_log\n"
            "log = open_log(os.environ['LABAN_LOG'])\n"
            "numbers = {event.data['n'] for event in log.read()}\n"
            f"needed = {NEEDED}\n"
        )
        (folder / "test.py").write_text(head + body)
        return [sys.executable, "test.py"]

    return write


@pytest.fixture
def shop(folder: Path) -> Callable[[int], str]:
    """Write rules that charge orders of more than a limit."""

    def write(limit: int) -> str:
        (folder / f"shop{limit}.py").write_text(RULES.replace("LIMIT", str(limit)))
        return f"shop{limit}.py"

    return write


def write_log(path: Path, events: list[NewEvent]) -> Path:
    log = SqliteLog.create(path)
    log.append(*events)
    log.close()
    return path


def shown(result: Result) -> Any:
    assert result.stdout, result.stderr
    return json.loads(result.stdout)


def read(path: Path) -> tuple[list[int], dict[str, Any]]:
    """Return the numbers of the events of a log, and what it says it was made from."""
    log = SqliteLog.open(path)
    try:
        return [e.data["n"] for e in log.read()], json.loads(log.about()["minimised_from"])
    finally:
        log.close()


WHERE = "all(name in state for name in ['s7', 's19', 's33']) and state['s33']['n'] == 33"


def test_the_new_log_holds_what_is_needed_and_says_what_it_is_made_from(
    laban: Laban, folder: Path
) -> None:
    result = laban("minimize", "count.laban", "--where", WHERE, "-o", "new.laban")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == f"3 of 40 events show it: {WHERE}"
    assert result.stdout.splitlines()[-1].startswith("1-minimal: ")
    assert f'laban export new.laban --to pytest --where "{WHERE}" -o tests/' in result.stderr
    numbers, about = read(folder / "new.laban")
    assert numbers == about["kept"] == [7, 19, 33]
    assert about.keys() == {"identity", "head", "test", "guarantee", "kept"}
    assert not (folder / "new.laban.progress").exists()


def test_the_next_step_that_is_named_makes_a_test_that_fails(laban: Laban) -> None:
    laban("minimize", "count.laban", "--where", WHERE, "-o", "new.laban")

    result = laban("export", "new.laban", "--to", "pytest", "--where", WHERE, "-o", "t")

    assert result.exit_code == 0
    assert "3 events" in result.stderr
    assert "fails now" in result.stderr


def test_a_log_that_does_not_show_it_is_status_1_and_nothing_is_made(
    laban: Laban, folder: Path
) -> None:
    by_where = laban("minimize", "count.laban", "--where", "data['n'] > 99", "-o", "new.laban")
    by_run = laban("minimize", "count.laban", "-o", "new.laban", "run", "true")
    by_rules = laban("minimize", "count.laban", "--violation", "-o", "new.laban")

    assert {by_where.exit_code, by_run.exit_code, by_rules.exit_code} == {1}
    assert by_where.stdout == "count.laban does not show it: nothing to minimise\n"
    assert "The whole log: exit 0." in by_run.stderr
    assert not (folder / "new.laban").exists()


def test_a_command_that_sees_the_log_is_minimised_with_gits_exit_codes(
    laban: Laban, folder: Path, script: Callable[[str], list[str]]
) -> None:
    command = script("sys.exit(125 if 19 not in numbers else needed <= numbers)\n")

    answer = shown(laban("minimize", "count.laban", "-o", "new.laban", "--json", "run", *command))

    assert answer["positions"] == [7, 19, 33]
    assert (answer["kept"], answer["dropped"], answer["unresolved"]) == (3, 37, 1)
    assert answer["guarantee"] == "unresolved"
    assert read(folder / "new.laban")[0] == [7, 19, 33]


def test_placeholders_are_filled_in_for_a_command(laban: Laban, folder: Path) -> None:
    (folder / "test.py").write_text(
        "import json, sys\n"
        "state = json.load(open(sys.argv[1]))\n"
        "assert len(state) == int(sys.argv[2])\n"
        "sys.exit('s7' in state)\n"
    )

    answer = shown(
        laban("minimize", "count.laban", "-o", "new.laban", "--json", "run",
              sys.executable, "test.py", "{state}", "{position}")
    )  # fmt: skip

    assert answer["positions"] == [7]


def test_a_command_that_changes_its_mind_makes_no_log(
    laban: Laban, folder: Path, script: Callable[[str], list[str]]
) -> None:
    command = script(
        "seen = os.path.exists('seen')\n"
        "if numbers == needed: open('seen', 'w')\n"
        "sys.exit(needed <= numbers and not (numbers == needed and seen))\n"
    )

    result = laban("minimize", "count.laban", "-o", "new.laban", "run", *command)

    assert result.exit_code == 2
    assert "do not when they are tested once more: the test is not steady" in result.stderr
    assert not (folder / "new.laban").exists()


def test_ctrl_c_keeps_the_best_and_the_same_command_goes_on(
    process: Start, laban: Laban, folder: Path, script: Callable[[str], list[str]]
) -> None:
    command = script(
        "open('calls', 'a').write('x')\n"
        "if len(open('calls').read()) == 8: open('slow', 'w'); time.sleep(60)\n"
        "sys.exit(needed <= numbers)\n"
    )
    args = ("minimize", "count.laban", "-o", "new.laban", "run", *command)
    running = process(*args)
    while not (folder / "slow").exists():
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    best, about = read(folder / "new.laban")

    again = laban(*args)

    assert running.returncode == 130
    assert "in new.laban. The same command goes on from here." in told
    assert set(best) >= NEEDED
    assert len(best) < EVENTS
    assert about["guarantee"] == "stopped"
    assert again.exit_code == 0, again.stderr
    assert "Going on: " in again.stderr
    numbers, about = read(folder / "new.laban")
    assert (set(numbers), about["guarantee"]) == (NEEDED, "1-minimal")
    assert not (folder / "new.laban.progress").exists()


def test_a_time_limit_makes_a_log_of_the_best_by_then(laban: Laban, folder: Path) -> None:
    result = laban(
        "minimize", "count.laban", "--where", WHERE, "-o", "new.laban", "--time-limit", "0"
    )
    again = laban("minimize", "count.laban", "--where", WHERE, "-o", "new.laban")

    assert result.exit_code == 0
    assert "stopped: 0 sets of events tested" in result.stdout
    assert again.exit_code == 0, again.stderr
    assert read(folder / "new.laban")[0] == [7, 19, 33]


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
    write_log(
        folder / "paid.laban",
        [NewEvent(stream=f"o{n % 2}", type="paid", id=f"p{n}", data={"n": n}) for n in range(12)],
    )

    answer = shown(
        laban("minimize", "paid.laban", "--where", "state['o1']['sum'] >= 9", "--choreography",
              "sum.py", "-o", "new.laban", "--json")
    )  # fmt: skip

    assert read(folder / "new.laban")[0] == [1, 3, 5]  # as little as it took in the log
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


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ([], "Say what the failure is, in one way"),
        (["--where", "True", "--violation"], "Say what the failure is, in one way"),
        (["--mismatch"], "--mismatch needs the --choreography"),
        (["--where", "True", "-o", "nowhere/new.laban"], "nowhere is no folder that you may"),
        (["--choreography", "x.py", "run", "true"], "go together with --replay alone"),
        (["--where", "True", "--replay"], "--replay needs the --choreography"),
        (["--finding", "stale reads"], "Did you mean 'stale read'?"),
        (["run"], "`run` needs a command"),
        (["run", "--quiet"], "Options come before `run`"),
        (["--where", "True", "--time-limit", "nan"], "is no time"),
        (["--where", "data['"], "laban: "),
    ],
)
def test_what_cannot_be_asked_is_one_line(args: list[str], problem: str, laban: Laban) -> None:
    result = laban("minimize", "count.laban", "-o", "new.laban", *args)

    assert result.exit_code == 2
    assert problem in result.stderr


def test_a_log_that_is_there_is_not_written_over(laban: Laban, folder: Path) -> None:
    before = (folder / "credit.laban").read_bytes()

    result = laban("minimize", "count.laban", "--where", "True", "-o", "credit.laban")

    assert result.exit_code == 2
    assert "credit.laban exists already: choose another name for -o." in result.stderr
    assert (folder / "credit.laban").read_bytes() == before


def test_a_log_of_another_kind_is_not_taken_for_the_best_so_far(laban: Laban, folder: Path) -> None:
    args = ("minimize", "count.laban", "--where", WHERE, "-o", "new.laban")
    laban(*args, "--time-limit", "0")
    (folder / "new.laban").write_bytes((folder / "credit.laban").read_bytes())

    result = laban(*args)

    assert result.exit_code == 2
    assert "new.laban exists already" in result.stderr
    assert (folder / "new.laban").read_bytes() == (folder / "credit.laban").read_bytes()


def test_an_expression_over_positions_is_told_to_name_the_event(laban: Laban) -> None:
    result = laban("minimize", "count.laban", "--where", "position == 12", "-o", "new.laban")

    assert "position == 12 reads position: in a log of fewer events" in result.stderr
    assert result.stdout.startswith("12 of 40 events show it")


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
