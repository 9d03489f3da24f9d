"""What a bisection is asked for: its words and options, checked against one another."""

from __future__ import annotations

from dataclasses import dataclass

from laban.cli import testing_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(testing_command.Asked):
    """The log, an action and its positions, or with --runs the logs; and the options."""

    where: str | None
    choreography: str | None
    mode: str | None  # first, last-good, all or assume-monotone
    first: str | None
    last: str | None
    limit: int | None
    by: str | None
    runs: bool
    ever: bool

    def problems(self) -> list[tuple[object, str]]:
        """Return what may be wrong, each with what to say of it then."""
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
