"""`laban serve`"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from shlex import join

import click

from laban.store.errors import LabanError

from .foreign import as_log
from .opening import open_timeline
from .output import hint, print_line
from .params import ADDRESS_HELP, choreography_option
from .program import command


class NoWebError(LabanError):
    """The packages that serve web pages are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "`laban serve` needs more packages than are here: pip install 'laban[web]'"
        )


@command(
    "serve",
    "laban serve credit.laban",
    "laban serve credit.laban --at @276 --port 8127",
)
@click.argument("path", metavar="LOG", type=click.Path())
@click.option("--at", "address", metavar="ADDRESS", help=ADDRESS_HELP)
@choreography_option
@click.option("--follow", is_flag=True, help="Begin at the head, and show new events as they come.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Where to listen on 127.0.0.1; else on any port that is free.",
)
def serve(
    path: str, address: str | None, choreography: str | None, follow: bool, port: int
) -> None:
    """
    Show the debugger in a browser on this machine.

    The address that is printed holds a secret: whoever has it can read the log and the files
    that you can open, so it is only for you. It listens on 127.0.0.1; from elsewhere, go
    there by SSH: ssh -L 8127:127.0.0.1:8127 HOST. Each tab is a debugger of its own. Ctrl-C
    ends all.
    """
    if find_spec("textual_serve") is None:
        raise NoWebError
    log = path if follow else str(as_log(Path(path)))
    with open_timeline(log, choreography) as timeline:  # once, so that no tab has to wait
        if address is not None:
            timeline.resolve(address)
    from laban.tui.web.server import serve_command

    serve_command(_opening(log, address, choreography, follow), Path(path).name, port, _tell)


def _opening(log: str, address: str | None, choreography: str | None, follow: bool) -> str:
    """Return the shell command that each tab runs."""
    options = {"--at": address, "--choreography": choreography}
    given = [part for name, value in options.items() if value for part in (name, value)]
    arguments = [*given, *["--follow"] * follow, "--", log]
    return join([sys.executable, "-m", "laban", "open", *arguments])


def _tell(url: str) -> None:
    print_line(url)
    sys.stdout.flush()
    hint("Open this address in a browser on this machine; Ctrl-C ends.")
