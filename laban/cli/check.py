"""`laban check`"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from laban.store.terminal import safe

from .advice import next_step, word
from .opening import opened_log
from .output import Progress, counted, hint, print_json, print_line, terminal_width
from .params import choreography_option, json_option, log_argument
from .program import FOUND, NOT_FOUND, command

if TYPE_CHECKING:
    from laban.replay.check import Flaw
    from laban.replay.choreography import Choreography

_INDENT = 9  # the column after the positions
SHOWN = 3  # of the lines of one file that are no events


@command(
    "check",
    "laban check credit.laban",
    "laban check credit.laban --json",
)
@log_argument
@choreography_option
@json_option
def check(path: str, choreography: str | None, as_json: bool) -> int:
    """
    Find what went wrong unnoticed.

    Races, broken contracts, lines that were not taken in, requests without an answer, sequences
    that never completed, loops, timeouts and dead letters, the worst first. With a
    choreography also event types that no rule reacts to, rules that never fired and cycles of
    rules. The exit status is 1 when something is found; notes, on what is most likely meant,
    do not count.
    """
    from laban.replay.check import check as find_flaws

    rules = None if choreography is None else _loaded(choreography)
    with opened_log(path) as log, Progress("checking") as advance:
        flaws = find_flaws(log, rules, progress=advance)
    findings, notes = ([f for f in flaws if f.is_note is note] for note in (False, True))
    if as_json:
        print_json({"findings": [*map(_fields, findings)], "notes": [*map(_fields, notes)]})
    else:
        for line in _lines(flaws, terminal_width()):
            print_line(line)
        hint(_summary(findings, notes))
        _suggest(findings, path)
    return NOT_FOUND if findings else FOUND


def _suggest(findings: list[Flaw], path: str) -> None:
    """Say where to look at the first event that something was found about."""
    places = [flaw.position for flaw in findings if flaw.position]
    if places:
        next_step("laban open", word(path), f"--at @{places[0]}")


def _loaded(place: str) -> Choreography:
    from laban.replay.choreography.loading import load_choreography

    return load_choreography(place)


def _fields(flaw: Flaw) -> dict[str, object]:
    from msgspec import to_builtins

    fields: dict[str, object] = to_builtins(flaw)
    if not flaw.rank:
        for name in ("edges", "downstream", "rank"):  # of races alone
            del fields[name]
    if flaw.kept is None:
        del fields["kept"]
    return fields


def _lines(flaws: list[Flaw], width: int | None) -> Iterator[str]:
    """Yield a line for each flaw; of many lines of one file that are no events, a few."""
    kept = [(flaw.kept.origin, flaw.kept.kind) if flaw.kept else None for flaw in flaws]
    counts, shown = Counter(kept), Counter[tuple[str, str] | None]()
    for flaw, place in zip(flaws, kept, strict=True):
        shown[place] += 1
        if place is None or shown[place] <= SHOWN:
            yield _text(flaw, width)
        elif shown[place] == SHOWN + 1:
            origin, kind = place
            more = f"{counts[place] - SHOWN:,} more {kind} in {safe(origin)}"
            yield f"{'':<{_INDENT}}… and {more}: --json lists all"


def _text(flaw: Flaw, width: int | None) -> str:
    """Return a flaw on one line, on a terminal wrapped to its width."""
    place = "" if flaw.position is None else f"@{flaw.position}"
    kind = flaw.kind
    if flaw.is_note:
        kind = f"note: {kind}"
    elif flaw.certainty == "possible" and not kind.startswith("possible"):
        kind = f"{kind} (possible)"
    rule = "" if flaw.rule is None else f"{safe(flaw.rule)}: "
    line = f"{place:<{_INDENT}}{kind}: {rule}{safe(flaw.detail)}"
    if width is None:
        return line
    lines = textwrap.wrap(line, max(width, 2 * _INDENT), subsequent_indent=" " * _INDENT)
    return "\n".join(lines)


def _summary(findings: list[Flaw], notes: list[Flaw]) -> str:
    noted = f" {counted(len(notes), 'note')}." if notes else ""
    if not findings:
        return f"Nothing was found.{noted}"
    counts = Counter(flaw.kind for flaw in findings)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in counts.items())
    return f"{counted(len(findings), 'finding')}: {kinds}.{noted}"
