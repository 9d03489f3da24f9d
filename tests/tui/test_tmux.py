"""The debugger in a real terminal, from the command line to the last key."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from laban.store.event import NewEvent
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

    def size(self, width: int, height: int) -> None:
        """Resize the window."""
        self.run("resize-window", "-x", str(width), "-y", str(height))

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

    def gone(self, text: str) -> None:
        """Wait until the screen shows *text* no more."""
        deadline = time.monotonic() + PATIENCE
        while text in self.run("capture-pane", "-p"):
            assert time.monotonic() < deadline, f"The screen still shows {text!r}."
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


def shop_file(path: Path, **changed: object) -> Path:
    """Write the shop's events into a log; those of order-2 say *changed*, too."""
    log = SqliteLog.create(path)
    for event in shop_log().read():
        new = {name: getattr(event, name) for name in NewEvent.__struct_fields__}
        if event.stream == "order-2":
            new["data"] = {**event.data.parsed, **changed}
        log.append(NewEvent(**new))
    log.close()
    return path


@pytest.mark.tmux
def test_the_first_minute_is_led_by_hints(terminal: Terminal, tmp_path: Path) -> None:
    path = shop_file(tmp_path / "shop.laban")

    terminal.start(sys.executable, "-m", "laban", "open", str(path), size=(80, 24))
    terminal.shows("@0 / 10", "▸ n steps to the next event")
    terminal.keys("n")
    terminal.shows("@1 / 10", "▸ N steps back")
    terminal.keys("n", "n", "N")
    terminal.shows("@2 / 10", "▸ b sets a breakpoint here")
    terminal.keys("b", "type == 'StockCounted'", "Enter")
    terminal.shows("▸ c runs to it")
    terminal.keys("c", "c")
    terminal.shows("@8 / 10", "▸ enter on a row of the state goes to its last write")
    terminal.keys("2", "Enter")
    terminal.shows("stopped: wrote /stock/apples", "▸ ? lists all keys")
    terminal.keys("?")
    terminal.shows("type to search: a key, a word, a pane")
    terminal.keys("Escape")
    terminal.gone("type to search")
    terminal.keys("q")
    terminal.shows("left with 0")


@pytest.mark.tmux
def test_two_runs_are_compared_bisected_and_queried_while_the_window_changes(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = shop_file(tmp_path / "shop.laban")
    other = shop_file(tmp_path / "tuesday.laban", total=90)

    terminal.start(sys.executable, "-m", "laban", "open", str(path), "--at", "@5", size=(80, 24))
    terminal.shows("@5 / 10")
    terminal.keys("X", str(other), "Enter")
    terminal.shows("A shop.laban   B tuesday.laban", "≠   @2", "75 → 90", "q back")
    terminal.size(120, 36)
    terminal.keys("I", "state['stock']['apples'] < 10", "Enter")
    terminal.shows("true first at @7", "● @7 true  StockReserved", "I bisect")
    terminal.size(200, 50)
    terminal.keys("Q", "SELECT max(position) AS position FROM events WHERE position < $here")
    terminal.keys("\\;", "Enter")
    terminal.shows("1 row; enter on a position goes there")
    terminal.size(80, 24)
    terminal.keys("Enter")
    terminal.shows("@4 / 10", "stopped: found by SQL", "▶  4")
    terminal.keys("X")
    terminal.shows("A shop.laban   B tuesday.laban")
    terminal.keys("q", "q")
    terminal.shows("left with 0")


@pytest.mark.tmux
def test_a_storm_of_sizes_leaves_the_screen_whole(terminal: Terminal, tmp_path: Path) -> None:
    path = shop_file(tmp_path / "shop.laban")

    terminal.start(sys.executable, "-m", "laban", "open", str(path))
    terminal.shows("@0 / 10")
    for number in range(24):
        terminal.size(*[(80, 24), (20, 6), (200, 50), (3, 2), (120, 36), (61, 17)][number % 6])
        terminal.keys("nNv"[number % 3])
    terminal.keys("g")
    terminal.size(80, 24)
    screen = terminal.shows("@1 / 10", "1 Events", "n/N step", "? keys  q quit")
    assert screen.splitlines()[0].startswith(" laban  shop.laban")
    terminal.keys("q")
    terminal.shows("left with 0")


@pytest.mark.tmux
@pytest.mark.parametrize(("sign", "code"), [("HUP", 129), ("TERM", 143)])
def test_asked_to_end_it_keeps_where_it_was_and_leaves_the_terminal_as_it_found_it(
    terminal: Terminal, tmp_path: Path, sign: str, code: int
) -> None:
    path = shop_file(tmp_path / "shop.laban")
    command = (sys.executable, "-m", "laban", "open", str(path))

    terminal.start("sh", "-c", 'echo $$ > "$0"; exec "$@"', str(tmp_path / "pid"), *command)
    terminal.shows("@0 / 10")
    terminal.keys("n", "n", "n")
    terminal.shows("@3 / 10", "▶  3")
    os.kill(int((tmp_path / "pid").read_text()), getattr(signal, f"SIG{sign}"))
    left = terminal.shows(f"left with {code}")
    terminal.start(*command)
    terminal.shows("back at @3, where you left")
    terminal.keys("q")

    assert "Events" not in left  # the screen from before is back


@pytest.mark.tmux
def test_cut_off_from_its_terminal_it_ends(terminal: Terminal, tmp_path: Path) -> None:
    path = shop_file(tmp_path / "shop.laban")
    command = (sys.executable, "-m", "laban", "open", str(path))

    terminal.start("sh", "-c", 'echo $$ > "$0"; exec "$@"', str(tmp_path / "pid"), *command)
    terminal.shows("@0 / 10")
    pid = int((tmp_path / "pid").read_text())
    terminal.run("kill-server")

    ends = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
