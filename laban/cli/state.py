"""`laban state`"""

from __future__ import annotations

from .opening import open_timeline
from .output import print_json, print_line
from .params import (
    at_option,
    choreography_option,
    json_option,
    log_argument,
    optional_pointer_argument,
)
from .program import command
from .render import value_lines


@command(
    "state",
    "laban state credit.laban",
    "laban state credit.laban /applicant-04/score --at @276 --json",
    "laban state shop.laban --choreography shop.py",
)
@log_argument
@optional_pointer_argument
@at_option
@choreography_option
@json_option
def state(path: str, pointer: str, address: str, choreography: str | None, as_json: bool) -> None:
    """
    Show the state at a position.

    POINTER is a JSON Pointer to the part to show, e.g. /order-17/status; the whole state
    without it.
    """
    with open_timeline(path, choreography) as timeline:
        position = timeline.resolve(address)
        value = timeline.value(pointer, position)
    if as_json:
        print_json({"position": position, "pointer": pointer, "value": value})
    else:
        print_line(value_lines(value))
