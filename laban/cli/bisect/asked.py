"""What a bisection is asked for: its words and options, checked against one another."""

from __future__ import annotations

import re
from dataclasses import dataclass

import click

from laban.cli.external import Tester
from laban.cli.program import Command

RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words and options of `laban bisect`."""

    words: tuple[str, ...]  # the log, an action and its positions; with --runs the logs
    command: tuple[str, ...] | None  # what came after `run`
    where: str | None
    choreography: str | None
    mode: str | None  # first, last-good, all or assume-monotone
    first: str | None
    last: str | None
    limit: int | None
    by: str | None
    runs: bool
    ever: bool
    repeat: int
    rule: str
    timeout: float | None
    quiet: bool
    as_json: bool

    @property
    def log(self) -> str:
        """The log to bisect."""
        return self.words[0]

    def tester(self, command: tuple[str, ...]) -> Tester:
        """Return *command* as a test, run as is asked for."""
        return Tester(
            command, quiet=self.quiet, timeout=self.timeout, repeat=self.repeat, rule=self.rule
        )

    def check(self) -> None:
        """Raise UsageError for what does not go together."""
        for wrong, problem in self._problems():
            if wrong:
                raise click.UsageError(problem)

    def _problems(self) -> list[tuple[object, str]]:
        ways = (self.where is not None) + (self.command is not None)
        acts = len(self.words) > 1 and not self.runs
        return [
            (self.command == (), "`run` needs a command: laban bisect LOG run ./test.sh."),
            (self.command and self.command[0].startswith("-"), "Options come before `run`."),
            (ways > 1, "Test either --where or by `run`, not both."),
            (
                ways and acts,
                f"{' '.join(self.words[1:])!r} is too much: give one LOG, or --runs for several.",
            ),
            (self.runs and len(self.words) < 2, "--runs bisects two logs or more."),
            (self.runs and not ways, "--runs needs a test: --where EXPR or `run` COMMAND."),
            (self.runs and (self.first or self.last), "--runs has no --from and no --to."),
            (self.runs and self.by, "--runs and --each do not go together."),
            (self.ever and not (self.runs and self.where), "--ever needs --runs and --where."),
            (self.limit is not None and (self.by or self.runs), "--limit is for one log's edges."),
            (
                self.command is None and (self.repeat > 1 or self.timeout),
                "--repeat and --timeout are for `run` COMMAND.",
            ),
            (
                acts and (self.first or self.last) and self.words[1] != "start",
                "--from and --to are for `start`, --where and `run`.",
            ),
            (
                self.choreography and (self.runs or not self.where),
                "--choreography makes the state of one log that --where reads.",
            ),
            (self.by and not self.where, "--each needs --where EXPR."),
            (self.by and self.mode not in (None, "first"), "--each finds the first alone."),
            (
                self.where is None and self.mode not in (None, "assume-monotone"),
                f"--{self.mode} needs --where EXPR: other tests are asked as seldom as possible.",
            ),
        ]


class BisectCommand(Command):
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
