"""`laban export --to pytest`: a failure as a test."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .opening import open_timeline
from .output import counted, hint, print_json, print_line
from .transaction import transaction

if TYPE_CHECKING:
    from laban.replay.timeline import Timeline
    from laban.testing.writer import Written
    from laban.testing.writer.claims import Claim

OPTIONS = ("expect", "where", "decision", "at", "whole", "force")  # of no other format


def export_test(
    path: str, output: str, choreography: str | None, options: dict[str, Any], *, as_json: bool
) -> None:
    """Write a test file of what the log at *path* should have shown, and tell how it fails."""
    from laban.testing.writer import Writer

    if output == "-":
        raise click.UsageError("--to pytest writes files: give -o FOLDER or -o NAME.py.")
    with open_timeline(path) as timeline:
        writer = Writer(timeline, Path(path).name, choreography)
        claims = _claims(timeline, Path(path).stem, options, with_rules=choreography is not None)
        done = writer.write(claims, Path(output), whole=options["whole"], force=options["force"])
    if as_json:
        print_json(_fields(path, done))
    else:
        _tell(done, with_rules=choreography is not None)


def _claims(
    timeline: Timeline, name: str, options: dict[str, Any], *, with_rules: bool
) -> list[Claim]:
    from laban.testing.writer import claims

    at = options["at"]
    stop = timeline.resolve("head" if at is None else at)
    found = [
        claims.state_claim(timeline, pointer, value, stop)
        for pointer, value in map(_expected, options["expect"])
    ]
    if options["where"] is not None:
        found.append(claims.never_claim(timeline, options["where"], stop))
    if options["decision"] is not None:
        if at is None:
            raise click.UsageError("--decision is made on an event: name it by --at ADDRESS.")
        found.append(claims.decision_claim(timeline, options["decision"], stop))
    if not with_rules and (not found or options["decision"] is not None):
        raise click.UsageError("Decisions are made by a --choreography: name its FILE.")
    if options["correlation"] is None:
        return found or [claims.replay_claim(name, stop)]
    if found:
        raise click.UsageError("The test finds the events that it needs: leave --correlation out.")
    last = transaction(timeline.log, options["correlation"])[-1].position
    return [claims.replay_claim(f"{name} {options['correlation']}", last, last)]


def _expected(text: str) -> tuple[str, Any]:
    """Return the pointer and the value of POINTER=JSON; no JSON at all is nothing there."""
    from laban.replay.pointer import MISSING

    pointer, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"--expect {text}: add what is right, as in '{text}=true'.")
    while True:  # a pointer may hold equals signs itself
        try:
            return pointer, json.loads(value) if value else MISSING
        except ValueError:
            more, sign, rest = value.partition("=")
            if not sign:
                break
            pointer, value = f"{pointer}={more}", rest
    pointer, _, value = text.partition("=")
    raise click.UsageError(
        f"--expect {text}: {value} is no JSON; of a text, write '{pointer}=\"{value}\"'."
    )


def _fields(path: str, done: Written) -> dict[str, Any]:
    return {
        "log": path,
        "format": "pytest",
        "path": str(done.path),
        "events_path": done.events_path and str(done.events_path),
        "events": done.events,
        "tests": done.tests,
        "failures": done.failures,
    }


def _tell(done: Written, *, with_rules: bool) -> None:
    beside = f", {counted(done.events, 'event')}"
    if done.events_path is not None:
        beside += f" in {done.events_path}"
    hint(f"{counted(len(done.tests), 'test')} written to {done.path}{beside}")
    for failure in done.failures:
        hint(f"fails now: {failure.splitlines()[0]}")
    if not done.failures:
        hint("It passes now.")
    elif not with_rules:
        hint("Without a --choreography it fails until its events are recorded anew.")
    print_line(f"pytest {quote(str(done.path))}")
