"""Running a choreography from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.store.sqlite import SqliteLog

from .conftest import ROOT
from .test_examples import DESK

Laban = Callable[..., Result]
Started = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _desk(folder: Path) -> None:
    (folder / "desk.py").write_text(DESK)


@pytest.fixture
def started(folder: Path) -> Iterator[Started]:
    """Start `laban run` as a process of its own."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "laban", "run", "desk.py", "-o", "desk.laban", *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with process:
            process.kill()


def lines(folder: Path, *events: dict[str, Any]) -> None:
    text = "".join(f"{json.dumps({'stream': 'desk', 'type': 'asked', **e})}\n" for e in events)
    (folder / "questions.jsonl").write_text(text)


def types(path: Path) -> list[str]:
    log = SqliteLog.open(path)
    found = [event.type for event in log.read()]
    log.close()
    return found


def run(laban: Laban, *options: str) -> dict[str, object]:
    result = laban("run", "desk.py", "-o", "desk.laban", "--json", *options)

    assert result.exit_code == 0, result.stderr
    shown: dict[str, object] = json.loads(result.stdout)
    return shown


def test_every_event_of_the_source_is_answered(laban: Laban, folder: Path) -> None:
    lines(folder, *({"id": f"q-{number}"} for number in range(250)))

    shown = run(laban, "--events", "questions.jsonl")

    found = types(folder / "desk.laban")
    assert found.count("asked") == found.count("answered") == 250
    assert shown == {"log": "desk.laban", "events": len(found), "published": 250, "refused": 0}


def test_the_same_command_again_publishes_only_what_is_new(laban: Laban, folder: Path) -> None:
    lines(folder, {}, {"id": "q-2"}, {"id": "q-3", "time": "2026-03-02T09:00:00Z"})
    first = run(laban, "--events", "questions.jsonl")
    lines(folder, {}, {"id": "q-2"}, {"id": "q-3", "time": "2026-03-02T09:00:00Z"}, {})
    second = run(laban, "--events", "questions.jsonl")

    assert (first["published"], second["published"]) == (3, 1)
    assert types(folder / "desk.laban").count("answered") == 4


def test_lines_that_are_no_event_are_kept_with_their_place(laban: Laban, folder: Path) -> None:
    lines(folder, {"id": "q-1"}, {"id": "q-1", "data": {"other": 1}}, {"source": "laban"})
    with (folder / "questions.jsonl").open("a") as file:
        file.write('{"stream": "desk",\n{"stream": "desk", "type": "asked"}')

    shown = run(laban, "--events", "questions.jsonl")

    log = SqliteLog.open(folder / "desk.laban")
    lost = {f.kind: f for f in log.findings()}
    log.close()
    assert shown["refused"] == 3
    assert shown["published"] == 2
    assert lost["malformed"].line == 4
    assert lost["conflict"].origin == "questions.jsonl"


def test_standard_input_is_taken_line_by_line_as_it_comes(folder: Path, started: Started) -> None:
    process = started("--events", "-")
    assert process.stdin is not None

    for number in range(3):
        process.stdin.write(b'{"stream": "desk", "type": "asked"}\n')
        process.stdin.flush()
        wait_for(folder, "answered", number + 1)
    process.communicate(timeout=20)

    assert process.returncode == 0


def test_an_interrupted_run_ends_in_order_and_the_same_command_goes_on(
    laban: Laban, folder: Path, started: Started
) -> None:
    lines(folder, *({"id": f"q-{n}", "data": {"seconds": 0.2 * n}} for n in range(4)))
    process = started("--events", "questions.jsonl", "--follow")
    wait_for(folder, "action.started", 2)

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    shown = run(laban, "--events", "questions.jsonl")

    assert process.returncode == 130
    assert b"the same command goes on" in said
    assert shown["published"] == 0
    assert types(folder / "desk.laban").count("answered") == 4


def test_a_followed_file_may_grow(folder: Path, started: Started) -> None:
    lines(folder, {"id": "q-1"})
    process = started("--events", "questions.jsonl", "--follow")
    wait_for(folder, "answered", 1)

    with (folder / "questions.jsonl").open("a") as file:
        file.write('{"stream": "desk", "ty')
        file.flush()
        time.sleep(0.1)
        file.write('pe": "asked"}\n')
    wait_for(folder, "answered", 2)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def test_a_choreography_without_agents_says_so(laban: Laban, folder: Path) -> None:
    (folder / "desk.py").write_text(DESK.partition("@desk.agent")[0])
    lines(folder, {})

    result = laban("run", "desk.py", "--events", "questions.jsonl", "-o", "desk.laban")

    assert result.exit_code == 0
    assert "No function carries out clerk" in result.stderr
    assert "action.failed" in types(folder / "desk.laban")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["nobody.py"], "There is no file nobody.py"),
        (["desk.py", "--events", "nothing.jsonl"], "There is no file nothing.jsonl"),
        (["desk.py:boss"], "no choreography 'boss'"),
        (["desk.py", "--partitions", "0"], "--partitions"),
    ],
    ids=["choreography", "events", "name", "partitions"],
)
def test_what_cannot_run_is_one_line_and_makes_no_log(
    laban: Laban, folder: Path, args: list[str], reason: str
) -> None:
    result = laban("run", *args, "-o", "new.laban")

    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (folder / "new.laban").exists()


def test_other_rules_than_the_logs_are_refused(laban: Laban, folder: Path) -> None:
    lines(folder, {"id": "q-1"})
    run(laban, "--events", "questions.jsonl")
    (folder / "desk.py").write_text(DESK.replace('"answer"', '"greet"'))

    result = laban("run", "desk.py", "-o", "desk.laban")

    assert result.exit_code == 2
    assert "these rules decide" in result.stderr


def wait_for(folder: Path, type: str, count: int) -> None:
    """Wait until the log holds so many events of a type."""
    deadline = time.monotonic() + 20
    while not (folder / "desk.laban").exists() or types(folder / "desk.laban").count(type) < count:
        assert time.monotonic() < deadline, f"no {count} events {type!r}"
        time.sleep(0.02)
