"""
Programs of Python, run in processes of their own that have their imports already.

A server that imported them is forked for each run: all is as with `python -m MODULE ARGS`, but
for half a second less. That Laban starts from nothing, too, is held in tests/cli/test_process.py,
in pipes of the documents, and in tests/testing/test_plugin.py.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from laban.cli.commands import COMMANDS

IMPORTED = ["pytest", "laban.testing.plugin", "laban.cli.program", "tests.warm"]

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload([*IMPORTED, *(entry.module for entry in COMMANDS.values())])


def run(
    module: str, *args: str, cwd: Path, env: Mapping[str, str], merged: bool = False
) -> subprocess.CompletedProcess[str]:
    """
    Run the program and return its status and output.

    *Merged*, its errors stand in its output, each line where a terminal would show it.
    """
    with TemporaryDirectory() as folder:
        out = Path(folder, "out")
        err = out if merged else Path(folder, "err")
        process = _server.Process(target=_be, args=(module, args, cwd, dict(env), out, err))
        process.start()
        process.join()
        assert process.exitcode is not None
        printed = out.read_text(), "" if merged else err.read_text()
        return subprocess.CompletedProcess([module, *args], process.exitcode, *printed)


def _be(
    module: str, args: tuple[str, ...], cwd: Path, env: dict[str, str], out: Path, err: Path
) -> None:
    """Become the program in this process."""
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    by_line = 1 if out == err else -1
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False, buffering=by_line)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, str(cwd))
    sys.argv = [module, *args]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
