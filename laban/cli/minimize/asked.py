"""What a minimisation is asked for: its words and options, checked against one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from laban.cli import testing_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(testing_command.Asked):
    """The words and options of `laban minimize`."""

    output: str
    where: str | None
    mismatch: bool
    violation: bool
    finding: str | None
    choreography: str | None
    replay: bool
    time_limit: float | None

    @property
    def progress_file(self) -> Path:
        """Where the outcomes of tests are kept until the search is done."""
        new = Path(self.output)
        return new.with_name(f"{new.name}.progress")

    @property
    def test(self) -> str:
        """All that decides what is tested, as text."""
        chosen = {
            "run": self.command, "where": self.where, "mismatch": self.mismatch,
            "violation": self.violation, "finding": self.finding,
            "choreography": self.choreography, "replay": self.replay, "repeat": self.repeat,
            "rule": self.rule,
        }  # fmt: skip
        return repr({name: value for name, value in chosen.items() if value})

    def problems(self) -> list[tuple[object, str]]:
        """Return what may be wrong, each with what to say of it then."""
        tests = (self.where, self.command, self.mismatch or None, self.violation or None)
        ways = sum(test is not None for test in (*tests, self.finding))
        return [
            (len(self.words) > 1, f"{self.words[1:2]}: give one LOG."),
            (self.command == (), "`run` needs a command: laban minimize LOG -o NEW run ./test.sh."),
            (self.command and self.command[0].startswith("-"), "Options come before `run`."),
            (
                ways != 1,
                "Say what the failure is, in one way: --where EXPR, --mismatch, --violation, "
                "--finding KIND, or `run` COMMAND.",
            ),
            (self.mismatch and not self.choreography, "--mismatch needs the --choreography."),
            (self.replay and not self.choreography, "--replay needs the --choreography."),
            (self.replay and self.mismatch, "--replay makes all decisions: none will differ."),
            (
                self.choreography and self.command and not self.replay,
                "--choreography and `run` go together with --replay alone.",
            ),
        ]
