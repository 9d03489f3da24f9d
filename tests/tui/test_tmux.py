"""The debugger in a real terminal, from the command line to the last key."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from laban.store.sqlite import SqliteLog
from tests.tui.driver import shop_log

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds until a text that does not come is missed


class Terminal:
    """A terminal kept by tmux."""

    def __init__(self, server: str) -> None:
        self.server = server

    def run(self, *arguments: str) -> str:
        """Run a tmux command on this terminal's own server."""
        command = ["tmux", "-L", self.server, "-f", "/dev/null", *arguments]
        environment = dict(os.environ)  # without the COLUMNS and LINES that readline adds for C
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment
        ).stdout

    def start(
        self, *command: str, size: tuple[int, int] = (120, 36), folder: Path = ROOT, set: str = ""
    ) -> None:
        """Start *command* in *folder*; what it leaves behind stays in view."""
        environment = f"env -u NO_COLOR {set} TERM=tmux-256color COLORTERM=truecolor"
        environment += f" PYTHONPATH={shlex.quote(str(ROOT))}"
        line = f"cd {folder} && {environment} {shlex.join(command)}; echo left with $?; sleep 60"
        self.run("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), line)

    def keys(self, *keys: str) -> None:
        """Press keys: tmux's names of keys, or texts."""
        for key in keys:
            self.run("send-keys", *(() if key in ("Enter", "Escape", "Tab") else ("-l",)), key)

    def shows(self, *texts: str) -> str:
        """Wait until the screen shows all of *texts*, and return it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.run("capture-pane", "-p")
            missing = [text for text in texts if text not in screen]
            if not missing:
                return screen
            if time.monotonic() > deadline:
                pytest.fail(f"The screen does not show {missing}:\n{screen}")
            time.sleep(0.05)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(f"laban-{os.getpid()}-{uuid4().hex[:8]}")
    yield terminal
    subprocess.run(["tmux", "-L", terminal.server, "kill-server"], check=False)


@pytest.mark.tmux
def test_a_log_is_opened_stepped_through_searched_and_left(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "shop.laban"
    log = SqliteLog.create(path)
    log.append(*shop_log().read())
    log.close()

    terminal.start(sys.executable, "-m", "laban", "open", str(path), "--at", "@1")
    terminal.shows("shop.laban   @1 / 10", "1 Events", "2 State +3", "3 Watches", "4 Event")
    terminal.keys("n", "n")
    terminal.shows("@3 / 10   +2.000s   stopped: step", "▶  3", "+ apples  12")
    terminal.keys("/", "data['apples'] == 3", "Enter")
    terminal.shows("@9 / 10", "match of data['apples'] == 3", "stale: it was 2 since @8")
    terminal.keys("[")
    terminal.shows("@7 / 10", "stopped: cause", "~ apples  12 → 9")
    terminal.keys("w")
    terminal.shows("@3 / 10", "stopped: wrote /stock/apples")
    terminal.keys("q")
    terminal.shows("left with 0")


@pytest.mark.tmux
def test_the_demo_leads_to_its_cause_in_three_keys(terminal: Terminal) -> None:
    terminal.start(sys.executable, "-m", "laban", "demo")

    terminal.shows("decision_made", "[ goes to who asked")
    terminal.keys("[")
    terminal.shows("stopped: cause", "[ again goes to the rating")
    terminal.keys("[")
    terminal.shows("w goes to score's last write")
    terminal.keys("w")
    terminal.shows("score_corrected", "~ score  565 → 689", "a cache was never told")
    terminal.keys("q")
    terminal.shows("left with 0")


DESK = """
from laban.replay.choreography import Choreography

desk = Choreography("desk")
desk.capability("clerk")
desk.pattern(event_type="asked", action="answer", target_capability="clerk")

@desk.agent("clerk")
async def answer(ctx):
    await ctx.sleep(0.05)
    ctx.publish("answered", {"answers": 1 + ctx.event.data["asked"]})
"""


@pytest.mark.tmux
@pytest.mark.parametrize("set", ["", "NO_COLOR=1"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_a_run_is_watched_paused_gone_on_with_and_left(
    terminal: Terminal, tmp_path: Path, size: tuple[int, int], set: str
) -> None:
    (tmp_path / "desk.py").write_text(DESK)
    questions = tmp_path / "questions.jsonl"
    asked = '{{"stream": "call-{0}", "type": "asked", "data": {{"asked": {0}}}}}\n'
    questions.write_text(asked.format(1))
    run = ("run", "desk.py", "--events", "questions.jsonl", "-o", "desk.laban", "--follow")

    terminal.start(
        *(sys.executable, "-m", "laban", *run, "--watch"), size=size, folder=tmp_path, set=set
    )
    terminal.shows("desk.laban   @7 / 7", "following", "action.completed", "N looks back")
    terminal.keys("b", "type == 'answered'", "Enter")
    with questions.open("a") as file:
        file.write(asked.format(2))
    terminal.shows("@12 / 13", "1 behind", "paused at @12: breakpoint type == 'answered'")
    terminal.keys("N")
    terminal.shows("@11 / 13", "2 behind", "stopped: step back")
    with questions.open("a") as file:
        file.write(asked.format(3))
    terminal.shows("@11 / 19", "8 behind")
    terminal.keys("G")
    terminal.shows("@19 / 19", "following")
    terminal.keys("q")
    terminal.shows("desk.laban holds 19 events: the same command goes on there.", "left with 130")


@pytest.mark.tmux
def test_a_log_is_followed_while_another_process_appends(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "shop.laban"
    log = SqliteLog.create(path)
    told = list(shop_log().read())

    terminal.start(sys.executable, "-m", "laban", "open", str(path), "--follow")
    terminal.shows("@0 / 0", "following", "There is no event yet")
    for event in told[:3]:
        log.append(event)
    terminal.shows("@3 / 3", "following", "▶ 3", "+ apples  12", "N looks back")
    terminal.keys("N")
    log.append(*told[3:])
    terminal.shows("@2 / 10", "8 behind")
    terminal.keys("q")
    terminal.shows("left with 0")
    log.close()


@pytest.mark.tmux
def test_keys_in_one_burst_are_obeyed_in_ascii_and_a_yank_reaches_the_clipboard(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "shop.laban"
    log = SqliteLog.create(path)
    log.append(*shop_log().read())
    log.close()

    terminal.start(
        *(sys.executable, "-m", "laban", "open", str(path)), size=(80, 24), set="LABAN_ASCII=1"
    )
    terminal.run("set-option", "-g", "set-clipboard", "on")
    assert terminal.shows("@0 / 10", "+= 1 Events").isascii()
    terminal.keys("/type == 'PaymentFailed'\nnya")
    terminal.shows("@6 / 10", "address yanked, 2 bytes")
    assert terminal.run("show-buffer") == "@6"
