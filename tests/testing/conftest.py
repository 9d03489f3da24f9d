"""What the tests of the assertions share: a fresh folder, and pytest in it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from laban.fixtures import credit
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from tests import warm

ROOT = Path(__file__).parents[2]
BANK = """
from laban.fixtures.credit import Bank

bank = Bank({}).choreography()
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def bank() -> MemoryLog:
    """The credit demo; never to be written to."""
    log = MemoryLog()
    credit.record(log)
    return log


@pytest.fixture(scope="session")
def recorded_bank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The credit demo, as the bytes of its log."""
    path = tmp_path_factory.mktemp("bank") / "credit.laban"
    log = SqliteLog.create(path)
    credit.record(log)
    log.close()
    return path.read_bytes()


@pytest.fixture
def project(tmp_path: Path, recorded_bank: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh folder, the current one, with the demo's log and its rules."""
    (tmp_path / "credit.laban").write_bytes(recorded_bank)
    (tmp_path / "bank.py").write_text(BANK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run_pytest(tmp_path: Path) -> Run:
    """Run pytest in a process of its own, with our plugin alone, in *cwd* or the fresh folder."""

    def run(*args: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        apart = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
        plugin = ("-q", "-p", "laban.testing.plugin")
        return warm.run("pytest", *plugin, *args, cwd=cwd, env={**os.environ, **apart})

    return run


def failures(output: str) -> list[str]:
    """Return what pytest prints of a failure: its lines that begin with E."""
    return [line[1:].strip() for line in output.splitlines() if re.match(r"E( |$)", line)]
