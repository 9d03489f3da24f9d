"""`laban state`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from laban.replay.pointer import format_pointer
from laban.store.jsontext import to_json

from .opening import open_timeline
from .output import print_json, print_line
from .params import (
    at_option,
    choreography_option,
    json_option,
    log_argument,
    optional_pointer_argument,
)
from .plain import one_way, plain_option, told_state
from .program import command
from .render import value_lines

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline


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
@plain_option
@json_option
def state(
    path: str,
    pointer: str,
    address: str,
    choreography: str | None,
    as_plain: bool,
    as_json: bool,
) -> None:
    """
    Show the state at a position.

    POINTER is a JSON Pointer to the part to show, e.g. /order-17/status; the whole state
    without it.
    """
    one_way(as_plain, as_json)
    with open_timeline(path, choreography) as timeline:
        position = timeline.resolve(address)
        if not pointer:
            if as_plain:
                _print_facts(timeline, position)
            else:
                _print_whole(timeline, position, as_json)
            return
        value = timeline.value(pointer, position)
    if as_json:
        print_json({"position": position, "pointer": pointer, "value": value})
    elif as_plain:
        for line in told_state(pointer, value):
            print_line(line)
    else:
        print_line(value_lines(value))


def _print_facts(timeline: Timeline, position: int) -> None:
    print_line(f"the state at position {position}")
    for name, fields in timeline.each_stream(position):
        for line in told_state(format_pointer((name,)), fields):
            print_line(line)


def _print_whole(timeline: Timeline, position: int, as_json: bool) -> None:
    """Print the whole state a stream at a time: all of it may be more than fits in memory."""
    if as_json:
        sys.stdout.write(f'{{"position":{position},"pointer":"","value":')
    begin = "{"
    for name, fields in timeline.each_stream(position):
        stream = {name: fields}
        sys.stdout.write(begin)
        sys.stdout.write(to_json(stream)[1:-1] if as_json else value_lines(stream)[1:-2])
        begin = ","
    is_empty = begin == "{"
    end = "{}" if is_empty else "}" if as_json else "\n}"
    print_line(f"{end}}}" if as_json else end)
