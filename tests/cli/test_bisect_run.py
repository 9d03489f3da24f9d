"""What `laban bisect LOG run COMMAND` does: git's exit codes, what it hands over, what it keeps."""

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
EDGE = 23  # the first bad position


@pytest.fixture(autouse=True)
def log(folder: Path) -> Path:
    """A log whose state says its position."""
    log = SqliteLog.create(folder / "count.laban")
    log.append(*[NewEvent(stream="s", type="t", data={"n": n}) for n in range(1, EVENTS + 1)])
    log.close()
    return folder / "count.laban"


@pytest.fixture
def script(folder: Path) -> Callable[..., list[str]]:
    """Write a Python program that sees `position`, and return the command that runs it."""

    def write(body: str) -> list[str]:
        head = "import json, os, sys\nposition = int(os.environ['LABAN_POSITION'])\n"
        (folder / "test.py").write_text(head + body)
        return [sys.executable, "test.py"]

    return write


Script = Callable[[str], list[str]]
BY_POSITION = f"sys.exit(position >= {EDGE})\n"


def shown(result: Result) -> Any:
    assert result.stdout, result.stderr
    return json.loads(result.stdout)


def test_the_first_bad_position_is_found_and_both_ends_are_tested(
    laban: Laban, script: Script
) -> None:
    result = laban("bisect", "count.laban", "run", *script(BY_POSITION))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == f"bad first at @{EDGE}, not yet at @{EDGE - 1}"
    assert result.stdout.splitlines()[-1] == "edge: 7 positions tested"
    assert result.stderr.splitlines()[:2] == ["@0 good (exit 0)", "@40 bad (exit 1)"]


def test_the_state_and_the_events_up_to_the_position_are_handed_over(
    laban: Laban, script: Script
) -> None:
    command = script(
        "from laban.store import open_log\n"
        "state = json.load(open(os.environ['LABAN_STATE']))\n"
        "log = open_log(os.environ['LABAN_LOG'])\n"
        "events = list(log.read())\n"
        "assert [e.data['n'] for e in events] == list(range(1, position + 1))\n"
        "assert state == ({'s': {'n': position}} if position else {})\n" + BY_POSITION
    )

    answer = shown(laban("bisect", "count.laban", "--json", "run", *command))

    assert (answer["good"], answer["bad"], answer["guarantee"]) == (EDGE - 1, EDGE, "edge")
    assert (answer["found"], answer["probes"]) == (True, 7)


def test_placeholders_are_filled_in_and_only_what_they_name_is_made(
    laban: Laban, folder: Path
) -> None:
    (folder / "test.py").write_text(
        "import os, sys\n"
        "assert 'LABAN_LOG' not in os.environ\n"
        f"sys.exit('{EDGE}' in open(sys.argv[1]).read() or '{{x}}' != sys.argv[2])\n"
    )

    answer = shown(
        laban("bisect", "count.laban", "--to", str(EDGE), "--json", "run",
              sys.executable, "test.py", "{state}", "{x}")
    )  # fmt: skip

    assert (answer["found"], answer["bad"]) == (True, EDGE)


def test_a_command_that_writes_to_what_it_was_handed_changes_nothing(
    laban: Laban, script: Script, log: Path
) -> None:
    before = log.read_bytes()
    command = script(
        "from laban.store import open_log\n"
        "from laban.store.event import NewEvent\n"
        "log = open_log(os.environ['LABAN_LOG'])\n"
        "assert log.head() == position\n"
        "log.append(NewEvent(stream='mine', type='t', data={}))\n"
        "log.close()\n" + BY_POSITION
    )

    answer = shown(laban("bisect", "count.laban", "--json", "run", *command))

    assert (answer["found"], answer["bad"]) == (True, EDGE)
    assert log.read_bytes() == before


def test_skipped_positions_leave_candidates_and_status_1(laban: Laban, script: Script) -> None:
    command = script(f"sys.exit(125 if 20 < position < 26 else position >= {EDGE})\n")

    text = laban("bisect", "count.laban", "run", *command)
    answer = shown(laban("bisect", "count.laban", "--json", "run", *command))

    assert text.exit_code == 1
    lines = text.stdout.splitlines()
    assert lines[0] == "bad first at one of 6 positions, and no test tells which:"
    assert [line.split()[0] for line in lines[1:7]] == [f"@{p}" for p in range(21, 27)]
    assert answer["candidates"] == [21, 22, 23, 24, 25, 26]
    assert (answer["found"], answer["position"], answer["undefined"]) == (False, None, 5)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("sys.exit(1)", "@0 should be good and is bad (exit 1): mend the command, or choose"),
        ("sys.exit(125)", "@0 should be good and is skip (exit 125)"),
        ("sys.exit(0)", "@40 should be bad and is good (exit 0): mend the command, or choose"),
    ],
)
def test_ends_that_are_not_good_and_bad_are_told(
    body: str, problem: str, laban: Laban, script: Script
) -> None:
    result = laban("bisect", "count.laban", "run", *script(body))

    assert result.exit_code == 1
    assert result.stdout.startswith(problem)
    assert laban("bisect", "count.laban", "log").exit_code == 2


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("sys.exit(128)", "ended with exit status 128, which is no answer"),
        ("import signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9"),
    ],
)
def test_an_end_that_is_no_answer_stops_and_keeps_the_answers(
    body: str, how: str, laban: Laban, script: Script
) -> None:
    command = script(f"if position == 20:\n    {body}\n{BY_POSITION}")

    result = laban("bisect", "count.laban", "run", *command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert how in result.stderr
    assert "2 answers kept: type the same again to go on." in result.stderr
    assert "bad @40  # exit 1" in laban("bisect", "count.laban", "log").stdout


def test_the_same_command_goes_on_where_it_was_stopped_and_another_one_is_refused(
    laban: Laban, script: Script, folder: Path
) -> None:
    command = script(
        f"if position == 20 and not os.path.exists('mended'): sys.exit(130)\n{BY_POSITION}"
    )
    assert laban("bisect", "count.laban", "run", *command).exit_code == 2
    (folder / "mended").touch()

    other = laban("bisect", "count.laban", "run", "true")
    again = laban("bisect", "count.laban", "run", *command)

    assert other.exit_code == 2
    assert "`laban bisect count.laban reset` forgets it" in other.stderr
    assert again.exit_code == 0
    assert "Going on with the bisection under way: 2 answers kept." in again.stderr
    assert "@0 good" not in again.stderr


def test_a_bisection_that_is_done_gives_way_to_the_next(laban: Laban, script: Script) -> None:
    laban("bisect", "count.laban", "run", *script(BY_POSITION))

    result = laban("bisect", "count.laban", "--to", "30", "run", sys.executable, "test.py", "again")

    assert result.exit_code == 0
    assert "start @0 @30\n" in laban("bisect", "count.laban", "log").stdout


@pytest.mark.parametrize("word", ["./nothing-there", "/"])
def test_a_command_that_cannot_be_run_is_trouble(word: str, laban: Laban) -> None:
    result = laban("bisect", "count.laban", "run", word)

    assert result.exit_code == 2
    assert f"'{word}' cannot be run: " in result.stderr


FLAKY = (
    "path = f'count-{position}'\n"
    "times = len(open(path).read()) if os.path.exists(path) else 0\n"
    "open(path, 'a').write('x')\n"
    f"sys.exit(position >= {EDGE} and (position == 40 or times % 3 != 1))\n"
)


@pytest.mark.parametrize(
    ("rule", "guarantee", "bad"),
    [("skip", "edge", None), ("majority", "flaky", EDGE), ("bad", "edge", EDGE)],
)
def test_answers_that_disagree_are_told_and_the_guarantee_says_so(
    rule: str, guarantee: str, bad: int | None, laban: Laban, script: Script
) -> None:
    options = ("--repeat", "3", "--disagree", rule, "--json")

    result = laban("bisect", "count.laban", *options, "run", *script(FLAKY))

    answer = shown(result)
    assert (answer["guarantee"], answer["bad"] if answer["found"] else None) == (guarantee, bad)
    assert EDGE in answer["candidates"]


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(
    laban: Laban, script: Script, folder: Path
) -> None:
    command = script(
        "import subprocess, time\n"
        "if position == 20:\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "    open('child', 'w').write(str(child.pid))\n"
        f"    time.sleep(60)\n{BY_POSITION}"
    )

    result = laban("bisect", "count.laban", "--timeout", "2", "run", *command)

    assert result.exit_code == 0
    assert "@20 skip (no end after 2 s)" in result.stderr
    assert not alive(int((folder / "child").read_text()))


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interruption_ends_the_command_and_keeps_the_answers(
    number: signal.Signals, process: Start, script: Script, folder: Path, laban: Laban
) -> None:
    command = script(
        "import time\n"
        "if position == 20 and not os.path.exists('pid'):\n"
        "    open('pid.new', 'w').write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid')\n"
        f"    time.sleep(60)\n{BY_POSITION}"
    )
    running = process("bisect", "count.laban", "run", *command)
    end = time.monotonic() + 30
    while not (folder / "pid").exists():
        assert time.monotonic() < end
        time.sleep(0.02)

    running.send_signal(number)
    _, stderr = running.communicate()

    assert running.returncode == 130
    assert "2 answers kept: type the same again to go on.\nlaban: interrupted.\n" in stderr
    assert not alive(int((folder / "pid").read_text()))
    assert laban("bisect", "count.laban", "run", *command).exit_code == 0


def test_what_the_command_prints_is_no_data_of_ours_and_can_be_hidden(
    process: Start, script: Script
) -> None:
    command = script("print('hello')\n" + BY_POSITION)

    loud = process("bisect", "count.laban", "--json", "run", *command).communicate()
    quiet = process("bisect", "count.laban", "--json", "--quiet", "run", *command).communicate()

    assert json.loads(loud[0]).keys() == json.loads(quiet[0]).keys()
    assert loud[1].count("hello\n") == 7
    assert quiet[1] == ""


def test_runs_are_bisected_by_a_command(laban: Laban, script: Script, folder: Path) -> None:
    for name, count in [("a", 3), ("b", 4), ("c", 30), ("d", 31), ("e", 32)]:
        log = SqliteLog.create(folder / f"{name}.laban")
        log.append(*[NewEvent(stream="s", type="t", data={"n": n}) for n in range(count)])
        log.close()
    runs = [f"{name}.laban" for name in "abcde"]

    result = laban("bisect", "--runs", *runs, "run", *script(BY_POSITION))
    answer = shown(laban("bisect", "--runs", *runs, "--json", "run", *script(BY_POSITION)))

    assert result.stdout.splitlines()[0] == "bad first in c.laban, not yet in b.laban"
    assert (answer["run"], answer["guarantee"], answer["probes"]) == ("c.laban", "edge", 4)


def test_runs_that_cannot_be_tested_leave_candidates(laban: Laban, folder: Path) -> None:
    for name, status in [("a", 0), ("b", 125), ("c", 1)]:
        log = SqliteLog.create(folder / f"{name}.laban")
        log.append(NewEvent(stream="s", type="t", data={"status": status}))
        log.close()
    test = "import json, sys; sys.exit(json.load(open(sys.argv[1]))['s']['status'])"

    answer = shown(
        laban("bisect", "--runs", "a.laban", "b.laban", "c.laban", "--json",
              "run", sys.executable, "-c", test, "{state}")
    )  # fmt: skip

    assert (answer["found"], answer["candidates"]) == (False, ["b.laban", "c.laban"])


def test_runs_whose_ends_are_wrong_are_told(laban: Laban) -> None:
    result = laban("bisect", "--runs", "count.laban", "credit.laban", "run", "false")

    assert result.exit_code == 1
    assert result.stdout.startswith("count.laban should be good and is bad (exit 1): mend")
