"""`laban why`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from laban.cli.opening import open_timeline
from laban.cli.output import print_json, print_line
from laban.cli.params import (
    at_option,
    choreography_option,
    json_option,
    log_argument,
    optional_pointer_argument,
)
from laban.cli.program import command

if TYPE_CHECKING:
    from laban.replay.choreography import Choreography
    from laban.replay.timeline import Timeline


@command(
    "why",
    "laban why credit.laban /applicant-04/approved",
    "laban why credit.laban /applicant-04/approved --at @276 --json",
    "laban why credit.laban /applicant-04/rating --tree",
)
@log_argument
@optional_pointer_argument
@at_option
@choreography_option
@click.option("--tree", "as_tree", is_flag=True, help="Follow what was read, too, to its causes.")
@click.option("--full", is_flag=True, help="Show every event, the engine's own decisions too.")
@click.option("--mermaid", is_flag=True, help="Print the tree as a Mermaid flowchart.")
@json_option
def why(path: str, pointer: str, address: str, **options: object) -> None:
    """
    Show the last write of a path and what led to it.

    The event that wrote the value comes first. Each next one caused the one before it, by the
    rule that is named, and the last one is the root: it names no cause. What an event's source
    had read is shown as it was then; it is stale when somebody else had written it since.
    """
    with open_timeline(path) as timeline:
        _explain(timeline, pointer, timeline.resolve(address), **options)  # type: ignore[arg-type]


def _explain(
    timeline: Timeline,
    pointer: str,
    at: int,
    *,
    choreography: str | None,
    as_tree: bool,
    full: bool,
    mermaid: bool,
    as_json: bool,
) -> None:
    from laban.replay.explain import why as explain
    from laban.replay.explain.tree import tree

    rules = _loaded(choreography)
    answer = explain(timeline, pointer, at, rules)
    grown = tree(timeline, answer.position) if as_tree or mermaid else None
    if as_json:
        from .fields import fields

        print_json(fields(answer, grown))
    elif mermaid:
        from laban.replay.explain.drawing import drawing

        assert grown is not None
        for line in drawing(grown):
            print_line(line)
    else:
        from .lines import Lines

        for line in Lines(timeline.start_ns, rules, full=full).answer(answer, grown):
            print_line(line)


def _loaded(place: str | None) -> Choreography | None:
    if place is None:
        return None
    from laban.replay.choreography.loading import load_choreography

    return load_choreography(place)
