"""What only a process of its own shows: signals, pipes, terminals."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.cli.folders import recent_logs
from laban.store.errors import LabanError
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

Start = Callable[..., "subprocess.Popen[str]"]
ROOT = Path(__file__).parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?<]*[A-Za-z]")
EVENTS = 150_000  # enough that an import can be interrupted


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_reader_that_goes_away_ends_the_output_in_silence(process: Start) -> None:
    running = process("log", "credit.laban", "--json")
    assert running.stdout is not None
    assert running.stderr is not None

    running.stdout.readline()
    running.stdout.close()

    assert running.wait() == 141
    assert running.stderr.read() == ""


def test_follow_shows_what_is_recorded_meanwhile_until_it_is_interrupted(
    process: Start, folder: Path
) -> None:
    running = process("log", "credit.laban", "--follow", "--from", "head", "--json")
    assert running.stdout is not None
    assert '"position":2583,' in running.stdout.readline()

    log = SqliteLog.open(folder / "credit.laban")
    log.append(NewEvent(stream="late", type="added", data={}))
    log.close()

    assert '"position":2584,"stream":"late"' in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate()
    assert (running.returncode, stderr) == (130, "laban: interrupted.\n")


def test_an_interrupted_import_keeps_whole_batches_and_says_how_to_go_on(
    process: Start, folder: Path
) -> None:
    lines = (f'{{"stream":"s","type":"t","id":"{n}","data":{{}}}}\n' for n in range(EVENTS))
    (folder / "source.jsonl").write_text("".join(lines))
    running = process("import", "source.jsonl", "-o", "new.laban")
    until(lambda: events_in(folder / "new.laban") > 0)

    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate()

    kept = events_in(folder / "new.laban")
    assert running.returncode == 130
    assert 0 < kept < EVENTS
    assert stderr == (
        f"{kept:,} events are in new.laban: the same command goes on from there.\n"
        "laban: interrupted.\n"
    )
    process("import", "source.jsonl", "-o", "new.laban").communicate()
    assert events_in(folder / "new.laban") == EVENTS


def events_in(path: Path) -> int:
    try:
        log = SqliteLog.open(path)
    except LabanError:  # it is being made
        return 0
    try:
        return log.head()
    finally:
        log.close()


def on_terminal(
    folder: Path, *args: str, keys: str = "", after: str = "", **environ: str
) -> tuple[int, str]:
    """
    Run the command in a terminal of 80 columns and return its status and what it showed.

    The *keys* are typed once *after* is on the screen. It is killed after a minute.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        [sys.executable, "-m", "laban", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = b""
        late = threading.Timer(60, running.kill)
        late.start()
        while piece := read(ours):
            shown += piece
            if keys and after.encode() in shown:
                os.write(ours, keys.encode())
                keys = ""
        late.cancel()
    os.close(ours)
    return running.returncode, shown.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_on_a_terminal_lines_fit_its_width(folder: Path) -> None:
    status, shown = on_terminal(folder, "log", "credit.laban", "--from", "2577")

    lines = shown.splitlines()
    assert (status, len(lines)) == (0, 7)
    assert max(map(len, lines)) == 80
    assert any(line.endswith("…") for line in lines)


def test_on_a_terminal_a_diff_has_colours_and_without_one_none(
    folder: Path, laban: Callable[..., Result]
) -> None:
    _, coloured = on_terminal(folder, "diff", "credit.laban", "116", "117")
    _, plain = on_terminal(folder, "diff", "credit.laban", "116", "117", NO_COLOR="1")
    piped = laban("diff", "credit.laban", "116", "117")

    assert "\x1b[33m~ /applicant-04/score" in coloured
    assert "\x1b" not in plain
    assert plain == piped.stdout


def test_on_a_terminal_open_shows_what_there_is_to_open(folder: Path) -> None:
    status, shown = on_terminal(folder, "open", keys="\x11", after="five agents decide")

    assert "open a log" in shown
    assert status == 0


def test_on_a_terminal_open_shows_the_debugger_and_remembers_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))

    status, shown = on_terminal(
        folder, "open", "credit.laban", "--at", "@276", keys="q", after="3m55.495s"
    )

    assert status == 0
    shown = ESCAPES.sub("", shown)
    assert "@276 / 2,583" in shown
    assert recent_logs() == [folder / "credit.laban"]


def test_on_a_terminal_the_demo_begins_at_the_first_wrong_decision_with_its_hint(
    folder: Path,
) -> None:
    status, shown = on_terminal(folder, "demo", "-o", "demo.laban", keys="q", after="689")

    assert status == 0
    shown = ESCAPES.sub("", shown)
    assert "@276 / 2,583" in shown
    assert "Refused with a score of 689" in shown


def test_a_prompt_answers_sql_until_it_is_left(folder: Path) -> None:
    status, shown = on_terminal(
        folder, "sql", "credit.laban", keys="SELECT count(*) AS n FROM events;\n.quit\n", after="> "
    )

    assert status == 0
    assert "2583" in shown


def test_without_a_terminal_sql_is_read_from_standard_input(
    laban: Callable[..., Result],
) -> None:
    result = laban("sql", "credit.laban", "--csv", input="SELECT count(*) AS n FROM events")

    assert result.stdout == "n\n2583\n"
