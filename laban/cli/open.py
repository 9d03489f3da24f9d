"""`laban open`"""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from laban.store.terminal import safe

from .desk import make_desk
from .folders import recent_logs, remember
from .foreign import as_log
from .looks import look_options
from .opening import indexed, opened_log
from .output import print_line
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
@look_options
def open_(path: str | None, address: str | None, choreography: str | None, follow: bool) -> None:
    """
    Step through a log in the debugger.

    It begins where you left it. A log of another tool is imported first, into your cache
    folder. Without LOG, the logs opened last and the demos are shown, to choose from. Keys of
    your own stand in keys.toml of your settings folder, such as ~/.config/laban.
    """
    if follow and path is None:
        raise click.UsageError("--follow wants a LOG: name it.", click.get_current_context())
    if choreography is not None and path is None:
        raise click.UsageError("--choreography wants a LOG: name it.")
    if path is None and address is not None:
        raise click.UsageError("--at wants a LOG: name it.")
    if path is None:
        _choose()
    else:
        _step_through(path, address or ("head" if follow else None), follow, choreography)


def _step_through(
    path: str, address: str | None, follow: bool = False, choreography: str | None = None
) -> None:
    file = Path(path) if follow else as_log(Path(path))  # what is imported does not grow
    with opened_log(str(file)) as log:
        if not on_terminal():
            raise NoTerminalError(file)
        with indexed(log, str(file), choreography) as timeline:
            at = None if address is None else timeline.resolve(address)
            remember(file)
            debug(timeline, file, at, follow=follow)


def _choose() -> None:
    """Let the user choose in the debugger, or list the choices where it cannot be shown."""
    if on_terminal():
        from laban.tui import run_debugger

        run_debugger(None, make_desk())
        return
    from laban.fixtures import DEMOS

    for log in recent_logs():
        print_line(f"laban open {safe(quote(str(log)))}")
    for demo in DEMOS:
        print_line(f"laban demo {demo}")
