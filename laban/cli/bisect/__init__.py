"""`laban bisect`"""

from __future__ import annotations

from typing import Any

import click

from laban.cli.params import ADDRESS_HELP, choreography_option, json_option
from laban.cli.testing_command import CommandWithTest, test_options

from .asked import Asked

EXAMPLES = (
    "laban bisect credit.laban --where \"state['applicant-04']['score'] > 600\"",
    "laban bisect credit.laban --where \"data.get('rating') == 'high'\" --all --json",
    "laban bisect credit.laban --where \"type == 'score_corrected'\" --each correlation",
    "laban bisect credit.laban run sh -c '! grep -q corrected \"$LABAN_STATE\"'",
    "laban bisect credit.laban start --to @276",
    "laban bisect --runs mon.laban tue.laban wed.laban --where \"state['stock']['lamps'] < 0\"",
)


@click.command("bisect", cls=CommandWithTest, examples=EXAMPLES)
@click.argument("words", metavar="LOG [run COMMAND… | ACTION]", nargs=-1, required=True)
@click.option("--where", metavar="EXPR", help="The test, an expression.")
@choreography_option
@click.option("--first", "mode", flag_value="first", help="Find the first position (the default).")
@click.option("--last-good", "mode", flag_value="last-good", help="Find where it stays true.")
@click.option("--all", "mode", flag_value="all", help="Find every edge, in both directions.")
@click.option(
    "--assume-monotone", "mode", flag_value="assume-monotone",
    help="Halve: few tests, and the first only of what stays true.",
)  # fmt: skip
@click.option("--from", "first", metavar="ADDRESS", help=f"Where to begin: {ADDRESS_HELP}")
@click.option("--to", "last", metavar="ADDRESS", help="Where to end.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(0), help="List no more than N edges [20]."
)
@click.option(
    "--each", "by", type=click.Choice(["correlation", "stream", "source"]),
    help="Find the first event in each group of events.",
)  # fmt: skip
@click.option("--runs", is_flag=True, help="Bisect over logs, given in order, at their heads.")
@click.option("--ever", is_flag=True, help="With --runs: true anywhere, not at the head alone.")
@test_options
@json_option
def bisect(words: tuple[str, ...], command: tuple[str, ...] | None, **options: Any) -> int:
    """
    Find where a test turns true.

    The test may be true, false, and true again: the answer is the first position where it
    is true, or with --last-good, --all what you ask for. The exit status is 1 when there is
    none, or when skips leave more than one.

    COMMAND says good by exit status 0, skip by 125, bad by 1 to 127. It finds the state at a
    position in the JSON file LABAN_STATE, the events up to it in the log LABAN_LOG, and the
    position in LABAN_POSITION. As {state}, {log} and {position} among its words they are filled
    in, and then only those files are made.

    ACTION is start, good, bad, skip, log, replay or reset, as for git bisect; good, bad and
    skip take positions. Without it, you see how far the bisection is.
    """
    asked = Asked(words=words, command=command, **options)
    asked.check()
    if asked.runs:
        from .over_runs import by_runs

        return by_runs(asked)
    if asked.where is not None:
        from .over_events import by_expression

        return by_expression(asked)
    if command is not None:
        from .running import by_command

        return by_command(asked, command)
    from .by_hand import act

    return act(asked)
