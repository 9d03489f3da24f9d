"""The program: commands are imported when used, and every end has its exit status."""

# ruff: noqa: ARG002 - click says which parameters its methods take

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

import click

from laban import __version__
from laban.store.errors import LabanError, did_you_mean

from .commands import COMMANDS, Entry

FOUND = 0  # or clean, or the same
NOT_FOUND = 1  # or different
TROUBLE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141  # as if the signal had ended us


class Command(click.Command):
    """A command whose help ends with examples."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse *args*. Raises UsageError for text that is no UTF-8; names of files may be."""
        rest = super().parse_args(ctx, args)
        for parameter in self.params:
            text = ctx.params.get(parameter.name or "")
            if isinstance(text, str) and not isinstance(parameter.type, click.Path):
                _check_utf8(text, ctx)
        return rest

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are typed, never wrapped."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def _check_utf8(text: str, ctx: click.Context) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:  # Python's stand-in for a byte that it could not decode
        raise click.UsageError(f"{text!r} is no UTF-8 text: type it anew.", ctx) from None


def command(name: str, *examples: str) -> Callable[[Callable[..., int | None]], Command]:
    """Make a function a command; it returns its exit status, None meaning 0."""
    return click.command(name, cls=Command, examples=examples)


class Program(click.Group):
    """A group that knows its commands by name and help, and imports only the one used."""

    def __init__(self, entries: Mapping[str, Entry], **kwargs: Any) -> None:
        super().__init__(invoke_without_command=True, callback=_help_alone, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the table's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        found = getattr(import_module(entry.module), entry.attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that *args* begin with. Raises UsageError with the nearest name."""
        name = args[0]
        if name not in self.entries and not name.startswith("-"):
            raise click.UsageError(f"No command {name!r}.{did_you_mean(name, self.entries)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interruption and a closed pipe are ends of their own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            complain("interrupted.")
            raise click.exceptions.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            raise click.exceptions.Exit(_broken_pipe()) from None

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run and end the process with one of the exit statuses above."""
        extra["standalone_mode"] = False
        sys.exit(exit_status(partial(super().main, *args, **extra)))


@click.pass_context
def _help_alone(ctx: click.Context) -> None:
    """Show the help when no command is named."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def exit_status(run: Callable[[], object]) -> int:
    """Return the exit status of *run*; what went wrong is one line on standard error."""
    try:
        result = run()
        sys.stdout.flush()
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "laban"
        return complain(f"{error.format_message()} See `{path} --help`.")
    except click.ClickException as error:
        return complain(error.format_message())
    except click.Abort:
        return INTERRUPTED
    except LabanError as error:
        return complain(str(error))
    except BrokenPipeError:
        return _broken_pipe()
    except OSError as error:
        return complain(_os_error(error))
    except Exception as error:  # a fault of ours must not look like status 1, "not found"
        if "LABAN_DEBUG" in os.environ:
            raise
        fault = f"{type(error).__name__}: {error}"
        return complain(f"A fault in laban, please report it: {fault} (LABAN_DEBUG=1 shows where).")
    return result if isinstance(result, int) else FOUND


def complain(message: str) -> int:
    """Write *message* as one line on standard error and return the status for trouble."""
    click.echo(f"laban: {' '.join(message.splitlines())}", err=True)
    return TROUBLE


def _broken_pipe() -> int:
    """Nobody reads any more: let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _os_error(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


EPILOG = """
Exit status: 0 found or clean, 1 not found or different, 2 trouble.

Tab completion: `eval "$(_LABAN_COMPLETE=bash_source laban)"` (or zsh_source, fish_source).
"""

program = Program(
    COMMANDS,
    name="laban",
    help="Replay, inspect and query the event logs of multi-agent systems.",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
program = click.version_option(__version__, prog_name="laban", message="%(prog)s %(version)s")(
    program
)


def main() -> NoReturn:
    """Run `laban` with the arguments of the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    program.main(prog_name="laban")
