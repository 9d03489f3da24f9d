"""`laban compare`"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .advice import next_step, word
from .compare_text import difference_fields, lines
from .foreign import as_log
from .opening import open_timeline
from .output import Progress, print_json, print_line, terminal_width
from .params import json_option
from .program import FOUND, NOT_FOUND, command
from .writing import written

if TYPE_CHECKING:
    from laban.replay.compare import Compared, Divergence, Part
    from laban.replay.timeline import Timeline

_PARTS = ("correlation", "stream", "range")


@command(
    "compare",
    "laban compare monday.laban tuesday.laban",
    "laban compare a.laban b.laban --ignore /data/seed --json",
    "laban compare a.laban b.laban --baseline a-again.laban --html report.html",
    "laban compare credit.laban --correlation credit-0004 credit-0005",
    "laban compare credit.laban --range @1..@99 @100..@198",
)
@click.argument("a", metavar="A", type=click.Path())
@click.argument("b", metavar="[B]", type=click.Path(), required=False)
@click.option(
    "--order",
    type=click.Choice(["causal", "stream", "global"]),
    default="causal",
    help="Which order counts: causal (the default), stream or global.",
    metavar="ORDER",
)
@click.option("--mask", metavar="NAME", help="What does not count: default, langgraph or strict.")
@click.option(
    "--ignore",
    metavar="POINTER",
    multiple=True,
    help="Nor does this part of events: /data/seed, /data/**/at.",
)
@click.option("--baseline", metavar="LOG", help="Nor does what differs between A and LOG.")
@click.option("--correlation", nargs=2, metavar="X Y", help="Compare X of A with Y of B.")
@click.option("--stream", nargs=2, metavar="X Y", help="Compare stream X of A with Y of B.")
@click.option(
    "--range", nargs=2, metavar="X Y", help="Compare positions of A with others of B: @1..@99."
)
@click.option("--html", "report", metavar="FILE", type=click.Path(), help="Write a report, too.")
@json_option
def compare(a: str, b: str | None, as_json: bool, report: str | None, **options: Any) -> int:
    """
    Find where two runs part.

    A and B are logs; without B, parts of A are compared. Streams may interleave in any way: an
    event is a root when it differs and nothing in its past does; what comes after a root is
    downstream. Ids, clocks and positions never count. The exit status is 0 when nothing differs
    and 1 when something does.
    """
    with ExitStack() as stack:
        first, second = _opened(stack, a, b, options)
        with Progress("comparing") as advance:
            answer = _compared(stack, first, second, options, advance)
        starts = first.start_ns, second.start_ns
    if report is not None:
        from .compare_html import page

        with written(report) as file:
            file.write(page(answer, (a, b or a)))
    if as_json:
        print_json(_fields(answer))
    else:
        for line in lines(answer, starts, terminal_width()):
            print_line(line)
        _suggest(answer, a, b or a)
    return FOUND if answer.identical else NOT_FOUND


def _suggest(answer: Compared, a: str, b: str) -> None:
    """Say where to look at the first root."""
    if answer.roots:
        root = answer.roots[0]
        path, event = (a, root.a) if root.b is None else (b, root.b)
        if event is not None:
            next_step("laban open", word(path), f"--at @{event.position}")


def _opened(
    stack: ExitStack, a: str, b: str | None, options: dict[str, Any]
) -> tuple[Timeline, Timeline]:
    """Open both logs; those of other tools are imported first."""
    if b is None and not any(options[part] for part in _PARTS):
        raise click.UsageError("Name B, or two parts of A by --correlation, --stream or --range.")
    return _timeline(stack, a), _timeline(stack, b or a)


def _timeline(stack: ExitStack, path: str) -> Timeline:
    return stack.enter_context(open_timeline(str(as_log(Path(path)))))


def _compared(
    stack: ExitStack, a: Timeline, b: Timeline, options: dict[str, Any], advance: Progress
) -> Compared:
    from laban.replay.compare import compare as compare_runs
    from laban.replay.compare import fitting, profile

    mask = fitting(a.log, b.log) if options["mask"] is None else profile(options["mask"])
    baseline = options["baseline"] and (a, _timeline(stack, options["baseline"]))
    return compare_runs(
        _part(a, 0, options),
        _part(b, 1, options),
        order=options["order"],
        mask=mask.ignoring(options["ignore"]),
        baseline=baseline,
        progress=advance,
    )


def _part(timeline: Timeline, side: int, options: dict[str, Any]) -> Part:
    from laban.replay.compare import Part

    correlation, stream, between = (options[name] and options[name][side] for name in _PARTS)
    if not between:
        return Part(timeline, 1, timeline.head, correlation, stream)
    first, dots, last = between.partition("..")
    if not dots:
        raise click.UsageError(f"{between!r} is no range: write @1..@99.")
    start, end = timeline.resolve(first), timeline.resolve(last)
    return Part(timeline, max(start, 1), end, correlation, stream)


def _fields(answer: Compared) -> dict[str, Any]:
    return {
        "identical": answer.identical,
        "order": answer.order,
        "mask": answer.mask,
        "events": {"a": answer.events_a, "b": answer.events_b},
        "streams": answer.streams,
        "roots": [_root(root) for root in answer.roots],
        "root_count": answer.root_count,
        "downstream": answer.downstream,
        "changed": answer.changed,
        "masked": {"pointers": answer.masked, "streams": answer.masked_streams},
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
        "differences": [difference_fields(each) for each in root.differences],
        "states": {"a": root.state_a, "b": root.state_b},
        "cause": root.cause,
    }
