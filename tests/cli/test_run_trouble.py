"""What `laban run` says and does when the choreography, its agents or its events are bad."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.store.sqlite import SqliteLog

from .conftest import ROOT

Laban = Callable[..., Result]

RULES = """
import asyncio, sys, time
from laban.replay.choreography import Choreography

desk = Choreography("desk")
desk.capability("clerk", timeout_seconds=0.2)
desk.pattern(event_type="asked", action="answer", target_capability="clerk")


@desk.agent("clerk")
async def answer(ctx):
"""
STUBBORN = """while True:
        try: await asyncio.sleep(600)
        except asyncio.CancelledError: pass"""
RUN = ("run", "desk.py", "--events", "events.jsonl", "-o", "desk.laban")


def written(folder: Path, body: str, *lines: str) -> None:
    """Write a desk whose agent does *body*, and the events that it is asked by."""
    asked = json.dumps({"stream": "call", "type": "asked", "id": "q-1"})
    (folder / "desk.py").write_text(f"{RULES}    {body}\n")
    (folder / "events.jsonl").write_text("\n".join(lines or [asked]) + "\n")


def reasons(folder: Path) -> list[str]:
    log = SqliteLog.open(folder / "desk.laban")
    events = [e for e in log.read_stream("$dead_letters") if e.type == "action.dead_lettered"]
    log.close()
    return [about["reason"] for event in events for about in event.data.values()]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return [1, 2]", "[1, 2] is no output: return an object such as {}, or None"),
        ("return 0", "0 is no output: return an object such as {}, or None"),
        ("sys.exit(3)", "it called for an exit: SystemExit(3)"),
        ("ctx.publish('a', {}, stream='$actions')", "'$actions' is the engine's: publish into"),
        ("output = {}; output['a'] = output; return output", "RecursionError"),
        ("await asyncio.to_thread(time.sleep, 600)", "no answer in time"),
        (STUBBORN, "no answer in time"),
    ],
    ids=["list", "number", "exit", "engine's stream", "circle", "thread", "stubborn"],
)
def test_a_bad_agent_fails_alone_and_the_run_ends_and_tells_of_it(
    body: str, reason: str, folder: Path
) -> None:
    written(folder, body)

    done = subprocess.run(
        [sys.executable, "-m", "laban", *RUN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0
    assert done.stderr.startswith("1 dead letter in all: `laban check desk.laban` says why.\n")
    assert [reason in told for told in reasons(folder)] == [True]


def test_what_agents_print_is_no_result(laban: Laban, folder: Path) -> None:
    written(folder, "print('working')")

    result = laban(*RUN, "--json")

    assert json.loads(result.stdout)["published"] == 1
    assert "working" in result.stderr


def test_an_agent_that_blocks_is_named_and_cannot_keep_ctrl_c_from_ending_the_run(
    folder: Path,
) -> None:
    written(folder, "print('blocking', flush=True); time.sleep(600)")
    with subprocess.Popen(
        [sys.executable, "-m", "laban", *RUN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "blocking\n"

        process.send_signal(signal.SIGINT)
        told, named = process.stderr.readline(), process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, last = process.communicate(timeout=60)

    assert "Ctrl-C again stops at once" in told
    assert named == "Still waiting for answer (clerk); Ctrl-C again stops at once.\n"
    assert last == "laban: interrupted.\n"
    assert process.returncode == 130
    assert reasons(folder) == []  # it has no answer, and is run again


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "soon"])
def test_linger_is_a_time(seconds: str, laban: Laban, folder: Path) -> None:
    written(folder, "return None")

    result = laban(*RUN, "--linger", seconds)

    assert result.exit_code == 2
    assert "Invalid value for '--linger'" in result.stderr
    assert "fault" not in result.stderr
    assert not (folder / "desk.laban").exists()


def test_the_first_refused_line_is_told_with_its_place(laban: Laban, folder: Path) -> None:
    good = '{"stream": "call", "type": "asked"}'
    written(folder, "return None", good, "{oops", '{"stream": "call"}')

    result = laban(*RUN)

    assert "2 lines refused" in result.stdout
    assert "The first was refused because: line 2: not JSON" in result.stderr


def test_a_line_that_comes_twice_is_one_event_and_one_that_says_otherwise_is_refused(
    laban: Laban, folder: Path
) -> None:
    line = '{"stream": "call", "type": "asked", "id": "q-1", "data": {"n": 1}}'
    written(folder, "return None", line, line, line.replace("1}}", "2}}"))

    once, again = (json.loads(laban(*RUN, "--json").stdout) for _ in range(2))

    assert (once["published"], once["refused"]) == (1, 1)
    assert (again["published"], again["refused"]) == (0, 1)


def test_events_may_come_through_a_named_pipe(laban: Laban, folder: Path) -> None:
    written(folder, "return None")
    text = (folder / "events.jsonl").read_text()
    os.mkfifo(folder / "pipe")
    threading.Thread(target=lambda: (folder / "pipe").write_text(text)).start()

    result = laban("run", "desk.py", "--events", "pipe", "-o", "desk.laban", "--json")

    assert json.loads(result.stdout)["published"] == 1
