"""`laban replay`"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from laban.store.terminal import safe

from .opening import opened_log
from .output import Progress, counted, paint, print_json, print_line, terminal_width
from .params import json_option, log_argument
from .program import FOUND, NOT_FOUND, command
from .render import value_lines, value_text

if TYPE_CHECKING:
    from laban.replay.comparison import Difference, Mismatch
    from laban.replay.recompute import Recomputed

_INDENT = " " * 12


@command(
    "replay",
    "laban replay shop.laban --choreography shop.py",
    "laban replay shop.laban --choreography shop.yaml --json",
)
@log_argument
@click.option(
    "--choreography",
    "target",
    metavar="FILE[:NAME]",
    required=True,
    help="The rules: a Python or a YAML file.",
)
@json_option
def replay(path: str, target: str, as_json: bool) -> int:
    """
    Make every decision again and compare.

    With the rules that recorded the log nothing differs, unless the log was altered. With other
    rules, what differs is what would have happened. A decision that the log ends before is not
    counted. The exit status is 0 when nothing differs and 1 when something does.
    """
    from laban.replay.choreography.loading import load_choreography
    from laban.replay.recompute import recompute

    choreography = load_choreography(target)
    with opened_log(path) as log, Progress("replaying") as advance:
        answer = recompute(log, choreography, progress=advance)
    if as_json:
        print_json(_fields(answer))
    else:
        _print(answer)
    return NOT_FOUND if answer.mismatched else FOUND


def _fields(answer: Recomputed) -> dict[str, Any]:
    from msgspec import to_builtins

    fields = {name: getattr(answer, name) for name in answer.__struct_fields__}
    return {
        **fields,
        "recorded_by": to_builtins(answer.recorded_by),
        "mismatches": to_builtins(answer.mismatches),
        "differences": [_difference(row) for row in answer.differences],
    }


def _difference(row: Difference) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "expected": row.expected and dict(zip(("rule", "type"), row.expected, strict=True)),
        "actual": row.actual and dict(zip(("rule", "type"), row.actual, strict=True)),
        "decisions": row.decisions,
        "correlations": row.correlations,
    }


def _print(answer: Recomputed) -> None:
    _say(_rules(answer))
    told = _OTHERWISE if answer.rules == "other" else _DIFFERS
    if answer.mismatched:
        print_line()
        for line in _mismatch(answer.mismatches[0], told):
            print_line(line)
        print_line()
        for line in _sums(answer.differences):
            print_line(line)
        print_line()
    for sentence in _verdict(answer):
        _say(sentence)


def _say(sentence: str) -> None:
    """Print a sentence, on a terminal wrapped to its width."""
    width = terminal_width()
    for line in [sentence] if width is None else wrap(sentence, width):
        print_line(line)


def _rules(answer: Recomputed) -> str:
    match answer.rules:
        case "same":
            return "These are the rules that recorded the log."
        case "unknown":
            return "The log does not say which rules recorded it."
        case "other":
            by = ", ".join(
                f"{safe(one.choreography)} {one.fingerprint[:8]} from @{one.position} on"
                for one in answer.recorded_by
            )
            given = answer.fingerprint[:8]
            return f"Other rules recorded the log: {by}; these here are {given}."


def _verdict(answer: Recomputed) -> list[str]:
    """Return what all of it comes to, in sentences."""
    said = [f"{counted(answer.decisions, 'decision')} recorded"]
    where = f"in {answer.correlations:,} of {counted(answer.all_correlations, 'correlation')}"
    if not answer.mismatched:
        said[0] += ", all made again alike." if answer.decisions else "."
    elif answer.rules == "other":
        said[0] += f"; {answer.mismatched:,} would have been otherwise, {where}."
    else:
        said[0] += f"; {answer.mismatched:,} differ, {where}."
        said.append(_CAUSES[answer.rules])
    if answer.unfinished:
        more = counted(answer.unfinished, "more decision")
        said.append(
            f"The log ends before {more} on events from @{answer.unfinished_from} on: "
            f"{_UNFINISHED[answer.rules]}. They do not count as different."
        )
    return said


_CAUSES = {
    "same": "The rules are the same, so the log was altered, or a reducer does not always return "
    "the same, or another version of Laban recorded it.",
    "unknown": "If these are the rules that recorded it, the log was altered; if they are others, "
    "this is what would have happened.",
}


_UNFINISHED = {
    "same": "the runtime was stopped, or is at work",
    "unknown": "the runtime was stopped, or these are other rules",
    "other": "they may be what these rules add, or the runtime was stopped",
}


class _Words(NamedTuple):
    """How to tell of differences: as a fault, or as what would have happened."""

    kinds: dict[str, str]
    actual: str


_DIFFERS = _Words(
    {
        "different": "recorded otherwise than decided again",
        "missing": "not recorded, but decided again",
        "extra": "recorded, but not decided again",
        "order": "recorded in another order than decided again",
    },
    "recomputed",
)
_OTHERWISE = _Words(
    {
        "different": "would have been decided otherwise",
        "missing": "would have been decided, too",
        "extra": "would not have been decided",
        "order": "would have been decided in another order",
    },
    "these rules",
)


def _mismatch(first: Mismatch, told: _Words) -> list[str]:
    """Return the first mismatch in full."""
    where = "" if first.cause in (None, first.position) else f", decided on @{first.cause}"
    lines = [f"@{first.position}{where}: {told.kinds[first.kind]}"]
    lines += _decision("recorded", first.expected, "red")
    lines += _decision(told.actual, first.actual, "green")
    if first.state:
        known = value_lines(first.state).splitlines()
        lines += [f"{'known':<12}{known[0]}", *(_INDENT + line for line in known[1:])]
    return lines


def _decision(label: str, decision: dict[str, Any] | None, colour: str) -> list[str]:
    if decision is None:
        return [f"{label:<12}{paint('nothing', colour)}"]
    head = f"{safe(decision['type'])}  {safe(decision['rule'])}"
    details = {k: v for k, v in decision.items() if k not in ("type", "rule") and v not in ([], {})}
    return [
        f"{label:<12}{paint(head, colour)}",
        *(f"{_INDENT}{name}: {value_text(value)}" for name, value in details.items()),
    ]


def _sums(rows: list[Difference]) -> Iterator[str]:
    """Yield each sort of difference as in a diff, those that are as frequent together."""
    for (decisions, correlations), group in groupby(
        rows, key=lambda row: (row.decisions, row.correlations)
    ):
        same = list(group)
        each = " each" if len(same) > 1 else ""
        where = counted(correlations, "correlation")
        yield f"{counted(decisions, 'decision')}{each}, in {where}:"
        for row in same:
            if row.kind == "order":
                yield f"  another order from {_name(row.expected)} on"
                continue
            if row.expected:
                yield paint(f"  - {_name(row.expected)}", "red")
            if row.actual:
                yield paint(f"  + {_name(row.actual)}", "green")


def _name(sort: tuple[str, str] | None) -> str:
    return safe(f"{sort[1]}  {sort[0]}") if sort else ""
