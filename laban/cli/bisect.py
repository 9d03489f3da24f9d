"""`laban bisect`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from laban.store.terminal import fit

from .opening import open_timeline
from .output import Progress, counted, print_json, print_line, terminal_width
from .params import json_option, log_argument
from .program import FOUND, NOT_FOUND, command
from .render import event_text

if TYPE_CHECKING:
    from laban.replay.bisect import Bisection


@command(
    "bisect",
    "laban bisect credit.laban --where \"state['applicant-04']['score'] > 600\"",
    "laban bisect credit.laban --where \"data.get('rating') == 'high'\" --first --json",
)
@log_argument
@click.option("--where", required=True, metavar="EXPR", help="The test, an expression.")
@click.option(
    "--first", is_flag=True, expose_value=False, help="Find the first position (the default)."
)
@json_option
def bisect(path: str, where: str, as_json: bool) -> int:
    """
    Find where a test turns true.

    The test may be true, false, and true again: the answer is the first position where it
    is true. The exit status is 1 when there is none.
    """
    from laban.replay.bisect import first_edge
    from laban.replay.expression import compile_expression

    test = compile_expression(where)
    with open_timeline(path) as timeline:
        with Progress("bisecting") as advance:
            answer = first_edge(timeline, test, progress=advance)
        start_ns = timeline.start_ns
    if as_json:
        print_json(_fields(answer))
    else:
        _print(answer, start_ns)
    return FOUND if answer.found else NOT_FOUND


def _fields(answer: Bisection) -> dict[str, object]:
    return {
        "found": answer.found,
        "position": answer.position,
        "event": answer.event,
        "good": answer.good,
        "bad": answer.bad,
        "edges": [{"good": answer.good, "bad": answer.bad}] if answer.found else [],
        "probes": answer.probes,
        "undefined": answer.undefined,
        "guarantee": answer.guarantee,
    }


def _print(answer: Bisection, start_ns: int | None) -> None:
    tested = f"{counted(answer.probes, 'position')} tested"
    if answer.undefined:
        tested += f", {answer.undefined:,} of them gave the test no value"
    if answer.event:
        print_line(f"true first at @{answer.bad}, not yet at @{answer.good}")
        print_line(fit(f"└─ {event_text(answer.event, start_ns)}", terminal_width()))
    elif answer.found:
        print_line("true from the start, before the first event")
    else:
        print_line("never true")
    print_line(f"{answer.guarantee}: {tested}")
