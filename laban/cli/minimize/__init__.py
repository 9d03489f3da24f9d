"""`laban minimize`"""

from __future__ import annotations

from typing import Any

import click

from laban.cli.params import Seconds, choreography_option, json_option
from laban.cli.testing_command import CommandWithTest, test_options

from .asked import Asked

EXAMPLES = (
    "laban minimize credit.laban --where \"state['applicant-04']['score'] > 600\" -o small.laban",
    "laban minimize shop.laban --mismatch --choreography new-shop.py -o small.laban",
    'laban minimize credit.laban --finding "stale read" -o small.laban --json',
    "laban minimize credit.laban -o small.laban run sh -c '! grep -q corrected \"$LABAN_STATE\"'",
)


@click.command("minimize", cls=CommandWithTest, examples=EXAMPLES)
@click.argument("words", metavar="LOG [run COMMAND…]", nargs=-1, required=True)
@click.option("-o", "output", metavar="NEW", required=True, help="The log to make.")
@click.option("--where", metavar="EXPR", help="The failure: where this is ever true.")
@click.option("--mismatch", is_flag=True, help="The first decision that rules make otherwise.")
@click.option("--violation", is_flag=True, help="The first broken contract or dead letter.")
@click.option("--finding", metavar="KIND", help="The first of this kind in `laban check`.")
@choreography_option
@click.option("--replay", is_flag=True, help="Let the rules decide anew on what is left.")
@click.option(
    "--time-limit", metavar="SECONDS", type=Seconds(0), help="Stop with the best by then."
)
@test_options
@json_option
def minimize(words: tuple[str, ...], command: tuple[str, ...] | None, **options: Any) -> int:
    """
    Find the fewest events that still show a failure.

    NEW gets them. An event goes only together with all that rests on it: what it caused, and
    what had read what it wrote. In the end each event that is left is needed. The exit status
    is 1 when LOG does not show the failure.

    COMMAND says by exit status 1 to 127 that a log shows it, by 0 that it does not, by 125 that
    nobody can tell. It finds the log in LABAN_LOG, the state at its end in the JSON file
    LABAN_STATE, and the number of its events in LABAN_POSITION. As {log}, {state} and {position}
    among its words they are filled in.

    Interrupted, it keeps the best so far, and the same command goes on from there.
    """
    asked = Asked(words=words, command=command, **options)
    asked.check()
    from .searching import search

    return search(asked)
