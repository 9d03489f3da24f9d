"""`laban compare`"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import click

from .opening import open_timeline
from .output import Progress, hint, print_json, print_line, terminal_width
from .params import json_option
from .program import FOUND, NOT_FOUND, command

if TYPE_CHECKING:
    from laban.replay.compare import Compared, Difference, Divergence
    from laban.replay.compare.comparing import Order


@command(
    "compare",
    "laban compare monday.laban tuesday.laban",
    "laban compare a.laban b.laban --ignore /data/seed --json",
)
@click.argument("a", metavar="A", type=click.Path())
@click.argument("b", metavar="B", type=click.Path())
@click.option(
    "--order",
    type=click.Choice(["causal", "stream", "global"]),
    default="causal",
    show_default=True,
    help="What must be in the same order.",
)
@click.option(
    "--mask",
    "mask_name",
    metavar="NAME",
    default="default",
    help="What does not count: default, langgraph or strict.",
)
@click.option(
    "--ignore",
    "ignored",
    metavar="POINTER",
    multiple=True,
    help="Does not count either, e.g. /data/seed or /data/**/at.",
)
@json_option
def compare(
    a: str, b: str, order: str, mask_name: str, ignored: tuple[str, ...], as_json: bool
) -> int:
    """
    Find where two runs part.

    A and B are logs. Streams may interleave in any way: an event is a root when it differs and
    nothing in its past does, and what comes after a root is downstream. Ids, clocks and
    positions never count. The exit status is 0 when nothing differs and 1 when something does.
    """
    from laban.replay.compare import compare as compare_timelines
    from laban.replay.compare import profile

    mask = profile(mask_name).ignoring(ignored)
    with ExitStack() as stack:
        first, second = (stack.enter_context(open_timeline(path)) for path in (a, b))
        with Progress("comparing") as advance:
            answer = compare_timelines(
                first, second, order=cast("Order", order), mask=mask, progress=advance
            )
        starts = first.start_ns, second.start_ns
    if as_json:
        print_json(_fields(answer))
    else:
        from .compare_text import lines

        for line in lines(answer, starts, terminal_width()):
            print_line(line)
        for note in answer.notes:
            hint(note)
    return FOUND if answer.identical else NOT_FOUND


def _fields(answer: Compared) -> dict[str, Any]:
    return {
        "identical": answer.identical,
        "order": answer.order,
        "events": {"a": answer.events_a, "b": answer.events_b},
        "streams": answer.streams,
        "roots": [_root(root) for root in answer.roots],
        "root_count": answer.root_count,
        "downstream": answer.downstream,
        "changed": answer.changed,
        "guarantee": answer.guarantee,
        "notes": answer.notes,
    }


def _root(root: Divergence) -> dict[str, Any]:
    return {
        "kind": root.kind,
        "stream": root.stream,
        "stream_position": root.stream_position,
        "a": root.a,
        "b": root.b,
        "differences": [_difference(each) for each in root.differences],
        "states": {"a": root.state_a, "b": root.state_b},
        "cause": root.cause,
    }


def _difference(each: Difference) -> dict[str, Any]:
    """Return a difference; a side that has nothing there has no key, so null is a value."""
    from laban.replay.pointer import MISSING

    sides = {"a": each.a, "b": each.b}
    return {"pointer": each.pointer, **{k: v for k, v in sides.items() if v is not MISSING}}
