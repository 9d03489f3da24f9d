"""`laban demo`"""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from laban.store import open_log
from laban.store.errors import LabanError, did_you_mean
from laban.store.event import event_line

from .folders import remove_log, user_cache
from .looks import look_options
from .opening import open_timeline
from .output import counted, print_json, print_line
from .params import json_option
from .program import command
from .screen import NoTerminalError, debug, on_terminal

if TYPE_CHECKING:
    from laban.fixtures import Demo
    from laban.replay.timeline import Timeline


class UnknownDemoError(LabanError):
    """There is no demo of this name."""


@command(
    "demo",
    "laban demo",
    "laban demo --tour",
    "laban demo orders",
    "laban demo credit -o my-credit.laban --no-open",
)
@click.argument("name", metavar="[NAME]", default="credit")
@click.option(
    "-o", "output", metavar="LOG", type=click.Path(), help="Where to record it; else in a cache."
)
@click.option("--no-open", is_flag=True, help="Tell the story instead of opening the debugger.")
@look_options
@click.option("--tour", is_flag=True, help="Be led through the debugger, in five minutes.")
@json_option
def demo(name: str, output: str | None, no_open: bool, tour: bool, as_json: bool) -> None:
    """
    Record a demo and open it where it goes wrong.

    NAME is one of these:

    \b
    credit   five agents decide on loans, and some decisions are wrong (the default)
    orders   ten rules run a shop, and a fraud is found out after the parcel has left
    travel   a saga books a trip, the card is declined, and everything is given back
    breaker  a map service is down, and its circuit breaker gives it a rest
    hybrid   claims are routed, delegated, gathered and settled, and one is forgotten

    Without a terminal the story is printed, and the commands to go on with.
    """
    chosen = _find(name)
    if tour and name != "credit":
        raise click.UsageError("The tour leads through the demo credit: leave the name out.")
    path = _record(chosen, Path(output)) if output else record_cached(chosen)
    if not as_json and not no_open and on_terminal():
        _show(chosen, path, tour)
        return
    if tour and not as_json:
        raise NoTerminalError(path)
    with open_timeline(str(path)) as timeline:
        if as_json:
            at = chosen.focus(timeline)
            print_json({"log": str(path), "events": timeline.head, "demo": name, "position": at})
        else:
            _tell(chosen, timeline, path)


def _show(demo: Demo, path: Path, tour: bool) -> None:
    from laban.tui.guide.tours import CREDIT

    with open_timeline(str(path)) as timeline:
        hints = [("", "")] if tour else [(hint.text, hint.key) for hint in demo.hints]
        steps = CREDIT if tour else ()
        debug(timeline, path, demo.focus(timeline), demo.pointer(timeline), hints, tour=steps)


def _find(name: str) -> Demo:
    from laban.fixtures import DEMOS

    if name not in DEMOS:
        known = f" The demos are: {', '.join(DEMOS)}."
        raise UnknownDemoError(f"No demo is named {name!r}.{did_you_mean(name, DEMOS, known)}")
    return DEMOS[name]


def _record(demo: Demo, path: Path) -> Path:
    from laban.store.sqlite import SqliteLog

    log = SqliteLog.create(path)
    try:
        demo.record(log)
    finally:
        log.close()
    return path


def record_cached(demo: Demo) -> Path:
    """Record the demo into the user's cache folder, unless it is there from the last time."""
    path = user_cache() / "demos" / f"{demo.name}.laban"
    if not _holds(path, demo):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_log(path)
        _record(demo, path)
    return path


def _holds(path: Path, demo: Demo) -> bool:
    """Tell whether there is a sound log at *path* that is this very version of the demo."""
    from laban.store.memory import MemoryLog

    fresh = MemoryLog()
    demo.record(fresh)
    try:
        log = open_log(path)
    except LabanError:
        return False
    try:
        return [*map(event_line, log.read())] == [*map(event_line, fresh.read())]
    finally:
        log.close()


def _tell(demo: Demo, timeline: Timeline, path: Path) -> None:
    print_line(demo.story(timeline))
    print_line()
    print_line(f"Recorded {counted(timeline.head, 'event')} in {path}. Go on with:")
    print_line(f"  laban open {quote(str(path))} --at @{demo.focus(timeline)}")
    for line in demo.commands_for(str(path)):
        print_line(f"  {line}")
