"""The metrics of a log as rows of charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from laban.replay.figures import percent, rate, span
from laban.replay.stats import Stats
from laban.store.terminal import cells, counted, safe

from .measuring import BINS, Measured, Place
from .values import BAR, StatsRow

GOOD, BETWEEN, BAD = BAR  # what the columns of its parts begin with
_MOST = 1_000  # rows of a chart
Line = tuple[str, Sequence[float], Sequence[str]]  # name, parts of the bar, values


def rate_rows(of: Measured) -> list[StatsRow]:
    """Return how busy the log was, and who and what was in it."""
    stats, columns = of.stats, ("events", "share", "rate")
    charts = [
        ("agents", list(_shares(stats.sources, stats)), of.places["source"]),
        ("types", list(_shares(stats.types, stats)), of.places["type"]),
    ]
    both = [line for _, lines, _ in charts for line in lines[:_MOST]]
    rows = [*_overview(of), StatsRow("")]
    for title, lines, places in charts:  # columns of both stand below each other
        rows += _chart(title, columns, lines, places, both)
    return rows


def rule_rows(of: Measured) -> list[StatsRow]:
    """Return what rules, sequences, sagas and circuits did, and what was spent."""
    rows = [*_rules(of), *_sequences(of), *_sagas(of), *_circuits(of), *_spending(of)]
    if rows:
        return rows[:-1] if not rows[-1].label else rows
    return [StatsRow("No rules, sequences, sagas or circuits: no choreography ran here.")]


def _overview(of: Measured) -> Iterator[StatsRow]:
    stats = of.stats
    often = "" if stats.events_per_second is None else f", {rate(stats.events_per_second)}"
    yield StatsRow(
        f"{counted(stats.events, 'event')} in {span(stats.seconds)}{often}", first=1, last=of.head
    )
    most = max(of.busy)
    if stats.seconds:
        each = stats.seconds / BINS
        yield StatsRow(f"at most {most:,} in {span(each)}", series=of.busy)
    if stats.decisions:
        opened = f"; {stats.memory.open:,} open now, {stats.memory.most_open:,} at most"
        yield StatsRow(f"{counted(stats.decisions, 'decision')}{opened}")
    lives = stats.correlations
    if lives.count:
        mean, longest = span(lives.mean_seconds), span(lives.longest_seconds)
        yield StatsRow(
            f"{counted(lives.count, 'correlation')}, {lives.active:,} active; mean {mean}"
        )
        name = safe(lives.longest or "")
        yield StatsRow(f"the longest took {longest}: {name}", first=of.longest, last=of.longest)


def _shares(counts: Mapping[str, int], stats: Stats) -> Iterator[Line]:
    most = max(counts.values(), default=1)
    for name, count in counts.items():
        often = rate(count / stats.seconds) if stats.seconds else "-"
        yield name, (count / most,), (f"{count:,}", percent(count / stats.events), often)


def _rules(of: Measured) -> list[StatsRow]:
    rules = of.stats.rules
    most = max(
        (max(one.triggers, one.successes + one.failures) for one in rules.values()), default=1
    )
    lines = (
        (
            name,
            _parts(most, one.successes, 0, one.failures),
            (f"{one.triggers:,}", f"{one.successes:,}", f"{one.failures:,}",
             span(one.mean_seconds), span(one.p95_seconds)),
        )
        for name, one in rules.items()
    )  # fmt: skip
    columns = ("fired", f"{GOOD} ok", f"{BAD} failed", "mean", "p95")
    return _chart("rules", columns, lines, of.places["rule"])


def _sequences(of: Measured) -> list[StatsRow]:
    sequences = of.stats.sequences
    most = max((s.completed + s.timed_out + s.active for s in sequences.values()), default=1)
    lines = (
        (
            name,
            _parts(most, one.completed, one.active, one.timed_out),
            (f"{one.completed:,}", f"{one.active:,}", f"{one.timed_out:,}",
             percent(one.completion_rate)),
        )
        for name, one in sequences.items()
    )  # fmt: skip
    columns = (f"{GOOD} completed", f"{BETWEEN} active", f"{BAD} timed out", "rate")
    return _chart("sequences", columns, lines, of.places["rule"])


def _sagas(of: Measured) -> list[StatsRow]:
    sagas = of.stats.sagas
    most = max(
        (s.completed + s.active + s.compensated + s.failed for s in sagas.values()), default=1
    )
    lines = (
        (
            name,
            _parts(most, one.completed, one.active, one.compensated + one.failed),
            (f"{one.completed:,}", f"{one.active:,}", f"{one.compensated:,}", f"{one.failed:,}"),
        )
        for name, one in sagas.items()
    )
    columns = (f"{GOOD} completed", f"{BETWEEN} active", f"{BAD} undone", f"{BAD} failed")
    return _chart("sagas", columns, lines, of.places["rule"])


def _circuits(of: Measured) -> list[StatsRow]:
    lines = (
        (
            name,
            _parts(sum(one.values()), one["closed"], one["half_open"], one["open"]),
            (span(one["closed"]), span(one["half_open"]), span(one["open"])),
        )
        for name, one in of.stats.circuits.items()
    )
    columns = (f"{GOOD} closed", f"{BETWEEN} half open", f"{BAD} open")
    return _chart("circuit breakers", columns, lines, of.places["circuit"])


def _spending(of: Measured) -> list[StatsRow]:
    spending = of.stats.spending
    most = max((one.cost for one in spending.values()), default=0.0)
    tokens = max((one.tokens for one in spending.values()), default=1)
    lines = (
        (
            name,
            (one.cost / most if most else one.tokens / max(tokens, 1),),
            (f"{one.tokens:,}", f"{one.cost:,.4f}".rstrip("0").rstrip(".")),
        )
        for name, one in spending.items()
    )
    return _chart("spending", ("tokens", "cost"), lines, of.places["source"])


def _parts(most: float, *values: float) -> Sequence[float]:
    return [value / most if most else 0.0 for value in values]


def _chart(
    title: str,
    columns: Sequence[str],
    lines: Iterable[Line],
    places: Mapping[str, Place],
    aligned: Sequence[Line] = (),
) -> list[StatsRow]:
    """
    Return a heading, a row for each of *lines*, and an empty row; nothing without lines.

    The columns have room for the values of *aligned*, too.
    """
    all_lines = list(lines)
    shown = all_lines[:_MOST]
    if not shown:
        return []
    every = (*shown, *aligned)
    widths = [
        max(map(cells, column)) for column in zip(columns, *(v for _, _, v in every), strict=True)
    ]
    named = max(map(cells, (title, *(safe(name) for name, _, _ in every))))
    rows = [StatsRow(title, columns, widths, named, heading=True)]
    for name, parts, values in shown:
        place = places.get(name)
        rows.append(
            StatsRow(
                safe(name),
                values,
                widths,
                named,
                parts=parts,
                series=place.busy if place else (),
                first=place.first if place else None,
                last=place.last if place else None,
            )
        )
    if len(all_lines) > _MOST:
        rows.append(StatsRow(f"… and {len(all_lines) - _MOST:,} more: `laban stats --json`"))
    return [*rows, StatsRow("")]
