"""`laban diff`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from laban.store.terminal import safe

from .opening import open_timeline
from .output import paint, print_json, print_line
from .params import choreography_option, json_option, log_argument
from .program import FOUND, NOT_FOUND, command
from .render import value_text

if TYPE_CHECKING:
    from laban.replay.timeline import Change


@command(
    "diff",
    "laban diff credit.laban @9 @12",
    "laban diff credit.laban 50% head --json",
)
@log_argument
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@choreography_option
@json_option
def diff(path: str, a: str, b: str, choreography: str | None, as_json: bool) -> int:
    """
    Show what changed between two positions.

    Only the net change of each field counts. The exit status is 0 when nothing differs
    and 1 when something does.
    """
    with open_timeline(path, choreography) as timeline:
        first, last = timeline.resolve(a), timeline.resolve(b)
        changes = list(timeline.diff(first, last))
    if as_json:
        print_json({"a": first, "b": last, "changes": [_fields(change) for change in changes]})
    else:
        for change in changes:
            print_line(_line(change))
    return NOT_FOUND if changes else FOUND


def _fields(change: Change) -> dict[str, Any]:
    from laban.replay.pointer import MISSING

    return {
        "pointer": change.pointer,
        "kind": _kind(change),  # tells a null from nothing
        "before": None if change.before is MISSING else change.before,
        "after": None if change.after is MISSING else change.after,
        "position": change.position,
    }


def _line(change: Change) -> str:
    pointer = safe(change.pointer)
    match _kind(change):
        case "added":
            line = paint(f"+ {pointer}  {value_text(change.after)}", "green")
        case "removed":
            line = paint(f"− {pointer}  {value_text(change.before)}", "red")
        case _:
            values = f"{value_text(change.before)} → {value_text(change.after)}"
            line = paint(f"~ {pointer}  {values}", "yellow")
    return f"{line}  @{change.position}"


def _kind(change: Change) -> str:
    from laban.replay.pointer import MISSING

    if change.before is MISSING:
        return "added"
    return "removed" if change.after is MISSING else "changed"
