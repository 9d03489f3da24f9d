"""Why something was not observed, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from msgspec import to_builtins

from laban.cli.output import counted, paint, terminal_width
from laban.cli.render import value_text
from laban.replay.absence import Absence, Absent, Found, Way
from laban.replay.absence.conditions import Part
from laban.replay.absence.leads import Lead
from laban.store.terminal import fit, safe

LONGEST = 60  # characters of a value
NARROWEST = 40  # columns that text is wrapped to, however deep it stands
COLUMNS = 80


def absence_fields(answer: Absence) -> dict[str, Any]:
    """Return an answer as JSON."""
    fields: dict[str, Any] = to_builtins(answer)
    return fields


def absence_lines(answer: Absence) -> Iterator[str]:
    """Yield all that there is to say: the last thing that stood in the way first."""
    what = safe(answer.pointer or answer.types[0])
    where = f"in {safe(answer.correlation)}"
    if answer.observed is not None:
        yield f"{what} was observed {where}, @{answer.observed}"
        return
    reach = "" if answer.last is None else f", the last one @{answer.last}"
    yield f"{what} was not observed {where} ({counted(answer.events, 'event')}{reach})"
    if answer.decisive is not None and answer.decisive_way is not None:
        yield ""
        yield from _headline(answer.decisive_way, answer.decisive)
    for absent in answer.absent:
        yield ""
        yield from _absent(absent, "")
    yield ""
    yield from _wrapped(
        f"{answer.guarantee}: the log has no such event up to @{answer.at}; what nobody recorded "
        "may still have happened. What leads to an event is learned from where the log has one.",
        "",
    )


def _headline(way: Way, found: Found) -> Iterator[str]:
    asked = f", asked of {safe(way.lead.capability)}" if way.lead.capability else ""
    for line in _wrapped(f"It stopped at {_rule(way.lead)}{asked}:", "  "):
        yield paint(line, "red")
    yield from _found(found, "    ", nested=False)


def _absent(absent: Absent, indent: str, opening: str = "") -> Iterator[str]:
    """Say what leads to a type; *opening* says that it was not observed, where that is news."""
    type = safe(absent.type)
    if absent.again:
        yield f"{indent}{type}{opening}: told of above"
    elif not absent.ways:
        said = f"{type}{opening}: nothing published it in this log: what leads to it is not known"
        yield from _wrapped(said, indent)
    else:
        yield f"{indent}{type}{f'{opening}; it' if opening else ''} comes"
        for way in absent.ways:
            yield from _way(way, f"{indent}  ")


def _way(way: Way, indent: str) -> Iterator[str]:
    yield from _wrapped(f"by {_rule(way.lead)}{_seen(way.lead)}:", indent)
    if way.before:
        yield f"{indent}  {counted(way.before, 'time')} before, and then"
    for found in way.found:
        yield from _found(found, f"{indent}  ")
    if not way.found:
        yield f"{indent}  nothing is known to have stood in its way"


def _found(found: Found, indent: str, *, nested: bool = True) -> Iterator[str]:
    plain = found.kind == "missing" and nested and found.absent
    if not plain:
        yield from _wrapped(f"{safe(found.detail)}{':' if found.parts else ''}", indent)
    for part in found.parts:
        yield from _wrapped(_part(part), f"{indent}  ")
    for line in found.more:
        yield from _wrapped(safe(line), f"{indent}  ")
    for absent in found.absent if nested else ():
        opening = " was not observed" if plain else ""
        yield from _absent(absent, indent if plain else f"{indent}  ", opening)


def _part(part: Part) -> str:
    values = ", ".join(
        f"{safe(text)} is {fit(value_text(value), LONGEST)}" for text, value in part.values
    )
    needed = f"needs {'' if part.wanted else 'not '}{safe(part.text)}"
    if not values and part.undefined:
        values = f"that is undefined: {safe(part.undefined)}"
    return f"{needed}, and {values}" if values else needed


def _rule(lead: Lead) -> str:
    if lead.rule is None:
        source = safe(lead.source)
        return f"{source}, after {safe(lead.trigger)}" if lead.trigger else f"{source}, outside"
    rule = f"rule {safe(lead.rule)}"
    if lead.action and lead.action not in lead.rule:
        rule += f": {safe(lead.action)}"
    return rule


def _seen(lead: Lead) -> str:
    if not lead.seen:
        return " (it may publish that)"
    return f" ({lead.seen:,}× elsewhere, as @{lead.example})"


def _wrapped(text: str, indent: str) -> list[str]:
    width = max((terminal_width() or COLUMNS) - 1, len(indent) + NARROWEST)
    return wrap(text, width, initial_indent=indent, subsequent_indent=f"{indent}  ")
