"""`laban import`"""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import asdict

from .importing import import_into, summary
from .output import print_json, print_line
from .params import json_option
from .program import FOUND, NOT_FOUND, command


@command(
    "import",
    "laban import events.jsonl -o shop.laban",
    "laban import checkpoints.sqlite --format langgraph -o graph.laban --json",
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o", "output", metavar="LOG", required=True, type=click.Path(), help="The log to add to."
)
@click.option("--format", metavar="F", help="jsonl, cloudevents or langgraph; else detected.")
@json_option
def import_(sources: tuple[str, ...], output: str, format: str | None, as_json: bool) -> int:
    """
    Import the logs of other tools.

    SOURCE is a file or a folder of files. Importing the same again changes nothing. What is
    no event is kept beside the log as a finding, with its place and the reason. The exit
    status is 1 when there was no event.
    """
    path = Path(output)
    report, findings = import_into(path, sources, format)
    if as_json:
        print_json({"log": output, **asdict(report), "findings": [*map(asdict, report.findings)]})
    else:
        for line in summary(report, findings, path):
            print_line(line)
    return FOUND if report.events or report.duplicates else NOT_FOUND
