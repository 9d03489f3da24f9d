"""What the tests of the command share: the demo as a log, and a way to run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laban.cli.program import program
from laban.fixtures import DEMOS
from laban.store.event import event_line
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, recorded once; never to be written to."""
    path = tmp_path_factory.mktemp("recorded") / "credit.laban"
    log = SqliteLog.create(path)
    DEMOS["credit"].record(log)
    log.close()
    return path


@pytest.fixture
def folder(tmp_path: Path, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder; it holds the demo as `credit.laban` and its events as JSON Lines."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "credit.laban").write_bytes(recorded.read_bytes())
    log = SqliteLog.open(tmp_path / "credit.laban")
    lines = [event_line(event) for event in log.read()]
    log.close()
    (tmp_path / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return tmp_path


@pytest.fixture
def process(folder: Path) -> Iterator[Start]:
    """Start the command as a process of its own in the current folder, with pipes."""
    started: list[subprocess.Popen[str]] = []

    def start(*args: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "laban", *args],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:  # closes its pipes and waits for it
            process.kill()


@pytest.fixture
def laban(folder: Path) -> Laban:  # noqa: ARG001 - it is where the command runs
    """Run the command in the current folder: `laban("state", "credit.laban")`."""

    def run(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(program, args, input=input)

    return run
