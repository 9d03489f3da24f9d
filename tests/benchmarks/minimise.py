"""Minimising 20,000 events to the five that are needed, beside plain delta debugging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from laban.replay.expression import compile_expression
from laban.replay.minimise import Minimised, Minimiser, Past, focus_of, moved
from laban.replay.minimise.fold import WhereTest
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.log import EventLog
from laban.store.sqlite import SqliteLog

from .figures import Report, core_seconds

EVENTS = 20_000
STREAMS = 400
NEEDED = 5
ROOTS = 3  # one of so many events has no cause
WHERE = " and ".join(f"state['order-{n}'].get('fault') == {n}" for n in range(NEEDED))
GOAL_MS = 10_000


def measure(folder: Path, report: Report) -> None:
    """Make a log in *folder*, minimise it in every way, and print how long that takes."""
    folder.mkdir()
    log = SqliteLog.create(folder / "log.laban")
    log.append(*_events())
    timeline = Timeline.open(log, folder / "cache")
    report.section(f"Minimise, {EVENTS:,} events to the {NEEDED} that are needed")
    plain = _plain(log, report)
    _measure_ways(timeline, plain, report)
    _measure_making(log, folder, report)
    timeline.close()
    log.close()


def _events() -> Iterator[NewEvent]:
    """Yield events of many orders that cause one another; five have a fault somewhere."""
    random = Random(1)
    faults = {random.randrange(EVENTS): n for n in range(NEEDED)}
    ends: list[int] = []  # numbers of events that may cause one more
    for number in range(EVENTS):
        stream, data = f"order-{random.randrange(NEEDED, STREAMS)}", {"amount": number % 97}
        cause = random.choice(ends) if number % ROOTS and ends else None
        if number in faults:
            stream, cause = f"order-{faults[number]}", None
            data["fault"] = faults[number]
        ends = [*ends[-50:], number] if cause is None else ends
        yield NewEvent(
            stream=stream,
            type="changed",
            id=f"e{number}",
            data=data,
            causation_id=None if cause is None else f"e{cause}",
        )


def _measure_ways(timeline: Timeline, plain: int, report: Report) -> None:
    test = compile_expression(WHERE)
    shown_by = WhereTest(test, Past.whole(timeline.log))

    def function(part: EventLog) -> bool:
        return part.head() >= NEEDED and _faults(part) == NEEDED

    ways: dict[str, Callable[[], Minimiser]] = {
        "an expression": lambda: Minimiser(timeline.log, test, focus_of(timeline, test) or ()),
        "the same without its slice": lambda: Minimiser(timeline.log, test),
        "a function of a log": lambda: Minimiser(timeline.log, function),
    }
    for name, make in ways.items():
        answer, ms = _timed(make)
        assert len(answer.kept) == NEEDED
        assert shown_by(answer.kept)
        less = plain / answer.replayed
        cost = f"{answer.probes:,} sets, {answer.replayed:,} events: plain ddmin's / {less:,.1f}"
        report.at_most(name, ms, GOAL_MS, cost)
    lacking = [position for position in range(1, EVENTS + 1) if position != answer.kept[0]]
    shown_by(lacking)  # parses
    taken = core_seconds(lambda: shown_by(lacking))  # not shown: it looks at all of them
    report.rate("testing an expression", len(lacking) / taken, 500_000)


def _timed(make: Callable[[], Minimiser]) -> tuple[Minimised, float]:
    answers: list[Minimised] = []
    taken = core_seconds(lambda: answers.append(make().run()))
    return answers[0], 1000 * taken


def _faults(log: EventLog) -> int:
    return len({event.data.get("fault") for event in log.read() if '"fault"' in event.data.text})


def _plain(log: EventLog, report: Report) -> int:
    """Run ddmin as it was published, over single events; return how many it replayed."""
    shown_by = WhereTest(compile_expression(WHERE), Past.whole(log))
    tested: list[int] = []

    def test(kept: Sequence[int]) -> bool:
        tested.append(len(kept))
        return shown_by(kept)

    kept: list[Sequence[int]] = []
    taken = core_seconds(lambda: kept.append(ddmin(range(1, EVENTS + 1), test)))
    assert len(kept[0]) == NEEDED
    said = f"{len(tested):,} sets, {sum(tested):,} events, none of them causally closed"
    report.at_most("plain ddmin over the same fold", 1000 * taken, 60_000, said)
    return sum(tested)


def ddmin(kept: Sequence[int], test: Callable[[Sequence[int]], bool]) -> Sequence[int]:
    """Zeller and Hildebrandt 2002, figure 3: subsets first, then complements."""
    n = 2
    while len(kept) >= 2:
        size = -(-len(kept) // n)
        chunks = [kept[at : at + size] for at in range(0, len(kept), size)]
        rests = [[*kept[: at * size], *kept[(at + 1) * size :]] for at in range(len(chunks))]
        if subset := next(filter(test, chunks), None):
            kept, n = subset, 2
        elif rest := next(filter(test, rests), None):
            kept, n = rest, max(n - 1, 2)
        elif n < len(kept):
            n = min(len(kept), 2 * n)
        else:
            break
    return kept


def _measure_making(log: EventLog, folder: Path, report: Report) -> None:
    """Make a log of all events, as at the end of a search that found nothing to drop."""
    kept = range(1, EVENTS + 1)

    def make() -> None:
        with SqliteLog.making(folder / "new.laban") as made:
            made.append(*moved(Past.of(log, kept), kept))

    report.rate("making the new log", EVENTS / core_seconds(make), 5_000)
