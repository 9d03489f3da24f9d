"""What `laban minimize` does: every kind of failure, what it keeps, and what it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]
EVENTS = 40
NEEDED = {7, 19, 33}


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
