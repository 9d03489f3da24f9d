"""`laban export`"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from laban.store.errors import UnwritableError
from laban.store.event import Event
from laban.store.log import EventLog

from .opening import opened_log
from .output import Progress, counted, hint, print_json
from .params import choreography_option, json_option, log_argument
from .program import command
from .regression import OPTIONS, export_test
from .transaction import transaction
from .writing import written

FORMATS = ("jsonl", "cloudevents", "mermaid", "lanes", "pytest")


@command(
    "export",
    "laban export credit.laban --to mermaid --correlation credit-0004",
    "laban export credit.laban --to lanes --correlation credit-0004",
    "laban export shop.laban --to lanes --choreography shop.py",
    "laban export credit.laban --to cloudevents -o credit.cloudevents.jsonl",
    "laban export credit.laban --to pytest --expect /applicant-04/approved=true -o tests/",
)
@log_argument
@click.option(
    "--to", "form", metavar="FORMAT", required=True, type=click.Choice(FORMATS),
    help=f"One of {', '.join(FORMATS)}.",
)  # fmt: skip
@click.option("--correlation", metavar="ID", help="Only one business transaction.")
@choreography_option
@click.option(
    "--expect", metavar="POINTER=JSON", multiple=True,
    help="pytest: what the state should be; nothing after the = for nothing there.",
)  # fmt: skip
@click.option("--where", metavar="EXPR", help="pytest: what should never be, as for bisect.")
@click.option(
    "--decision", metavar="NAME",
    help="pytest: an action, or a type of decision, that should follow from the event --at.",
)  # fmt: skip
@click.option("--at", metavar="ADDRESS", help="pytest: the last event that matters.")
@click.option("--whole", is_flag=True, help="pytest: keep all events, not only what is needed.")
@click.option("--force", is_flag=True, help="pytest: write over a file that is there.")
@click.option(
    "-o", "output", metavar="PATH", type=click.Path(), default="-",
    help="Where to; without it, standard output. For pytest, a folder or a .py file.",
)  # fmt: skip
@json_option
def export(
    path: str,
    form: str,
    correlation: str | None,
    choreography: str | None,
    output: str,
    as_json: bool,
    **options: Any,
) -> None:
    """
    Write events for other tools, or draw them, or write a test.

    jsonl and cloudevents can be imported again. mermaid draws one correlation as a sequence
    diagram, and lanes draws it in plain text. With a choreography they draw its rules, and the
    event types that the log shows to follow from them. pytest writes a test file with the
    events that led to a failure; a choreography makes its decisions on them anew.
    """
    if form == "pytest":
        options["correlation"] = correlation
        export_test(path, output, choreography, options, as_json=as_json)
        return
    if given := [name for name in OPTIONS if options[name]]:
        raise click.UsageError(f"--{given[0]} is for --to pytest.")
    if as_json and output == "-":
        raise click.UsageError("--json says what was written to a file: give -o PATH.")
    if form in ("mermaid", "lanes") and (correlation is None) == (choreography is None):
        raise click.UsageError(
            f"--to {form} draws one --correlation ID, or the rules of a --choreography."
        )
    if choreography is not None and form not in ("mermaid", "lanes"):
        raise click.UsageError("Only --to mermaid and --to lanes draw a choreography.")
    _refuse_unwritable(output)
    with opened_log(path) as log, Progress("exporting") as advance:
        events = _Counted(log, correlation, advance)
        with written(output) as file:
            for line in _lines(form, events, choreography):
                file.write(f"{line}\n")
    if as_json:
        print_json({"log": path, "format": form, "path": output, "events": events.count})
    elif output != "-":
        hint(f"{counted(events.count, 'event')} written to {output}")


def _refuse_unwritable(output: str) -> None:
    """Raise UnwritableError for a folder, and for a log: what is written would be its end."""
    if output != "-" and Path(output).is_dir():
        raise UnwritableError(f"{output} is a folder: name a file in it.")
    if output != "-" and Path(output).is_file():
        with Path(output).open("rb") as file:
            if file.read(6) == b"SQLite":
                raise UnwritableError(f"{output} is there already, a log: choose another name.")


class _Counted:
    """The events to export, and how many there were."""

    def __init__(self, log: EventLog, correlation: str | None, progress: Progress) -> None:
        self._log, self._progress = log, progress
        self._events = None if correlation is None else transaction(log, correlation)
        self.count = 0

    def __iter__(self) -> Iterator[Event]:
        head = self._log.head()
        for event in self._log.read(1, head) if self._events is None else self._events:
            self.count += 1
            yield event
            self._progress(event.position, head)


def _lines(form: str, events: Iterable[Event], choreography: str | None) -> Iterator[str]:
    from laban.replay import diagram, swimlanes
    from laban.store import exporting
    from laban.tui.values import elapsed

    if choreography is not None:
        from laban.replay.choreography.loading import load_choreography

        draw_rules = diagram.flowchart if form == "mermaid" else swimlanes.rule_lanes
        return draw_rules(load_choreography(choreography), diagram.published_types(events))
    draw: dict[str, Callable[[Iterable[Event]], Iterator[str]]] = {
        "jsonl": exporting.jsonl_lines,
        "cloudevents": exporting.cloudevents_lines,
        "mermaid": diagram.sequence_diagram,
        "lanes": partial(swimlanes.lanes, since=elapsed),
    }
    return draw[form](events)
