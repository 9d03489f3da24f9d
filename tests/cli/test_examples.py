"""The examples in the help: each of them is run."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import click
import pytest
from click.testing import Result
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from laban.cli.commands import COMMANDS
from laban.cli.program import Command, program
from laban.replay.choreography.engine import Engine
from laban.replay.choreography.loading import load_choreography, to_yaml
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

NEEDS_A_TERMINAL = {"open"}
ENDLESS = {"serve"}  # tests/web runs it, and ends it
DIFFERS = {"diff", "check", "compare"}  # finding something is status 1


DESK = """
from laban.replay.choreography import Choreography

desk = Choreography("desk")
desk.capability("clerk")
desk.pattern(event_type="asked", action="answer", target_capability="clerk")

@desk.agent("clerk")
async def answer(ctx):
    await ctx.sleep(ctx.event.data.get("seconds", 0))
    ctx.publish("answered", {"text": "yes"})
"""


class Ticket(TypedDict):
    answer: str


@pytest.fixture
def checkpoints(folder: Path) -> Path:
    graph = StateGraph(Ticket)
    graph.add_node("write", lambda _: {"answer": "yes"})
    graph.add_edge(START, "write")
    graph.add_edge("write", END)
    path = folder / "checkpoints.sqlite"
    with SqliteSaver.from_conn_string(str(path)) as saver:
        graph.compile(checkpointer=saver).invoke(
            {"answer": "?"}, {"configurable": {"thread_id": "ticket-1"}}
        )
    return path


SHOP = """
from laban.replay.choreography import Choreography

shop = Choreography("shop")
shop.capability("clerk")
shop.pattern(event_type="asked", action="answer", target_capability="clerk")
"""


@pytest.fixture
def shop(folder: Path) -> Path:
    """A choreography in both languages, a log that it made, and one that decides otherwise."""
    (folder / "shop.py").write_text(SHOP)
    (folder / "new-shop.py").write_text(SHOP.replace("answer", "reply"))
    choreography = load_choreography(str(folder / "shop.py"))
    (folder / "shop.yaml").write_text(to_yaml(choreography))
    path = folder / "shop.laban"
    log = SqliteLog.create(path)
    log.append(NewEvent(stream="customer-1", type="asked", data={}))
    log.append(*Engine(choreography.plan).step(log.get(1)))
    log.close()
    (folder / "say.json").write_text('{"reply": {"publish": [{"type": "answered"}]}}')
    return path


@pytest.fixture
def runs(folder: Path) -> None:
    """Runs of one program: each has a seed of its own, and from Tuesday on lamps are missing."""
    days = {
        "monday": 1,
        "tuesday": -1,
        "a-again": 1,
        "a": 1,
        "b": -1,
        "mon": 1,
        "tue": -1,
        "wed": -1,
    }
    for seed, (name, lamps) in enumerate(days.items()):
        log = SqliteLog.create(folder / f"{name}.laban")
        data = {"seed": seed, "lamps": lamps}
        log.append(NewEvent(stream="stock", type="counted", data=data))
        log.close()


@pytest.fixture
def desk(folder: Path) -> None:
    (folder / "desk.py").write_text(DESK)
    (folder / "questions.jsonl").write_text('{"stream": "desk", "type": "asked"}\n')


@pytest.fixture
def serving_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve nothing: tests/web does, and it would last until Ctrl-C."""
    monkeypatch.setattr(
        "laban.tui.web.server.serve_command", lambda *given: given[-1]("http://127.0.0.1/")
    )


def examples() -> list[str]:
    found = [
        program.get_command(click.Context(program), name)
        for name in COMMANDS
        if name not in ENDLESS
    ]
    return [one for each in found if isinstance(each, Command) for one in each.examples]


@pytest.mark.usefixtures("checkpoints", "desk", "runs", "serving_ends", "shop")
@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_help_does_what_it_shows(
    example: str, laban: Callable[..., Result]
) -> None:
    _, name, *args = shlex.split(example)

    result = laban(name, *args)

    if name in NEEDS_A_TERMINAL or {"--watch", "--tour"} & {*args}:
        assert result.exit_code == 2
        assert "needs a terminal" in result.stderr
    else:
        assert result.exit_code == (1 if name in DIFFERS else 0), result.stderr
        assert result.stdout or "written to" in result.stderr
