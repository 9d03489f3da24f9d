"""Watching a run in the debugger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.store.sqlite import SqliteLog

from .conftest import ROOT
from .test_examples import DESK
from .test_process import ESCAPES, events_in, on_terminal, until
from .test_run import lines, types

Laban = Callable[..., Result]
RUN = ("run", "desk.py", "--events", "questions.jsonl", "-o", "desk.laban")
SCREEN = "\x1b[?1049h"  # a terminal shows its second screen


@pytest.fixture(autouse=True)
def _desk(folder: Path) -> None:
    (folder / "desk.py").write_text(DESK)
    lines(folder, {"id": "q-1"})


def test_a_run_is_watched_to_its_end_and_its_last_line_stays(folder: Path) -> None:
    status, shown = on_terminal(folder, *RUN, "--watch", keys="q", after="The run has ended")

    shown, _, left = shown.rpartition("\x1b[?1049l")
    assert status == 0
    assert "answered" in shown
    assert "1 event published; 7 events in desk.laban" in ESCAPES.sub("", shown)
    assert ESCAPES.sub("", left).strip() == "1 event published; 7 events in desk.laban"


def test_leaving_ends_the_run_in_order_and_the_same_command_goes_on(folder: Path) -> None:
    lines(folder, {"id": "q-1", "data": {"seconds": 1}}, {"id": "q-2", "data": {"seconds": 99}})

    status, shown = on_terminal(
        folder, *RUN, "--partitions", "1", "--watch", keys="q", after="action.started"
    )

    left = ESCAPES.sub("", shown.rpartition("\x1b[?1049l")[2])
    assert status == 130
    assert "agents at work have a moment to end" in left
    assert f"desk.laban holds {events_in(folder / 'desk.laban')} events: the same command" in left
    assert left.endswith("laban: interrupted.\n")
    assert types(folder / "desk.laban").count("answered") == 1


def test_what_an_agent_prints_does_not_disturb_the_screen(folder: Path) -> None:
    (folder / "desk.py").write_text(DESK.replace("    await", "    print('so-said')\n    await"))

    _, shown = on_terminal(folder, *RUN, "--watch", keys="q", after="The run has ended")

    shown, _, left = shown.rpartition("\x1b[?1049l")
    assert "so-said" not in shown
    assert "so-said" in left


@pytest.mark.parametrize(
    ("desk", "args", "says"),
    [
        ("def", [], "line 1"),
        (DESK.replace('"answer"', '"greet"'), [], "these rules decide"),
        (DESK, ["--events", "nothing.jsonl"], "There is no file nothing.jsonl"),
        (DESK, ["-o", "events.jsonl"], "events.jsonl is no laban log"),
        (DESK, ["--partitions", "0"], "--partitions"),
    ],
    ids=["choreography", "rules", "source", "log", "usage"],
)
def test_what_cannot_run_says_the_same_as_unwatched_and_shows_no_screen(
    folder: Path, laban: Laban, desk: str, args: list[str], says: str
) -> None:
    laban(*RUN)
    (folder / "desk.py").write_text(desk)

    watched = on_terminal(folder, *RUN, *args, "--watch")

    assert watched == on_terminal(folder, *RUN, *args)
    assert watched[0] == 2
    assert says in watched[1]
    assert watched[1].count("\n") == 1
    assert SCREEN not in watched[1]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "--watch needs a terminal"),
        (["--json"], "--watch shows a screen, --json prints"),
        (["--events", "-"], "--watch reads keys from standard input"),
    ],
    ids=["pipe", "json", "stdin"],
)
def test_what_cannot_be_watched_is_said_before_anything_runs(
    folder: Path, laban: Laban, args: list[str], says: str
) -> None:
    result = laban(*RUN, *args, "--watch")

    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (folder / "desk.laban").exists()


def test_a_run_that_is_killed_is_said_to_be(folder: Path) -> None:
    killing = "    import os\n    os.kill(os.getpid(), 9)\n    await"
    (folder / "desk.py").write_text(DESK.replace("    await", killing))

    status, shown = on_terminal(folder, *RUN, "--watch", keys="q", after="ended by SIGKILL")

    left = ESCAPES.sub("", shown.rpartition("\x1b[?1049l")[2])
    assert status == 2
    assert left == "laban: The run was ended by SIGKILL: the same command goes on from there.\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_run_does_not_outlive_who_watches_it(folder: Path) -> None:
    noting = (
        "    import os, pathlib\n    pathlib.Path('pid').write_text(str(os.getpid()))\n    await"
    )
    (folder / "desk.py").write_text(DESK.replace("    await", noting))
    lines(folder, {"id": "q-1", "data": {"seconds": 2}})
    watcher = """
import os, pty, sys
if (child := pty.fork()[0]) == 0:
    os.execv(sys.executable, [sys.executable, "-m", "laban", *sys.argv[1:]])
print(child, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", watcher, *RUN, "--watch"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as terminal:
        assert terminal.stdout is not None
        child = int(terminal.stdout.readline())
        until((folder / "pid").exists)
        until(lambda: (folder / "pid").read_text() != "")

        os.kill(child, signal.SIGKILL)
        pid = int((folder / "pid").read_text())
        until(lambda: _is_gone(pid))
        terminal.communicate()

    assert types(folder / "desk.laban").count("answered") == 1


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_log_is_followed_by_open_and_a_foreign_one_is_not(folder: Path, laban: Laban) -> None:
    SqliteLog.create(folder / "new.laban").close()

    status, shown = on_terminal(
        folder, "open", "new.laban", "--follow", keys="q", after="following"
    )

    assert status == 0
    assert "There is no event yet" in shown
    assert "events.jsonl is no laban log" in laban("open", "events.jsonl", "--follow").stderr
    assert "--follow wants a LOG" in laban("open", "--follow").stderr
