"""`laban why`"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .opening import open_timeline
from .output import print_json
from .params import at_option, json_option, log_argument, pointer_argument
from .program import command

if TYPE_CHECKING:
    from laban.replay.explain import Why


@command(
    "why",
    "laban why credit.laban /applicant-04/rating",
    "laban why credit.laban /applicant-04/approved --at 50% --json",
)
@log_argument
@pointer_argument
@at_option
@json_option
def why(path: str, pointer: str, address: str, as_json: bool) -> None:
    """
    Show the last write of a path and what led to it.

    The event that wrote the value comes first, each next one caused the one before it, and
    the last one is the root: no event caused it, as far as the log tells.
    """
    from laban.replay.explain import why as explain

    with open_timeline(path) as timeline:
        answer = explain(timeline, pointer, timeline.resolve(address))
        start_ns = timeline.start_ns
    if as_json:
        print_json(
            {
                "pointer": answer.pointer,
                "value": answer.value,
                "position": answer.position,
                "event": answer.event,
                "chain": list(answer.chain),
                "guarantee": answer.guarantee,
            }
        )
    else:
        _print_tree(answer, start_ns)


def _print_tree(answer: Why, start_ns: int | None) -> None:
    pass
