"""`laban replay`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from laban.store.terminal import safe

from .opening import opened_log
from .output import Progress, counted, hint, paint, print_json, print_line, terminal_width
from .params import json_option, log_argument
from .program import FOUND, NOT_FOUND, command
from .render import columns, value_lines, value_text

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

    With the rules that made the log, nothing differs. With changed rules, what differs is what
    would have been decided otherwise. The exit status is 0 when nothing differs and 1 when
    something does.
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
    if answer.mismatched:
        for line in _mismatch(answer.mismatches[0]):
            print_line(line)
        print_line()
        for line in columns(_table(answer.differences), terminal_width()):
            print_line(line)
        where = counted(answer.correlations, "correlation")
        print_line()
        print_line(
            f"{answer.mismatched:,} decided otherwise, in {where}; "
            f"{counted(answer.decisions, 'decision')} recorded"
        )
    elif answer.decisions:
        print_line(f"{counted(answer.decisions, 'decision')} recorded, all made again alike")
    else:
        print_line("no decision is recorded")
    if answer.unfinished:
        hint(f"Decisions the log ends before: {answer.unfinished:,}.")


_KINDS = {
    "different": "decided otherwise",
    "missing": "not recorded",
    "extra": "recorded, but not decided again",
    "order": "decided in another order",
}


def _mismatch(first: Mismatch) -> list[str]:
    """Return the first mismatch in full."""
    where = "" if first.cause in (None, first.position) else f", decided on @{first.cause}"
    lines = [f"@{first.position}{where}: {_KINDS[first.kind]}"]
    lines += _decision("recorded", first.expected, "red")
    lines += _decision("recomputed", first.actual, "green")
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


def _table(rows: list[Difference]) -> list[tuple[str, ...]]:
    head = ("recorded", "recomputed", "decisions", "correlations")
    return [
        head,
        *(
            (_name(row.expected), _name(row.actual), f"{row.decisions:,}", f"{row.correlations:,}")
            for row in rows
        ),
    ]


def _name(sort: tuple[str, str] | None) -> str:
    return "nothing" if sort is None else safe(f"{sort[1]}  {sort[0]}")
