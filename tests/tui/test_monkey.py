"""Random keys, clicks and sizes, the same ones each time: nothing may crash or mislead."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

import pytest

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.importers import import_source
from laban.store.sqlite import SqliteLog
from laban.tui.app import DebuggerApp
from laban.tui.desk import Desk, Opened
from laban.tui.jobs import Job
from laban.tui.open_log import _SCREENS
from laban.tui.screens import handing
from tests.benchmarks.generate import generate_jsonl
from tests.tui.driver import debugger, shop_log
from tests.tui.monkey import Monkey
from tests.tui.odd_logs import LOGS, backwards

pytestmark = pytest.mark.usefixtures("unpainted")
SEED = os.environ.get("LABAN_MONKEY_SEED", "1")
KEYS = int(os.environ.get("LABAN_MONKEY_KEYS", "0"))  # to press on each log of EVENTS
LARGE = os.environ.get("LABAN_MONKEY_LOG")  # of a million events; one is made when none is named
ACTS = int(os.environ.get("LABAN_MONKEY_ACTS", "20"))  # on each log, about five keys each
EVERYWHERE = ("X", "escape", "I", "escape", "Q", "escape", "K", "T", "O", "escape", "D")


@pytest.fixture(autouse=True)
def _nothing_is_written_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "Path", lambda text: tmp_path / Path(text).name)


def a_desk(folder: Path) -> Desk:
    """Return a desk with two more logs; what is remembered and yanked stays in *folder*."""

    def open_any(name: str, _: Job) -> Opened:
        log = (backwards if name.endswith("n") else shop_log)()
        return Opened(log=log, timeline=Timeline.open(log), title=name)

    return Desk(
        open=open_any,
        play=open_any,
        recent=lambda: [Path("/logs/shop")],
        demos=lambda: {"train": "it is late"},
        config=folder / "config",
        kept=folder / "kept",
        yanked=folder / "yanked",
    )


def play(monkey: Monkey, make: Callable[[], DebuggerApp], on: Callable[[], bool]) -> None:
    """Play while *on*, with another debugger when a key has ended the last one."""

    async def run() -> None:
        app = make()
        async with app.run_test(size=(120, 36)) as pilot:
            await monkey.play(pilot, on)
        for log in app.logs[1:]:
            log.opened.close()

    try:
        while on():
            asyncio.run(run())
    finally:  # pytest shows it after a failure
        print(f"{monkey.keys} keys, the last of {len(monkey.done)} acts: {monkey.done[-4:]}")


@pytest.mark.parametrize("name", LOGS)
def test_no_keys_clicks_or_sizes_crash_or_mislead(name: str, tmp_path: Path) -> None:
    log, monkey = LOGS[name](), Monkey(f"{name} {SEED}")
    timeline, desk = Timeline.open(log), a_desk(tmp_path)

    play(monkey, lambda: debugger(log, timeline, desk=desk), lambda: len(monkey.done) < ACTS)


@pytest.mark.parametrize("events", [0, 1, 100])
def test_every_screen_of_a_log_in_a_file_is_as_safe(events: int, tmp_path: Path) -> None:
    path = tmp_path / f"{events}.laban"
    with closing(SqliteLog.create(path)) as log:
        log.append(*map(anew, islice(backwards().read(), events)))
    monkey = Monkey(f"{events} {SEED}", begin=EVERYWHERE)

    play_file(monkey, path, tmp_path, lambda: len(monkey.done) < ACTS or monkey.keys < KEYS)

    assert monkey.screens == {*_SCREENS, "open"}


@pytest.mark.skipif(KEYS == 0, reason="takes minutes: `make soak` does it")
def test_a_log_of_a_million_events_is_as_safe(tmp_path: Path) -> None:
    path, monkey = Path(LARGE or tmp_path / "large.laban"), Monkey(f"large {SEED}")
    if not path.exists():
        generate_jsonl(tmp_path / "large.jsonl", events=1_000_000)
        with closing(SqliteLog.create(path)) as log:
            import_source([tmp_path / "large.jsonl"], log)

    play_file(monkey, path, tmp_path, lambda: monkey.keys < KEYS)


def play_file(monkey: Monkey, path: Path, folder: Path, on: Callable[[], bool]) -> None:
    """Play with the log at *path*, which a file may be asked by SQL."""
    cache, desk = path.with_name(f"{path.name}.cache"), a_desk(folder)
    with closing(SqliteLog.open(path)) as log, closing(Timeline.open(log, cache)) as timeline:
        options = {"title": path.name, "path": path, "folder": cache}

        play(monkey, lambda: debugger(log, timeline, desk=desk, **options), on)


def test_a_log_that_grows_meanwhile_crashes_and_misleads_as_little(tmp_path: Path) -> None:
    path, monkey = tmp_path / "growing.laban", Monkey(f"growing {SEED}")
    odd = [event for make in LOGS.values() for event in islice(make().read(), 40)]
    come = map(anew, cycle(odd))

    with (
        closing(SqliteLog.create(path)) as log,
        closing(SqliteLog.open(path)) as writer,
        closing(Timeline.open(log, tmp_path / "cache")) as timeline,
    ):

        def on() -> bool:
            writer.append(*islice(come, monkey.chance.choice([0, 1, 1, 2, 50])))
            return len(monkey.done) < ACTS

        play(monkey, lambda: debugger(log, timeline, at=timeline.head, follow=True), on)


def anew(event: NewEvent) -> NewEvent:
    """Return what an event said, to be recorded once more."""
    names = ("stream", "type", "data", "source", "time_ns", "metadata")
    return NewEvent(**{name: getattr(event, name) for name in names})
