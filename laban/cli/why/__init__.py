"""`laban why`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from laban.cli.advice import next_step, word
from laban.cli.opening import open_timeline
from laban.cli.output import Progress, print_json, print_line
from laban.cli.params import (
    at_option,
    choreography_option,
    json_option,
    log_argument,
    optional_pointer_argument,
)
from laban.cli.plain import plain_option, told_why
from laban.cli.program import FOUND, NOT_FOUND, command

if TYPE_CHECKING:
    from laban.replay.explain import Why
    from laban.replay.timeline import Timeline

_SIGNS = ("as_tree", "full", "mermaid", "as_json")  # the other forms of an answer


@command(
    "why",
    "laban why credit.laban /applicant-04/approved",
    "laban why credit.laban /applicant-04/approved --at @276 --json",
    "laban why credit.laban /applicant-04/rating --tree",
    "laban why credit.laban --not offer_accepted --correlation applicant-04",
)
@log_argument
@optional_pointer_argument
@at_option
@choreography_option
@click.option("--tree", "as_tree", is_flag=True, help="Follow what was read, too, to its causes.")
@click.option("--full", is_flag=True, help="Show every event, the engine's own decisions too.")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@click.option("--not", "missing", metavar="TYPE", help="Show why there is no such event instead.")
@click.option("--correlation", metavar="ID", help="Of --not: in which one, or a stream of it.")
@plain_option
@json_option
def why(
    path: str,
    pointer: str,
    address: str,
    missing: str | None,
    correlation: str | None,
    choreography: str | None,
    **options: bool,
) -> int:
    """
    Show the last write of a path and what led to it.

    The event that wrote the value comes first. Each next one caused the one before it, by the
    rule that is named, and the last one is the root: it names no cause. What an event's source
    had read is shown as it was then; it is stale when somebody else had written it since.

    With --not, show why no event of a type, or no value at a path, was observed in a
    correlation: which rules lead to it, and what stood in their way. The exit status is 1 when
    it was observed after all.
    """
    _check(pointer, missing, correlation, options)
    with open_timeline(path, choreography) as timeline:
        at = timeline.resolve(address)
        if missing is not None:
            return _explain_absence(timeline, missing, correlation, at, options)
        answer = _explain(timeline, pointer, at, **options)
    if not (options["as_json"] or options["mermaid"]):
        _suggest(path, answer)
    return FOUND


def _suggest(path: str, answer: Why) -> None:
    """Say how to find more of what was out of date; if nothing was, where to look."""
    if any(read.verdict == "stale" for step in answer.steps for read in step.reads):
        next_step("laban check", word(path))
    else:
        next_step("laban open", word(path), f"--at @{answer.position}")


def _check(
    pointer: str, missing: str | None, correlation: str | None, options: dict[str, bool]
) -> None:
    """Raise UsageError for what does not go together."""
    if (missing is None) == (pointer == ""):
        raise click.UsageError("Name a POINTER to explain, or what is missing with --not.")
    if missing is None and correlation is not None:
        raise click.UsageError("--correlation goes with --not: a POINTER names its stream.")
    if options["as_plain"] and (missing is not None or any(options[each] for each in _SIGNS)):
        raise click.UsageError("--plain tells the chain of a POINTER, in no other form.")
    if missing is not None and (options["as_tree"] or options["full"]):
        raise click.UsageError("--tree and --full go with a POINTER: --not always shows all.")


def _explain_absence(
    timeline: Timeline,
    missing: str,
    correlation: str | None,
    at: int,
    options: dict[str, bool],
) -> int:
    from laban.replay.absence import absence

    from .absent import absence_fields, absence_lines

    with Progress("looking") as advance:
        answer = absence(timeline, missing, correlation, at, progress=advance)
    if options["as_json"]:
        print_json(absence_fields(answer))
        return FOUND if answer.observed is None else NOT_FOUND
    lines = absence_lines(answer)
    if options["mermaid"]:
        from laban.replay.absence.drawing import absence_drawing

        lines = absence_drawing(answer)
    for line in lines:
        print_line(line)
    return FOUND if answer.observed is None else NOT_FOUND


def _explain(
    timeline: Timeline,
    pointer: str,
    at: int,
    *,
    as_tree: bool,
    full: bool,
    mermaid: bool,
    as_plain: bool,
    as_json: bool,
) -> Why:
    from laban.replay.explain import why as explain
    from laban.replay.explain.tree import tree

    answer = explain(timeline, pointer, at)
    grown = tree(timeline, answer.position) if as_tree or mermaid else None
    if as_json:
        from .fields import fields

        print_json(fields(answer, grown))
        return answer
    if mermaid and grown is not None:
        from laban.replay.explain.drawing import drawing

        lines = drawing(grown)
    elif as_plain:
        lines = told_why(answer, timeline.start_ns)
    else:
        from .lines import Lines

        lines = Lines(timeline, full=full).answer(answer, grown)
    for line in lines:
        print_line(line)
    return answer
