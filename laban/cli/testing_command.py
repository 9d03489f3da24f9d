"""What the commands share that take another command, after the word `run`, as their test."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from .external import RULES, Tester
from .program import Command

RUN = "run"

_OPTIONS = (
    click.option(
        "--repeat", metavar="N", type=click.IntRange(1), default=1,
        help="Run COMMAND N times a test.",
    ),
    click.option(
        "--disagree", "rule", type=click.Choice(RULES), default=RULES[0], show_default=True,
        help="What answers mean that are not all the same.",
    ),
    click.option(
        "--timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True),
        help="End COMMAND after that: a skip.",
    ),
    click.option("--quiet", is_flag=True, help="Hide what COMMAND prints."),
)  # fmt: skip


def test_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how COMMAND is run; `Asked` has their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words and options of such a command."""

    words: tuple[str, ...]  # before `run`, the log first
    command: tuple[str, ...] | None  # what came after `run`
    repeat: int
    rule: str
    timeout: float | None
    quiet: bool
    as_json: bool

    @property
    def log(self) -> str:
        """The log that is asked about."""
        return self.words[0]

    def tester(self, command: tuple[str, ...]) -> Tester:
        """Return *command* as a test, run as is asked for."""
        return Tester(
            command, quiet=self.quiet, timeout=self.timeout, repeat=self.repeat, rule=self.rule
        )

    def check(self) -> None:
        """Raise UsageError for what does not go together."""
        for wrong, problem in self.problems():
            if wrong:
                raise click.UsageError(problem)

    def problems(self) -> list[tuple[object, str]]:
        """Return what may be wrong, each with what to say of it then."""
        raise NotImplementedError


class CommandWithTest(Command):
    """A command after whose word `run` everything belongs to another command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what comes before `run`, and keep the rest as it is."""
        place = self._place_of_run(args)
        rest = super().parse_args(ctx, args[:place])
        ctx.params["command"] = None if place == len(args) else tuple(args[place + 1 :])
        return rest

    def _place_of_run(self, args: list[str]) -> int:
        """Return where `run` stands, after a log and not as the value of an option."""
        words = 0
        skip = False
        for place, arg in enumerate(args):
            if skip:
                skip = False
            elif re.match("--?[a-z]", arg):
                skip = arg in self._with_value()
            elif words and arg == RUN:
                return place
            else:
                words += 1
        return len(args)

    def _with_value(self) -> set[str]:
        return {
            name
            for option in self.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
