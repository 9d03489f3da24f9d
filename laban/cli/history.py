"""`laban history`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .opening import open_timeline
from .output import print_json, print_line, terminal_width
from .params import choreography_option, json_option, log_argument, pointer_argument
from .program import command
from .render import columns, event_cells, value_text

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline, Write
    from laban.store.event import Event


@command(
    "history",
    "laban history credit.laban /applicant-04/score",
    "laban history credit.laban /applicant-04 --json",
)
@log_argument
@pointer_argument
@choreography_option
@json_option
def history(path: str, pointer: str, choreography: str | None, as_json: bool) -> None:
    """
    Show every value that a path ever had.

    POINTER is a JSON Pointer to a stream or to a part of it, e.g. /order-17/status.
    """
    with open_timeline(path, choreography) as timeline:
        writes = timeline.history(pointer)
        if as_json:
            rows = [_fields(write, timeline.log.get(write.position)) for write in writes]
            print_json({"pointer": pointer, "rows": rows})
        else:
            for line in columns((_cells(write, timeline) for write in writes), terminal_width()):
                print_line(line)


def _fields(write: Write, event: Event) -> dict[str, Any]:
    from laban.replay.pointer import MISSING

    removed = write.value is MISSING
    return {
        "position": write.position,
        "value": None if removed else write.value,
        "removed": removed,  # tells a null from nothing
        "type": event.type,
        "source": event.source,
        "id": event.id,
    }


def _cells(write: Write, timeline: Timeline) -> tuple[str, ...]:
    from laban.replay.pointer import MISSING

    value = "removed" if write.value is MISSING else value_text(write.value)
    return (*event_cells(timeline.log.get(write.position), timeline.start_ns)[:4], value)
