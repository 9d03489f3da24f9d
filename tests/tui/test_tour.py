"""The guided tour: what it says is so, and its keys lead where it says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import pytest
from textual.pilot import Pilot

from laban.cli.desk import make_desk
from laban.fixtures import DEMOS
from laban.replay.timeline import Timeline
from laban.store.sqlite import SqliteLog
from laban.tui.actions import BY_ID
from laban.tui.app import DebuggerApp
from laban.tui.desk import Opened
from laban.tui.guide.tour import Step, Tour
from laban.tui.guide.tours import CREDIT
from laban.tui.keys.keymap import Keymap
from tests.tui.driver import grid, settle

TEXT = 80 - len(" Tour 15/15  ") - 1  # cells of a line of a step on the smallest screen


def test_a_step_is_over_when_its_action_was_done_or_the_user_goes_on() -> None:
    tour = Tour([Step("press {next}", "next"), Step("look"), Step("the end, {help}")])

    assert tour.text({"next": "n"}.__getitem__) == "press n"
    assert not tour.did("previous")
    assert tour.did("next")
    assert not tour.did("next")
    assert (tour.text(Keymap().key_of), tour.progress) == ("look", "2/3")
    tour.turn(1)
    assert tour.text(Keymap().key_of) == "the end, ?"
    tour.turn(-5)
    assert tour.progress == "1/3"
    tour.turn(9)
    assert (tour.text(Keymap().key_of), tour.progress) == ("", "")


@pytest.mark.parametrize("step", CREDIT, ids=lambda step: step.text[:20])
def test_each_step_fits_into_its_lines_and_names_only_keys_that_there_are(step: Step) -> None:
    text = Tour([step]).text(Keymap().key_of)

    assert len(wrap(text, TEXT)) <= 3
    assert step.action in ("", "choose", *BY_ID)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The demo as `laban demo --tour` opens it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    demo, path = DEMOS["credit"], tmp_path / "credit.laban"
    log = SqliteLog.create(path)
    demo.record(log)
    timeline = Timeline.open(log)
    yield Opened(
        log=log,
        timeline=timeline,
        path=path,
        title=path.name,
        at=demo.focus(timeline),
        select=demo.pointer(timeline),
        hints=[("", "")],
        tour=CREDIT,
    )
    timeline.close()
    log.close()


def test_the_tour_leads_to_the_stale_read_and_ends_with_a_test_of_it(opened: Opened) -> None:
    app = DebuggerApp(opened, make_desk())
    places: list[int] = []

    async def script(pilot: Pilot[None]) -> None:
        for number, step in enumerate(CREDIT, start=1):
            await until(pilot, f"Tour {number}/{len(CREDIT)} ")
            places.append(app.current.session.position)
            await prepare(pilot, step)
            await pilot.press(key_to_end(step))
            await settle(pilot)
            if step.action == "address":
                await pilot.press("enter")

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await script(pilot)

    asyncio.run(run())

    assert places[:6] == [276, 276, 269, 266, 117, 266]
    assert "assert" in Path("test_credit_276.py").read_text()


async def prepare(pilot: Pilot[None], step: Step) -> None:
    """Do what a step asks for besides the key that ends it."""
    if step.action == "check":
        await pilot.press("enter")
        await until(pilot, "true first at @276")
    elif step.action == "choose":
        await until(pilot, "stale read")
    elif step.action == "debug":
        await pilot.press("escape")  # out of the editor
    elif not step.action and step is CREDIT[-1]:
        await pilot.press("p")
        await until(pilot, "/applicant-04/approved should be")
        await pilot.press(*["backspace"] * len("false"), *"true", "enter", "enter")
        await until(pilot, "fails now")


def key_to_end(step: Step) -> str:
    """Return the key that ends a step."""
    if step.action == "choose":
        return "enter"
    return BY_ID[step.action or "tour_next"].keys[0]


async def until(pilot: Pilot[None], text: str) -> None:
    """Wait until the screen shows *text*."""
    async with asyncio.timeout(20):
        while text not in grid(pilot.app):
            await pilot.pause()
