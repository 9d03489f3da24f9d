"""`laban run`"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from laban.store import open_log
from laban.store.importers import SourceError
from laban.store.log import EventLog

from .feeding import STDIN, Feed
from .folders import remove_log
from .looks import look_options
from .output import counted, hint, print_json, print_line
from .params import Seconds, json_option
from .program import FOUND, command
from .screen import on_terminal
from .watching import watched
from .working import cancelled_by_signals, run_to_end

if TYPE_CHECKING:
    from laban.replay.choreography import Choreography
    from laban.replay.runtime import Runtime


@command(
    "run",
    "laban run desk.py --events questions.jsonl -o desk.laban",
    "laban run desk.py -o desk.laban --json",
    "laban run desk.py --events questions.jsonl -o desk.laban --watch",
)
@click.argument("file", metavar="FILE[:NAME]")
@click.option(
    "--events", "source", metavar="SOURCE", help="JSON Lines or an array; - is standard input."
)
@click.option(
    "-o",
    "output",
    metavar="LOG",
    required=True,
    type=click.Path(),
    help="The log to go on with, or to make.",
)
@click.option("--follow", is_flag=True, help="Go on for more events until interrupted.")
@click.option(
    "--partitions",
    metavar="N",
    type=click.IntRange(1, 1024),
    default=8,
    show_default=True,
    help="Actions under way at once.",
)
@click.option(
    "--linger",
    metavar="SECONDS",
    type=Seconds(0),
    default=0.0,
    help="Wait for timers that are due within this time.",
)
@click.option("--watch", is_flag=True, help="Show it in the debugger as it happens.")
@look_options
@json_option
@click.pass_obj
def run(
    started: Callable[[], None] | None,
    file: str,
    source: str | None,
    output: str,
    follow: bool,
    partitions: int,
    linger: float,
    watch: bool,
    as_json: bool,
) -> int:
    """
    Run a choreography on events, live.

    FILE is a Python file with a Choreography and its agents. Events come from SOURCE, and
    from whoever else appends to LOG. Everything is recorded in LOG; the run ends when SOURCE
    did and no action is under way. Interrupted or killed, the same command goes on from there.
    """
    if watch:
        _check_watch(source, as_json)
        return watched(file, source, output, follow, partitions, linger)
    from laban.replay.choreography.decisions import TIMERS
    from laban.replay.choreography.loading import load_choreography
    from laban.replay.runtime import Runtime

    choreography = load_choreography(file)
    feed = Feed(source, follow=follow) if source else None
    is_new, log = not Path(output).exists(), open_log(Path(output), create=True)
    try:
        _say_who_is_missing(choreography)
        runtime = Runtime(choreography, log, partitions=partitions)
        if run_to_end(_run(runtime, feed, follow, linger, started)):
            hint(f"{output} holds {counted(log.head(), 'event')}: the same command goes on there.")
            raise KeyboardInterrupt
        _report(runtime, feed, output, log, as_json)
    except SourceError:
        if is_new and log.head() == log.length(TIMERS):  # it says no more than when it began
            remove_log(Path(output))
        raise
    finally:
        log.close()
    return FOUND


async def _run(
    runtime: Runtime,
    feed: Feed | None,
    follow: bool,
    linger: float,
    started: Callable[[], None] | None,
) -> bool:
    """Run until all is quiet; True: until somebody interrupted it. *started* is called once."""

    async def work() -> None:
        if feed:
            await feed.into(runtime)
        while follow:
            await runtime.quiet()
            await asyncio.sleep(1)
        await runtime.quiet(linger)

    async with runtime:
        if started:
            started()
        task = asyncio.create_task(work())
        with cancelled_by_signals(task, runtime.at_work):
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()
    return task.cancelled()


def _check_watch(source: str | None, as_json: bool) -> None:
    """Raise UsageError where nobody could watch, or type."""
    context = click.get_current_context()
    if as_json:
        raise click.UsageError("--watch shows a screen, --json prints: choose one.", context)
    if source == STDIN:
        raise click.UsageError(
            "--watch reads keys from standard input, so events cannot come from there: "
            "give a file, and --follow when it grows.",
            context,
        )
    if not on_terminal():
        raise click.UsageError("--watch needs a terminal, and there is none here.", context)


def _say_who_is_missing(choreography: Choreography) -> None:
    inside = {c.name for c in choreography.plan.capabilities.values() if not c.outside}
    missing = sorted(inside - choreography.agents.keys())
    if missing:
        hint(
            f"No function carries out {', '.join(missing)}: requests to them will fail. "
            "Register one with @choreography.agent(NAME), for YAML in a Python file that loads it."
        )


def _report(runtime: Runtime, feed: Feed | None, output: str, log: EventLog, as_json: bool) -> None:
    published, refused = (feed.published, feed.refused) if feed else (0, 0)
    if as_json:
        print_json(
            {"log": output, "events": log.head(), "published": published, "refused": refused}
        )
        return
    print_line(
        f"{counted(published, 'event')} published; {counted(log.head(), 'event')} in {output}"
    )
    if refused:
        print_line(f"{counted(refused, 'line')} refused: `laban check {output}` says why.")
    if feed and feed.first_refused:
        hint(f"The first was refused because: {feed.first_refused}")
    if letters := log.length("$dead_letters"):
        hint(f"{counted(letters, 'dead letter')} in all: `laban check {output}` says why.")
    if runtime.engine.timers.next():
        hint("Timers are set that are not due yet: the same command with --linger waits for them.")
