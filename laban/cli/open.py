"""`laban open`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from shlex import quote

import click

from laban.store.terminal import safe

from .folders import recent_logs, remember
from .foreign import as_log
from .opening import indexed, opened_log
from .output import hint, print_line
from .params import ADDRESS_HELP, choreography_option
from .program import command
from .screen import NoTerminalError, debug, on_terminal


@command(
    "open",
    "laban open credit.laban",
    "laban open credit.laban --at @276",
    "laban open checkpoints.sqlite",
    "laban open credit.laban --follow",
)
@click.argument("path", metavar="[LOG]", required=False, type=click.Path())
@click.option("--at", "address", metavar="ADDRESS", help=ADDRESS_HELP)
@choreography_option
@click.option("--follow", is_flag=True, help="Begin at the head, and show new events as they come.")
def open_(path: str | None, address: str | None, choreography: str | None, follow: bool) -> None:
    """
    Step through a log in the debugger.

    A log of another tool is imported first, into your cache folder. Without LOG, the logs
    opened last and the demos are listed, to choose from.
    """
    if follow and path is None:
        raise click.UsageError("--follow wants a LOG: name it.", click.get_current_context())
    if choreography is not None and path is None:
        raise click.UsageError("--choreography wants a LOG: name it.")
    address = address or ("head" if follow else "0")
    if path is not None:
        _step_through(path, address, follow, choreography)
    elif on_terminal():
        _choose(address)
    else:
        for line, _ in _choices(address):
            print_line(line)


def _step_through(
    path: str, address: str, follow: bool = False, choreography: str | None = None
) -> None:
    file = Path(path) if follow else as_log(Path(path))  # what is imported does not grow
    with opened_log(str(file)) as log:
        if not on_terminal():
            raise NoTerminalError(file)
        with indexed(log, str(file), choreography) as timeline:
            at = timeline.resolve(address)
            remember(file)
            debug(timeline, file, at, follow=follow)


def _choices(address: str) -> Sequence[tuple[str, Callable[[], None]]]:
    """Return the command for each recent log and each demo, and what it does."""
    from laban.fixtures import DEMOS

    from .demo import play

    recent = [
        (f"laban open {safe(quote(str(log)))}", partial(_step_through, str(log), address))
        for log in recent_logs()
    ]
    return recent + [(f"laban demo {demo.name}", partial(play, demo)) for demo in DEMOS.values()]


def _choose(address: str) -> None:
    choices = _choices(address)
    for number, (line, _) in enumerate(choices, start=1):
        hint(f"{number:>3}  {line}")
    number = click.prompt("Open", default=1, type=click.IntRange(1, len(choices)), err=True)
    choices[number - 1][1]()
